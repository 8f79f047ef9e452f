"""What handlers work with: the venue behind the counter, and who stands in front of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from openbourse.accounts.records import User
from openbourse.core.commands import MarketSpec
from openbourse.venue.front import Front
from openbourse.venue.funds import Funds
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.venue.trading import Trading
from openbourse.wire.coinex.cache import Cache
from openbourse.wire.coinex.errors import unknown_market
from openbourse.wire.coinex.settings import CoinexSettings


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True)
class Desk:
    """The parts of a venue that this protocol uses. `monotonic` (ms) drives the limits of addresses."""

    venue: Front
    settings: CoinexSettings = field(default_factory=CoinexSettings)
    monotonic: Callable[[], int] = _monotonic_ms
    cache: Cache = field(default_factory=Cache)

    @property
    def trading(self) -> Trading:
        return self.venue.trading

    @property
    def funds(self) -> Funds:
        return self.venue.funds

    @property
    def sub_accounts(self) -> SubAccounts:
        return self.venue.sub_accounts

    def market(self, name: str) -> MarketSpec:
        """The rules of a market; raises 3639 in the words that clients look for."""
        spec = self.venue.directory.market_spec(name)
        if spec is None:
            raise unknown_market(name)
        return spec


class Call(Struct, frozen=True):
    """One request on its way to a handler. `user` is the account that signed it, None on public ones."""

    desk: Desk
    caller: User | None = None

    @property
    def user(self) -> int:
        return self.signer.id

    @property
    def signer(self) -> User:
        assert self.caller is not None, "a public endpoint has no user"
        return self.caller
