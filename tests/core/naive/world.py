"""What the naive exchange knows: users, markets, orders, stops, money. Plain data, searched linearly.

Withdrawals and deposits are never forgotten here, whatever became of them.
"""

from dataclasses import dataclass, field
from typing import Literal

from openbourse.core.commands import AnyCommand, MarketSpec, MarketStatus, OrderRequest, Side, UserStatus
from openbourse.core.events import (
    AnyEvent,
    DepositState,
    Filled,
    OrderState,
    OrderStatus,
    Rates,
    RefusalReason,
    StopState,
    WithdrawalState,
)
from openbourse.core.units import UNIT

SystemAccount = Literal["custody", "fees", "adjustments"]


class Refusal(Exception):  # noqa: N818 - the word of the core and its events
    """The command is refused; raised before anything was changed."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason: RefusalReason = reason


@dataclass
class User:
    status: UserStatus = "active"
    maker_rate: int | None = None
    taker_rate: int | None = None
    fee_discount: bool = False


@dataclass
class Market:
    spec: MarketSpec
    status: MarketStatus
    last: int = 0

    @property
    def base_step(self) -> int:
        return int(UNIT // 10**self.spec.base_precision)

    @property
    def price_step(self) -> int:
        return int(UNIT // 10**self.spec.quote_precision)


@dataclass
class Order:
    """`place` orders the queue of a price; `held` is the money frozen for this order."""

    order_id: int
    request: OrderRequest
    amount: int
    price: int
    remaining: int
    maker_rate: int
    taker_rate: int
    created_at: int
    updated_at: int
    filled_quantity: int = 0
    filled_notional: int = 0
    base_fee: int = 0
    quote_fee: int = 0
    token_fee: int = 0
    last_quantity: int = 0
    last_price: int = 0
    status: OrderStatus = "open"
    place: int = 0
    held: int = 0

    @property
    def buys(self) -> bool:
        return self.request.side == "buy"

    def state(self) -> OrderState:
        return OrderState(
            order_id=self.order_id,
            request=self.request,
            amount=self.amount,
            price=self.price,
            remaining=self.remaining,
            filled=Filled(
                quantity=self.filled_quantity,
                notional=self.filled_notional,
                base_fee=self.base_fee,
                quote_fee=self.quote_fee,
                token_fee=self.token_fee,
                last_quantity=self.last_quantity,
                last_price=self.last_price,
            ),
            rates=Rates(self.maker_rate, self.taker_rate),
            status=self.status,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


@dataclass
class Balance:
    available: int = 0
    frozen: int = 0


@dataclass
class World:
    users: dict[int, User] = field(default_factory=dict)
    markets: dict[str, Market] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    stops: dict[int, StopState] = field(default_factory=dict)
    withdrawals: dict[int, WithdrawalState] = field(default_factory=dict)
    deposits: dict[str, DepositState] = field(default_factory=dict)
    withdrawals_enabled: bool = True
    balances: dict[tuple[int, str, str], Balance] = field(default_factory=dict)
    system: dict[tuple[SystemAccount, str], int] = field(default_factory=dict)
    used_keys: dict[tuple[type, str], tuple[AnyCommand, int]] = field(default_factory=dict)
    fee_token: str = ""
    fee_token_discount: int = 0
    now: int = 0
    last_id: int = 0
    last_place: int = 0
    events: list[AnyEvent] = field(default_factory=list)

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def balance(self, user: int, wallet: str, asset: str) -> Balance:
        return self.balances.setdefault((user, wallet, asset), Balance())

    def book(self, market: str, side: Side) -> list[Order]:
        """The resting orders of one side, best price first, then in the order of their queue."""
        resting = [o for o in self.orders.values() if o.request.market == market and o.request.side == side]
        sign = -1 if side == "buy" else 1
        return sorted(resting, key=lambda order: (sign * order.price, order.place))

    def levels(self, market: str, side: Side) -> list[tuple[int, int]]:
        """Best first: price and visible quantity; a level of hidden orders only is not seen."""
        visible: dict[int, int] = {}
        for order in self.book(market, side):
            if not order.request.hidden:
                visible[order.price] = visible.get(order.price, 0) + order.remaining
        return list(visible.items())

    def credit_system(self, account: SystemAccount, asset: str, amount: int) -> None:
        self.system[account, asset] = self.system.get((account, asset), 0) + amount

    def imbalances(self) -> list[str]:
        """Double entry: what users and system accounts have sums to zero in every asset."""
        totals: dict[str, int] = {}
        for (_, _, asset), balance in self.balances.items():
            assert min(balance.available, balance.frozen) >= 0
            totals[asset] = totals.get(asset, 0) + balance.available + balance.frozen
        for (_, asset), amount in self.system.items():
            totals[asset] = totals.get(asset, 0) + amount
        return [asset for asset, total in totals.items() if total != 0]


def opposite(side: Side) -> Side:
    return "sell" if side == "buy" else "buy"
