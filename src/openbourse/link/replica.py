"""The replica: what a gateway has at hand of a venue, as of the newest message from the engine.

A snapshot is gathered beside what is there, which is shown until the new one is complete.
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
from openbourse.market_data.market_data import MarketData, MarketState
from openbourse.venue.clock import Clock, SystemClock
from openbourse.venue.front import Follows
from openbourse.venue.listing import Kind
from openbourse.wallet.catalogue import AssetSpec


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An applied command as far as this gateway has read it; see market_data.Happened."""

    sequence: int
    time: int
    events: Sequence[AnyEvent]


class Replica:
    """Keys, directory and market data of a venue; also its clock. It is a `venue.directory.Directory`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.market_data = MarketData()
        self.calendar = RemoteCalendar()
        self.keys: dict[str, KeyRecord] = {}
        self._latest = 0
        self._states: list[MarketState] = []
        self._clear()

    def _clear(self) -> None:
        self._new_keys: dict[str, KeyRecord] | None = {}
        self._markets: dict[str, MarketChanged] = {}
        self._withdrawals = False
        self._assets: dict[str, AssetSpec] = {}
        self._chains: frozenset[str] = frozenset()
        self._number_of: dict[Kind, dict[str, int]] = {"market": {}, "asset": {}}
        self._name_of: dict[Kind, dict[int, str]] = {"market": {}, "asset": {}}

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
        self._states = []
        self._clear()

    def take(self, message: Keys | Assets | Numbers | Plans | Standing | Market | IndexReport) -> None:
        """A part of the snapshot, or a change after it."""
        match message:
            case Keys():
                keys = self.keys if self._new_keys is None else self._new_keys
                for key in message.keys:
                    if key.revoked:
                        keys.pop(key.key_id, None)
                    else:
                        keys[key.key_id] = key
            case Assets():
                self._assets |= {spec.name: spec for spec in message.assets}
                self._chains = frozenset(message.chains)
            case Numbers():
                for kind, name, number in message.numbers:
                    self._number_of[kind][name] = number
                    self._name_of[kind][number] = name
            case Plans():
                self.calendar.take(message.plans, tell=self._new_keys is None)
            case Standing():
                self._markets = {each.market.name: each for each in message.markets}
                self._withdrawals = message.withdrawals_enabled
            case Market():
                self._states.append(message.market)
            case IndexReport():
                self.market_data.indices.report(
                    message.market, message.source, message.price, message.time, message.weight
                )

    def complete(self, message: Complete) -> None:
        """The snapshot is there: show it."""
        self.told_time(message.time)
        self.market_data.begin(message.sequence, message.time, self._states)
        self._states = []
        if self._new_keys is not None:
            self.keys, self._new_keys = self._new_keys, None

    # -- what happens --------------------------------------------------------------------------------

    def follow(self, batch: list[Happened], follows: Follows) -> list[Seen]:
        """Take in commands that were applied; of what concerns single users only what somebody follows."""
        seen: list[Seen] = []
        followed = {user for user in {user for each in batch for user in each.private} if follows(user)}
        for each in batch:
            events: list[AnyEvent] = [*each.public]
            for event in each.public:
                if type(event) is MarketChanged:
                    self._markets[event.market.name] = event
                elif type(event) is WithdrawalsSwitched:
                    self._withdrawals = event.enabled
            for user, private in each.private.items():
                if user in followed:
                    events += private_events.decode(private)
            applied = Seen(each.sequence, each.time, events)
            self.market_data.apply(applied)
            seen.append(applied)
        if seen:
            self.told_time(seen[-1].time)
        return seen

    # -- the directory -------------------------------------------------------------------------------

    def market_names(self) -> list[str]:
        """See Directory, as for all below."""
        return list(self._markets)

    def market_spec(self, name: str) -> MarketSpec | None:
        found = self._markets.get(name)
        return None if found is None else found.market

    def market_status(self, name: str) -> MarketStatus:
        return self._markets[name].status

    @property
    def withdrawals_enabled(self) -> bool:
        return self._withdrawals

    def asset(self, name: str) -> AssetSpec | None:
        return self._assets.get(name)

    def assets(self) -> list[AssetSpec]:
        return [self._assets[name] for name in sorted(self._assets)]

    def is_connected(self, chain: str) -> bool:
        return chain in self._chains

    def number(self, kind: Kind, name: str) -> int | None:
        return self._number_of[kind].get(name)

    def numbered(self, kind: Kind, number: int) -> str | None:
        return self._name_of[kind].get(number)
