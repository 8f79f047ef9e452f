"""Living through days of the simulated markets and writing down what a patient observer would."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.queue_judge import QueueJudge
from openbourse.core.commands import AnyCommand, MarketSpec, OrderRequest, PlaceOrder, Side
from openbourse.core.events import Applied, Trade
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox.catalogue import ANCHORS, NUMERAIRE
from openbourse.sandbox.house import House
from openbourse.sandbox.past import STEP_SECONDS, live_through
from openbourse.sandbox.setup import ensure_user, set_up_markets
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue

LEVELS = 15
START = 1_795_000_000_000
_HORIZON = 5  # so many minutes after a crossing its price is judged


@dataclass
class Crossing:
    """What one crossing of the spread cost, in basis points of the middle price."""

    half_spread: float
    fee: float
    paid: float  # the price, against the middle one some minutes later, and the fee


@dataclass
class MarketDiary:
    """One market, minute by minute: middle prices, spreads in basis points, value resting on each level."""

    market: MarketSpec
    middles: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)
    depths: list[list[float]] = field(default_factory=list)
    volumes: list[float] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    gaps: int = 0  # minutes in which a side was empty


@dataclass
class Watched:
    diaries: list[MarketDiary]
    judge: QueueJudge


async def watch(markets: Sequence[MarketSpec], days: float, seed: int, directory: Path) -> Watched:
    """Live through so many days of the clock, with a crosser among the traders of every market."""
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        clock = VirtualClock(START, 0)
        venue = Venue.open(VenueOptions(Path(folder) / "venue", "sandbox"), clock)
        await venue.start()
        try:
            return await _watch(venue, clock, markets, round(days * 86_400), seed)
        finally:
            await venue.stop()


async def _watch(
    venue: Venue, clock: VirtualClock, markets: Sequence[MarketSpec], seconds: int, seed: int
) -> Watched:
    judge = QueueJudge()
    venue.listen(judge.applied)
    await set_up_markets(venue)
    house = House(venue, seed, clock.sleep, markets=markets)
    diaries = [MarketDiary(market) for market in markets]
    crossers = [await _Crosser.enter(venue, diary, seed) for diary in diaries]
    volumes = _Volumes(venue)
    for _ in range(seconds // STEP_SECONDS):
        await live_through(venue, clock, house, STEP_SECONDS, LEVELS)
        for diary, crosser in zip(diaries, crossers, strict=True):
            _write_down(venue, diary)
            diary.volumes.append(volumes.take(diary.market.name))
            await crosser.cross()
    for crosser in crossers:
        crosser.settle()
    return Watched(diaries, judge)


def _write_down(venue: Venue, diary: MarketDiary) -> None:
    name = diary.market.name
    bids, asks = (venue.exchange.levels(name, side, LEVELS) for side in ("buy", "sell"))
    if not bids or not asks:
        diary.gaps += 1
        diary.middles.append(diary.middles[-1] if diary.middles else venue.exchange.last_price(name) / UNIT)
        return
    middle = (bids[0][0] + asks[0][0]) / 2
    diary.middles.append(middle / UNIT)
    diary.spreads.append((asks[0][0] - bids[0][0]) / middle * 10_000)
    worth = ANCHORS.get(diary.market.quote, UNIT) / UNIT if diary.market.quote != NUMERAIRE else 1.0
    diary.depths.append(
        [
            (bid[0] * bid[1] + ask[0] * ask[1]) / 2 / MONEY_UNIT * worth
            for bid, ask in zip(bids, asks, strict=False)
        ]
    )


class _Volumes:
    """What was traded in each market since somebody asked last, in the quote asset."""

    def __init__(self, venue: Venue) -> None:
        self._sums: dict[str, float] = {}
        venue.listen(self._applied)

    def take(self, market: str) -> float:
        return self._sums.pop(market, 0.0)

    def _applied(self, batch: list[Applied]) -> None:
        for applied in batch:
            for event in applied.events:
                if isinstance(event, Trade):
                    value = event.price * event.quantity / MONEY_UNIT
                    self._sums[event.market] = self._sums.get(event.market, 0.0) + value


class _Crosser:
    """Every minute it tosses a coin, and buys or sells a little at the best price, with fees."""

    def __init__(self, venue: Venue, user: int, diary: MarketDiary, rng: Random) -> None:
        self._venue = venue
        self._user = user
        self._diary = diary
        self._rng = rng
        self._made: list[tuple[int, int, float, float, float]] = []

    @classmethod
    async def enter(cls, venue: Venue, diary: MarketDiary, seed: int) -> "_Crosser":
        market = diary.market
        funds = dict.fromkeys((market.base, market.quote), 10**9 * MONEY_UNIT)
        user = await ensure_user(venue, f"crosser-{market.name}", funds)
        return cls(venue, user.id, diary, Random(f"{seed}/crosser/{market.name}"))

    async def cross(self) -> None:
        market, exchange = self._diary.market, self._venue.exchange
        side: Side = "buy" if self._rng.getrandbits(1) else "sell"
        bids, asks = exchange.levels(market.name, "buy", 1), exchange.levels(market.name, "sell", 1)
        if not bids or not asks:
            return
        best = asks[0] if side == "buy" else bids[0]
        # Worth a hundred of the numeraire, or what is there.
        wanted = 100 * UNIT * UNIT // ANCHORS[market.base] // 10**4 * 10**4
        quantity = max(market.min_amount, min(best[1], wanted))
        order = OrderRequest(self._user, "spot", market.name, side, "ioc", quantity, best[0])
        commands: list[AnyCommand] = [PlaceOrder(self._venue.now(), order)]
        [events] = await self._venue.submit_all(commands)
        middle = (bids[0][0] + asks[0][0]) / 2
        sign = 1 if side == "buy" else -1
        for event in events:
            if isinstance(event, Trade):
                fee = market.taker_rate / UNIT * 10_000
                half = (asks[0][0] - bids[0][0]) / 2 / middle * 10_000
                self._made.append((len(self._diary.middles) - 1, sign, event.price / UNIT, half, fee))

    def settle(self) -> None:
        """Judge every crossing by the middle price some minutes after it."""
        middles = self._diary.middles
        for minute, sign, price, half, fee in self._made:
            if minute + _HORIZON < len(middles):
                later = middles[minute + _HORIZON]
                paid = sign * (price - later) / later * 10_000 + fee
                self._diary.crossings.append(Crossing(half, fee, paid))
