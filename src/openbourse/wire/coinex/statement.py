"""The statement of the spot account (reference/coinex/account-assets.md B8).

The six documented types mean what the documentation says. Two movements have no word there: transfers
between accounts and corrections by the operator. They are served under `transfer` and `adjustment`, so
that all types together show every change: for one asset, balance(n) = balance(n-1) + change(n).
"""

from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

from openbourse.core.events import BalanceCause
from openbourse.history.statement import StatementEntry, statement
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.numbers import money
from openbourse.wire.coinex.params import Milliseconds, Name, Paged
from openbourse.wire.coinex.sub_accounts import MAX_PAGE

EntryType = Literal[
    "deposit",
    "withdraw",
    "trade",
    "maker_cash_back",
    "investment_interest",
    "exchange_order_transfer",
    "transfer",
    "adjustment",
]

# Rebates to makers, savings and swaps do not exist here: nothing of their types ever happens.
CAUSES: Final[MappingProxyType[EntryType, tuple[BalanceCause, ...]]] = MappingProxyType(
    {
        "deposit": ("deposit",),
        "withdraw": ("withdrawal",),
        "trade": ("trade", "fee"),
        "maker_cash_back": (),
        "investment_interest": (),
        "exchange_order_transfer": (),
        "transfer": ("transfer",),
        "adjustment": ("adjustment",),
    }
)


class StatementParams(Paged, kw_only=True, frozen=True):
    """One type of entries; times in ms, inclusive."""

    type: EntryType
    ccy: Name | None = None
    start_time: Milliseconds | None = None
    end_time: Milliseconds | None = None


class Entry(Struct, kw_only=True):
    """One change; `balance` is what the account had of the asset after it, frozen or not."""

    created_at: int
    ccy: str
    type: str
    change: str
    balance: str


async def entries(call: Call, params: StatementParams) -> bytes:
    """Newest first. As on the real server there is no total."""
    causes = CAUSES[params.type]
    if not causes:
        return envelope.page([], has_next=False)
    page = await call.desk.venue.ask(
        partial(
            statement,
            user=call.user,
            wallet="spot",
            causes=causes,
            asset=params.ccy or "",
            start=params.start_time,
            end=params.end_time,
            page=params.page,
            limit=min(params.limit, MAX_PAGE),
        )
    )
    return envelope.page([_shown(row, params.type) for row in page.rows], has_next=page.has_next)


def _shown(row: StatementEntry, kind: str) -> Entry:
    return Entry(
        created_at=row.time,
        ccy=row.asset,
        type=kind,
        change=money(row.change),
        balance=money(row.balance),
    )


ENDPOINTS: list[AnyEndpoint] = [
    # Clients know the misspelt path only.
    Endpoint("GET", path, StatementParams, Entry, entries, "read", "page")
    for path in ("/assets/spot/transcation-history", "/assets/spot/transaction-history")
]
