"""What CoinW answers, as types (reference/coinw/legacy.md §5 to §9). Amounts are Decimals, times Unix ms."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

Side = Literal["buy", "sell"]


class Currency(Struct, frozen=True, rename="camel"):
    """A currency; `id` is its number in withdrawals. The two switches are "1" or "0"."""

    short_name: str
    last_update_time: int
    name: str
    id: int
    with_draw: str
    recharge: str
    max_qty: Decimal
    min_qty: Decimal
    tx_fee: Decimal

    @property
    def withdraw_enabled(self) -> bool:
        """May it be withdrawn?"""
        return self.with_draw == "1"

    @property
    def deposit_enabled(self) -> bool:
        """May it be deposited?"""
        return self.recharge == "1"


class Symbol(
    Struct,
    frozen=True,
    rename={
        "base": "base-currency",
        "quote": "quote-currency",
        "last_update_time": "lastUpdateTime",
        "latest_deal_price": "latestDealPrice",
        "lowest_price": "lowestPrice",
        "highest_price": "highestPrice",
        "total": "24Total",
        "status": "fStatus",
    },
):
    """A pair with its last 24 hours; `symbol` is its number, `total` the volume in base."""

    symbol: int
    base: str
    quote: str
    last_update_time: int
    latest_deal_price: Decimal
    lowest_price: Decimal
    highest_price: Decimal
    total: Decimal
    status: str

    @property
    def tradable(self) -> bool:
        """Can it be traded now?"""
        return self.status == "1"


class Numbers(Struct, frozen=True):
    """The numbers of currencies by code, and of pairs by name (`BTC/USDT`): they count separately."""

    currencies: dict[str, int]
    pairs: dict[str, int]


class Level(Struct, frozen=True):
    """A price level; `id` is its rank from 1."""

    id: int
    price: Decimal
    amount: Decimal


class Depth(Struct, frozen=True):
    """Both sides of a book, best first, at most ten levels each."""

    bids: list[Level]
    asks: list[Level]


class Candle(Struct, frozen=True, array_like=True):
    """One candle; `time` is its start, `volume` in base."""

    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class Market(Struct, frozen=True):
    """The last 24 hours of a pair, and its best prices; 0 where there is none."""

    last: Decimal
    high: Decimal
    low: Decimal
    vol: Decimal
    buy: Decimal
    sell: Decimal


class Trade(Struct, frozen=True):
    """A trade; `time` is a time of day (UTC+8), `en_type` the taker's side: bid or ask."""

    amount: Decimal
    price: Decimal
    id: int
    time: str
    en_type: str
    type: str


class Entrust(Struct, frozen=True, kw_only=True, rename={"created_at": "createTime"}):
    """An order: `prize` is its price, `count` its quantity, `amount` the product of the two.

    `type` is 0 for buy, 1 for sell; `status` 1 open, 2 filled in part, 3 filled, 4 cancelled. Lists of filled
    orders have neither `id` nor `created_at`, a single order has no `created_at`.
    """

    prize: Decimal
    count: Decimal
    success_count: Decimal
    amount: Decimal
    success_amount: Decimal
    type: int
    type_s: str
    status: int
    status_s: str
    created_at: int | None = None
    id: int | None = None

    @property
    def side(self) -> Side:
        """The type as a word."""
        return "sell" if self.type else "buy"


class Balances(Struct, frozen=True):
    """All balances by currency: what is free, and what orders and withdrawals hold."""

    free: dict[str, Decimal]
    frozen: dict[str, Decimal]


class Withdrawal(Struct, frozen=True, kw_only=True, rename={"created_at": "createTime"}):
    """A withdrawal; `amount` is what the receiver gets.

    `status` 1 waits, 2 is under way, 3 is done, 4 came to nothing. The original may
    have no `id`.
    """

    amount: Decimal
    fees: Decimal
    withdraw_virtual_address: str
    created_at: int
    status: int
    status_s: str
    id: int | None = None
