"""Events: everything that a command changed, in order.

A refused command has exactly one event, `Refused`, and has changed nothing. The events of all others
are complete: whoever applies them in order knows the books, the balances and the orders.
The time of an event is the time of its command. Amounts are integers in the scales of `core.units`.
"""

from typing import Final, Literal

import msgspec

from openbourse.core.commands import (
    AnyCommand,
    Destination,
    MarketSpec,
    MarketStatus,
    OrderRequest,
    Side,
    UserStatus,
)

CoreReason = Literal[
    "unknown_user",
    "unknown_market",
    "unknown_order",
    "unknown_withdrawal",
    "invalid_amount",
    "invalid_price",
    "invalid_request",
    "below_minimum",
    "insufficient_balance",
    "user_barred",
    "market_closed",
    "auction_in_progress",
    "post_only_period",
    "price_out_of_band",
    "no_liquidity",
    "not_fillable",
    "would_take",
    "too_many_orders",
    "key_conflict",
    "unknown_deposit",
    "withdrawals_halted",
    "daily_limit_exceeded",
    "wrong_state",
]
# What the venue refuses by itself, before there is a command.
VenueReason = Literal[
    "unknown_asset",
    "unknown_chain",
    "unknown_receiver",
    "not_enabled",
    "address_invalid",
    "address_not_allowed",
    "memo_required",
]
RefusalReason = Literal[CoreReason, VenueReason]
OrderStatus = Literal["open", "partially_filled", "filled", "partially_cancelled", "cancelled"]
OrderChange = Literal["placed", "filled", "modified", "finished"]
StopChange = Literal["placed", "triggered", "failed", "cancelled"]
WithdrawalStatus = Literal[
    "review",
    "approved",
    "processing",
    "confirming",
    "unknown",
    "finished",
    "cancelled",
    "rejected",
    "failed",
]
DepositMethod = Literal["on_chain", "inter_user", "direct"]
DepositStatus = Literal["processing", "confirming", "finished", "too_small", "exception", "cancelled"]
BalanceCause = Literal["order", "trade", "fee", "deposit", "withdrawal", "transfer", "adjustment"]


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """Base of all events."""


class Refused(Event, frozen=True, tag="refused"):
    """The command was refused and changed nothing; `detail` is for a person."""

    reason: RefusalReason
    detail: str = ""


class Repeated(Event, frozen=True, tag="repeated"):
    """The command's key was used before, by the same request: nothing happens a second time."""

    key: str
    id: int


