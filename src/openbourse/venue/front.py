"""The front: all that protocols see of a venue, whether it runs in this process or in another.

What they need for every request (keys, markets, market data) is at hand and never waits. What depends on the
state of accounts and books is asked of a desk, and awaited: the venue may run in another process.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from openbourse.accounts.accounts import KeyListener
from openbourse.accounts.records import KeyRecord
from openbourse.market_data.market_data import Happened, MarketData
from openbourse.venue.directory import Directory, VenueDirectory
from openbourse.venue.funds import Funds
from openbourse.venue.holdings import Holdings
from openbourse.venue.liabilities import Liabilities
from openbourse.venue.listing import Kind
from openbourse.venue.maintenance import Calendar
from openbourse.venue.quotas import Quotas
from openbourse.venue.readiness import unready
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.venue.trading import Trading
from openbourse.venue.venue import Venue

T = TypeVar("T")
Follows = Callable[[int], bool]


class Front(Protocol):
    """A venue as protocols see it. All calls belong to the event loop's thread.

    Whatever is awaited may raise Busy (nothing was done), VenueStopped, or its kind OutcomeUnknown.
    """

    @property
    def market_data(self) -> MarketData:
        """Depth, tape and tickers, to be read only."""

    @property
    def directory(self) -> Directory: ...

    @property
    def trading(self) -> Trading: ...

    @property
    def funds(self) -> Funds: ...

    @property
    def sub_accounts(self) -> SubAccounts: ...

    @property
    def holdings(self) -> Holdings: ...

    @property
    def liabilities(self) -> Liabilities: ...

    @property
    def quotas(self) -> Quotas: ...

    @property
    def maintenance(self) -> Calendar: ...

    def now(self) -> int:
        """The venue's time in Unix ms."""

    def present(self) -> int:
        """What other clocks show (Unix ms): compare the time stamps of others with it."""

    def find_key(self, key_id: str) -> KeyRecord | None:
        """The living key with that public text; it may be expired, and its owner frozen."""

    def on_key_change(self, listener: KeyListener) -> None:
        """See Accounts.on_key_change: the listener may be called in any thread."""

    def listen(self, listener: Callable[[Sequence[Happened]], None], follows: Follows) -> None:
        """Call `listener` with every applied batch, before the submitters get their answers.

        The orders, stop orders and balances of users that it does not follow may be missing in it.
        """

    def on_gap(self, listener: Callable[[], None]) -> None:
        """Call `listener` when some batches will never be seen: who follows them has to begin anew."""

    async def ask(self, query: Callable[[Connection], T]) -> T:
        """The answer of a history query that sees everything applied so far.

        The query is a partial application of one of the functions of `history`. Raises
        HistoryUnavailableError.
        """

    async def give_number(self, kind: Kind, name: str, preferred: int) -> int:
        """The listing number of a market or an asset; it is given one now if it has none."""

    @property
    def in_touch(self) -> bool:
        """Is what is at hand that of now? If not, protocols say that they are busy."""

    def trouble(self) -> str:
        """Why no orders can be taken now, "" when all is well."""


class VenueFront:
    """The front of a venue in this process. See Front."""

    def __init__(self, venue: Venue, quotas: Quotas | None = None) -> None:
        self._venue = venue
        self.directory: Directory = VenueDirectory(venue)
        self.trading = Trading(venue)
        self.funds = Funds(venue)
        self.sub_accounts = SubAccounts(venue)
        self.holdings = Holdings(venue)
        self.liabilities = venue.liabilities
        self.maintenance: Calendar = venue.maintenance
        self.quotas = quotas or Quotas()
        self.now = venue.now
        self.present = venue.present
        self.find_key = venue.accounts.find_key
        self.on_key_change = venue.accounts.on_key_change

    @property
    def market_data(self) -> MarketData:
        return self._venue.market_data

    def listen(self, listener: Callable[[Sequence[Happened]], None], follows: Follows) -> None:
        del follows  # in one process everything is at hand
        self._venue.listen(listener)

    async def ask(self, query: Callable[[Connection], T]) -> T:
        return await self._venue.ask(query)

    @property
    def in_touch(self) -> bool:
        return True

    def on_gap(self, listener: Callable[[], None]) -> None:
        """In one process there are none."""

    async def give_number(self, kind: Kind, name: str, preferred: int) -> int:
        return self._venue.listing.number(kind, name, preferred)

    def trouble(self) -> str:
        return unready(self._venue)
