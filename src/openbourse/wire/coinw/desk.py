"""What actions work with: the venue behind the counter, and who stands in front of it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from openbourse.accounts.records import User
from openbourse.core.commands import MarketSpec
from openbourse.venue.front import Front
from openbourse.venue.funds import Funds
from openbourse.venue.trading import Trading
from openbourse.wallet.catalogue import AssetSpec
from openbourse.wire.coinw.envelope import Answer
from openbourse.wire.coinw.errors import Access
from openbourse.wire.coinw.identifiers import Identifiers
from openbourse.wire.coinw.parameters import Parameters
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.coinw.values import required


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True)
class Desk:
    """The parts of a venue that this protocol uses. `monotonic` (ms) drives the limits of addresses."""

    venue: Front
    settings: CoinwSettings = field(default_factory=CoinwSettings)
    monotonic: Callable[[], int] = _monotonic_ms

    @property
    def trading(self) -> Trading:
        return self.venue.trading

    @property
    def funds(self) -> Funds:
        return self.venue.funds

    @cached_property
    def identifiers(self) -> Identifiers:
        return Identifiers(self.venue)


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to its action. `caller` is the account that signed it, None on public ones."""

    desk: Desk
    parameters: Parameters
    caller: User | None = None

    @property
    def user(self) -> int:
        assert self.caller is not None, "a public action has no user"
        return self.caller.id

    async def pair(self) -> MarketSpec:
        """The pair that `symbol` names; raises 10003."""
        return await self.desk.identifiers.pair(required(self.parameters, "symbol"))

    async def currency(self) -> AssetSpec:
        """The currency that `symbol` names; raises 10003."""
        return await self.desk.identifiers.currency(required(self.parameters, "symbol"))


class Action(NamedTuple):
    """One action: who may call it, the text of its answer, and what it does."""

    name: str
    access: Access
    message: str
    carry_out: Callable[[Call], Awaitable[Answer]]
