"""The replica: what a gateway has at hand of a venue, as of the newest message from the engine.

A snapshot is gathered beside what is there, which is shown until the new one is complete. Only maintenance
and index prices are shown as soon as they are told.
"""

from collections.abc import Sequence

import msgspec

from openbourse.accounts.records import KeyRecord
from openbourse.core.commands import MarketSpec, MarketStatus
from openbourse.core.events import AnyEvent, MarketChanged, WithdrawalsSwitched
from openbourse.link.calendar import RemoteCalendar
from openbourse.link.messages import (
    Assets,
    Complete,
    Happened,
    IndexReport,
    Keys,
    Market,
    Numbers,
    Plans,
    Standing,
    private_events,
)
from openbourse.market_data.market_data import MarketData
from openbourse.venue.clock import Clock, SystemClock
from openbourse.venue.front import Follows
from openbourse.venue.listing import Kind
from openbourse.wallet.catalogue import AssetSpec


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An applied command as far as this gateway has read it; see market_data.Happened."""

    sequence: int
    time: int
    events: Sequence[AnyEvent]


class _Contents:
    """What a snapshot and the stream after it say."""

    def __init__(self) -> None:
        self.keys: dict[str, KeyRecord] = {}
        self.markets: dict[str, MarketChanged] = {}
        self.market_data = MarketData()
        self.withdrawals_enabled = False
        self.assets: dict[str, AssetSpec] = {}
        self.chains: frozenset[str] = frozenset()
        self.number_of: dict[Kind, dict[str, int]] = {"market": {}, "asset": {}}
        self.name_of: dict[Kind, dict[int, str]] = {"market": {}, "asset": {}}


class Replica:
    """Keys, directory and market data of a venue; also its clock. It is a `venue.directory.Directory`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._shown = self._told = _Contents()
        self.market_data = self._shown.market_data  # the same one always: others keep it
        self.calendar = RemoteCalendar()
        self._latest = 0

    # -- time ----------------------------------------------------------------------------------------

    def now(self) -> int:
        """Unix ms: that of the clock, but never before what the engine has said."""
        self._latest = max(self._latest, self._clock.now())
        return self._latest

    def present(self) -> int:
        """See Front.present."""
        return self._clock.now()

    def told_time(self, latest: int) -> None:
        """The engine's clock was there already."""
        self._latest = max(self._latest, latest)

    # -- the snapshot --------------------------------------------------------------------------------

    def begin(self) -> None:
        """A new snapshot comes."""
        self._told = _Contents()

    def take(self, message: Keys | Assets | Numbers | Plans | Standing | Market | IndexReport) -> None:
        """A part of the snapshot, or a change after it."""
        told = self._told
        match message:
            case Keys():
                for key in message.keys:
                    if key.revoked:
                        told.keys.pop(key.key_id, None)
                    else:
                        told.keys[key.key_id] = key
            case Assets():
                told.assets |= {spec.name: spec for spec in message.assets}
                told.chains = frozenset(message.chains)
            case Numbers():
                for kind, name, number in message.numbers:
                    told.number_of[kind][name] = number
                    told.name_of[kind][number] = name
            case Plans():
                self.calendar.take(message.plans, tell=told is self._shown)
            case Standing():
                told.markets = {each.market.name: each for each in message.markets}
                told.withdrawals_enabled = message.withdrawals_enabled
                told.market_data.begin(message.sequence, message.time, told.markets)
            case Market():
                told.market_data.restate(message.market)
            case IndexReport():
                self.market_data.indices.report(
                    message.market, message.source, message.price, message.time, message.weight
                )

    def complete(self, message: Complete) -> None:
        """The snapshot is there: show it. ValueError when something has been lost on the way."""
        told = self._told
        if told.market_data.sequence != message.sequence:
            raise ValueError(f"a snapshot of {message.sequence} has come to {told.market_data.sequence}")
        self.told_time(message.time)
        self.market_data.become(told.market_data)
        told.market_data = self.market_data
        self._shown = told

    # -- what happens --------------------------------------------------------------------------------

    def follow(self, batch: list[Happened], follows: Follows) -> list[Seen]:
        """Take in commands that were applied; of what concerns single users only what somebody follows."""
        told = self._told
        seen: list[Seen] = []
        followed = {user for user in {user for each in batch for user in each.private} if follows(user)}
        for each in batch:
            events: list[AnyEvent] = [*each.public]
            for event in each.public:
                if type(event) is MarketChanged:
                    told.markets[event.market.name] = event
                elif type(event) is WithdrawalsSwitched:
                    told.withdrawals_enabled = event.enabled
            if followed:
                for user, private in each.private.items():
                    if user in followed:
                        events += private_events.decode(private)
            seen.append(Seen(each.sequence, each.time, events))
        told.market_data.apply(seen)
        if seen:
            self.told_time(seen[-1].time)
        return seen

    # -- what is shown -------------------------------------------------------------------------------

    @property
    def keys(self) -> dict[str, KeyRecord]:
        """All that live, by their ids."""
        return self._shown.keys

    def market_names(self) -> list[str]:
        """See Directory, as for all below."""
        return list(self._shown.markets)

    def market_spec(self, name: str) -> MarketSpec | None:
        found = self._shown.markets.get(name)
        return None if found is None else found.market

    def market_status(self, name: str) -> MarketStatus:
        return self._shown.markets[name].status

    @property
    def withdrawals_enabled(self) -> bool:
        return self._shown.withdrawals_enabled

    def asset(self, name: str) -> AssetSpec | None:
        return self._shown.assets.get(name)

    def assets(self) -> list[AssetSpec]:
        return [self._shown.assets[name] for name in sorted(self._shown.assets)]

    def is_connected(self, chain: str) -> bool:
        return chain in self._shown.chains

    def number(self, kind: Kind, name: str) -> int | None:
        return self._shown.number_of[kind].get(name)

    def numbered(self, kind: Kind, number: int) -> str | None:
        return self._shown.name_of[kind].get(number)
