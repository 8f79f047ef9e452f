"""Regimes: the weather of a market, which a user can order, and its climate.

A regime acts on what the house bots do and believe; what comes of it in the book is up to all who trade.
"""

from typing import Annotated, Final, Literal, NamedTuple, get_args

import msgspec
from msgspec import Meta

from openbourse.core.commands import Side
from openbourse.sandbox.setup import require_sandbox
from openbourse.venue.operations import Operations
from openbourse.venue.venue import Venue

Regime = Literal["normal", "calm", "trend", "crash", "pump", "thin", "one_sided", "halted"]
REGIMES: Final[tuple[Regime, ...]] = get_args(Regime)

_BOTH: Final[tuple[Side, ...]] = ("buy", "sell")
_MINUTE: Final = 60_000


class RegimeError(Exception):
    """There is no such market; the text is a sentence for the user."""


class Conditions(NamedTuple):
    """How a market differs from usual, in per cent of what is usual there.

    `drift` moves the reference price by so many 10^-6 of it, spread over `drift_ms` of the venue's time.
    """

    volatility: int = 100
    depth: int = 100
    spread: int = 100
    rate: int = 100
    sides: tuple[Side, ...] = _BOTH
    drift: int = 0
    drift_ms: int = 0


CONDITIONS: Final[dict[Regime, Conditions]] = {
    "normal": Conditions(),
    "calm": Conditions(volatility=30, depth=150, spread=70, rate=50),
    "trend": Conditions(volatility=80, drift=100_000, drift_ms=24 * 60 * _MINUTE),
    "crash": Conditions(volatility=400, depth=30, spread=400, rate=300, drift=-250_000, drift_ms=_MINUTE),
    "pump": Conditions(volatility=400, depth=40, spread=300, rate=300, drift=300_000, drift_ms=_MINUTE),
    "thin": Conditions(depth=4, spread=500, rate=60),
    "one_sided": Conditions(spread=150, sides=("sell",)),
    "halted": Conditions(rate=0),
}


class Climate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a market is all year round, in per cent of the house's usual."""

    volatility: Annotated[int, Meta(ge=0, le=2_000)] = 100
    depth: Annotated[int, Meta(ge=1, le=1_000)] = 100
    spread: Annotated[int, Meta(ge=10, le=5_000)] = 100
    rate: Annotated[int, Meta(ge=0, le=1_000)] = 100


# The large markets are close and busy, the small ones wide and slow.
CLIMATES: Final[dict[str, Climate]] = {
    "BTCUSDT": Climate(spread=80, rate=120),
    "LTCUSDT": Climate(spread=150, rate=70),
    "CETUSDT": Climate(spread=300, rate=50),
    "ETHBTC": Climate(spread=120, rate=60),
    "BTCUSDC": Climate(spread=110, rate=70),
}


class Regimes:
    """The regime and the climate of every market. Raises SandboxOnlyError."""

    def __init__(self, venue: Venue) -> None:
        require_sandbox(venue)
        self._venue = venue
        self._ordered: dict[str, Regime] = {}
        self._climates: dict[str, Climate] = {}
        self._changed: set[str] = set()
        self._turned: set[str] = set()

    def markets(self) -> list[str]:
        """The names of all markets."""
        return self._venue.exchange.market_names()

    def of(self, market: str) -> Regime:
        """What was ordered last."""
        return self._ordered.get(market, "normal")

    def climate(self, market: str) -> Climate:
        return self._climates.get(market) or CLIMATES.get(market, Climate())

    async def order(self, market: str, regime: Regime) -> None:
        """From now on this. A halted market takes no orders until another regime is ordered.

        Raises RegimeError.
        """
        self._check(market)
        before = self.of(market)
        if (regime == "halted") != (before == "halted"):
            status: Literal["halted", "open"] = "halted" if regime == "halted" else "open"
            await Operations(self._venue).set_market_status(market, status)
        self._ordered[market] = regime
        self._changed.add(market)
        self._turned.add(market)

    def settle(self, market: str, climate: Climate) -> None:
        """Give a market another climate. Raises RegimeError."""
        self._check(market)
        self._climates[market] = climate
        self._changed.add(market)

    def conditions(self, market: str) -> Conditions:
        """Regime and climate together."""
        weather, climate = CONDITIONS[self.of(market)], self.climate(market)
        return weather._replace(
            volatility=weather.volatility * climate.volatility // 100,
            depth=max(1, weather.depth * climate.depth // 100),
            spread=max(1, weather.spread * climate.spread // 100),
            rate=weather.rate * climate.rate // 100,
        )

    def changed(self, market: str) -> bool:
        """Has something been ordered since this was asked last?"""
        return _taken(self._changed, market)

    def turned(self, market: str) -> bool:
        """Has a regime been ordered since this was asked last? The drift of one begins only once."""
        return _taken(self._turned, market)

    def _check(self, market: str) -> None:
        known = self.markets()
        if market not in known:
            raise RegimeError(f"there is no market {market}; there are {', '.join(known)}")


def _taken(markets: set[str], market: str) -> bool:
    there = market in markets
    markets.discard(market)
    return there