class Rates(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The fee rates of an order; `maker` is 0 when it cannot rest."""

    maker: int
    taker: int


class Filled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was filled of an order so far.

    `quantity` is always base, `notional` always quote money; the fees are money of the base asset, the
    quote asset and the fee token. `last_quantity` and `last_price` are of the newest fill, 0 without one.
    """

    quantity: int = 0
    notional: int = 0
    base_fee: int = 0
    quote_fee: int = 0
    token_fee: int = 0
    last_quantity: int = 0
    last_price: int = 0


NOT_FILLED: Final = Filled()


class OrderState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An order at one moment.

    `amount` and `remaining` are base quantities, or quote money when `request.in_quote`. `amount` and
    `price` differ from the request's after a modification.
    """

    order_id: int
    request: OrderRequest
    amount: int
    price: int
    remaining: int
    filled: Filled
    rates: Rates
    status: OrderStatus
    created_at: int
    updated_at: int


class OrderChanged(Event, frozen=True, tag="order"):
    """An order was placed on the book, filled in part, modified, or finished (filled, cancelled)."""

    change: OrderChange
    order: OrderState


class TradeSide(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One of the two orders of a trade; `fee` is money of `fee_asset`."""

    order_id: int
    user: int
    wallet: str
    client_id: str
    side: Side
    fee: int
    fee_asset: str


class Trade(Event, frozen=True, tag="trade"):
    """A taker met a maker. `price * quantity` is the notional."""

    trade_id: int
    market: str
    price: int
    quantity: int
    taker: TradeSide
    maker: TradeSide


class LevelChanged(Event, frozen=True, tag="level"):
    """The visible quantity at one price of a book is now `quantity`; 0 removes the level."""

    market: str
    side: Side
    price: int
    quantity: int


class BalanceChanged(Event, frozen=True, tag="balance"):
    """`available` and `frozen` are the values after the change; `change` is that of their sum.

    `reference` is the id of the order, trade, deposit, withdrawal, transfer or adjustment behind it.
    """

    user: int
    wallet: str
    asset: str
    change: int
    available: int
    frozen: int
    cause: BalanceCause
    reference: int


class StopState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A stop order. `rising` ones fire when the last price is at or above the trigger price."""

    stop_id: int
    request: OrderRequest
    trigger_price: int
    rising: bool
    maker_rate: int
    taker_rate: int
    created_at: int
    updated_at: int


class StopChanged(Event, frozen=True, tag="stop"):
    """`triggered`: its order was placed as `order_id`; `failed`: its order was refused."""

    change: StopChange
    stop: StopState
    order_id: int = 0


class Deposited(Event, frozen=True, tag="deposited"):
    deposit_id: int
    key: str
    user: int
    asset: str
    amount: int


class Adjusted(Event, frozen=True, tag="adjusted"):
    adjustment_id: int
    key: str
    user: int
    asset: str
    amount: int
    reason: str


class Transferred(Event, frozen=True, tag="transferred"):
    transfer_id: int
    key: str
    from_user: int
    from_wallet: str
    to_user: int
    to_wallet: str
    asset: str
    amount: int


class DepositState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A deposit at one moment (reference/coinex/account-assets.md, deposit states).

    `credited` is 0 or `amount`. `method` is `direct` for what the operator credited by hand, and
    `inter_user` for what another user, `sender`, sent. Credited money is not to leave the venue again
    before its deposit is `irreversible`.
    """

    deposit_id: int
    key: str
    user: int
    asset: str
    amount: int
    credited: int
    method: DepositMethod
    chain: str
    address: str
    memo: str
    tx_id: str
    output: int
    sender: int
    confirmations: int
    irreversible: bool
    status: DepositStatus
    note: str
    created_at: int
    updated_at: int


class DepositChanged(Event, frozen=True, tag="deposit"):
    """A deposit that comes from a chain or from another user is new, or has changed."""

    deposit: DepositState


class WithdrawalState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A withdrawal at one moment; `amount` is net, `note` says why it is where it is, if anybody said.

    Of the life cycle in reference/coinex/account-assets.md, `created` (waiting for an e-mail) does not
    occur here, nor does `cancellation_failed`: a cancel that comes too late is refused at once.
    `unknown`: nobody knows whether it was sent, a person must find out.
    """

    withdrawal_id: int
    key: str
    user: int
    asset: str
    amount: int
    fee_asset: str
    fee: int
    destination: Destination
    remark: str
    status: WithdrawalStatus
    tx_id: str
    confirmations: int
    note: str
    created_at: int
    updated_at: int


class WithdrawalChanged(Event, frozen=True, tag="withdrawal"):
    """A withdrawal is new, or has changed."""

    withdrawal: WithdrawalState


class WithdrawalsSwitched(Event, frozen=True, tag="withdrawals"):
    """All withdrawals were halted, or resumed."""

    enabled: bool


class MarketChanged(Event, frozen=True, tag="market"):
    market: MarketSpec
    status: MarketStatus


class UserChanged(Event, frozen=True, tag="user"):
    """Standing and fee terms of a user; rates are None where the market's apply."""

    user: int
    status: UserStatus
    maker_rate: int | None
    taker_rate: int | None
    fee_discount: bool


class FeeTokenChanged(Event, frozen=True, tag="fee_token"):
    asset: str
    discount: int


AnyEvent = (
    Refused
    | Repeated
    | OrderChanged
    | Trade
    | LevelChanged
    | BalanceChanged
    | StopChanged
    | Deposited
    | Adjusted
    | Transferred
    | DepositChanged
    | WithdrawalChanged
    | WithdrawalsSwitched
    | MarketChanged
    | UserChanged
    | FeeTokenChanged
)

_encoder = msgspec.json.Encoder()


def encode_events(events: list[AnyEvent]) -> bytes:
    """Canonical bytes of an event list: equal lists give equal bytes on every machine."""
    return _encoder.encode(events)


class Applied(msgspec.Struct, frozen=True, gc=False):
    """One command of the log with what it did: what projections and streams are fed with."""

    sequence: int
    command: AnyCommand
    events: list[AnyEvent]

    @property
    def time(self) -> int:
        """That of the command and of all its events."""
        return self.command.time
