"""Commands: the only way to change money or a book.

Every command is an immutable struct that travels through the log as one JSON array, its tag first.
`time` is the venue's clock in Unix milliseconds, stamped when the command is submitted: the core has
no clock of its own. Amounts are integers in the scales of `core.units`.
"""

from typing import Literal

import msgspec

Side = Literal["buy", "sell"]
OrderType = Literal["limit", "post_only", "ioc", "fok", "market"]
SelfTrade = Literal["allow", "cancel_taker", "cancel_maker", "cancel_both"]
MarketStatus = Literal["pre_open", "auction", "post_only", "open", "halted"]
UserStatus = Literal["active", "no_trading", "frozen"]
TransferMethod = Literal["on_chain", "inter_user"]
WithdrawalStep = Literal["approved", "rejected", "processing", "confirming", "finished", "failed", "unknown"]
DepositFinding = Literal["seen", "safe", "irreversible", "gone"]


class Command(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """Base of all commands; `time` is in Unix milliseconds."""

    time: int


class OrderRequest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a user asks for. A stop order keeps one until it is triggered.

    `amount` is a base quantity (10^-12), or, when `in_quote` is set on a market order, quote money
    (10^-24). `price` is 0 on market orders.
    """

    user: int
    wallet: str
    market: str
    side: Side
    type: OrderType
    amount: int
    price: int = 0
    in_quote: bool = False
    client_id: str = ""
    hidden: bool = False
    self_trade: SelfTrade = "allow"


class MarketSpec(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The rules of one spot market.

    `price_band` is the largest relative distance of a limit price from the last price (0 = none);
    rates and the band are in 10^-12, precisions are decimals.
    """

    name: str
    base: str
    quote: str
    base_precision: int
    quote_precision: int
    min_amount: int
    maker_rate: int
    taker_rate: int
    price_band: int = 0


# -- the venue ------------------------------------------------------------------------------------


class DefineMarket(Command, frozen=True, tag="define_market"):
    """Open a new market with this status, or change the rules of one, which keeps its status.

    Base, quote and precisions of a market never change.
    """

    market: MarketSpec
    status: MarketStatus = "open"


class SetMarketStatus(Command, frozen=True, tag="set_market_status"):
    market: str
    status: MarketStatus


class SetFeeToken(Command, frozen=True, tag="set_fee_token"):
    """Name the token in which users may pay fees, and the discount they get for it."""

    asset: str
    discount: int


class OpenUser(Command, frozen=True, tag="open_user"):
    user: int


class SetUserStatus(Command, frozen=True, tag="set_user_status"):
    user: int
    status: UserStatus


class SetFeeRates(Command, frozen=True, tag="set_fee_rates"):
    """Give a user own fee rates for orders placed from now on; None restores the market's rates."""

    user: int
    maker_rate: int | None
    taker_rate: int | None


class SetFeeDiscount(Command, frozen=True, tag="set_fee_discount"):
    """Switch paying fees in the fee token on or off for a user."""

    user: int
    enabled: bool


# -- money ----------------------------------------------------------------------------------------


class Deposit(Command, frozen=True, tag="deposit"):
    """Credit a user with money that arrived in the venue's custody. `key` makes it happen once."""

    key: str
    user: int
    asset: str
    amount: int


class Adjust(Command, frozen=True, tag="adjust"):
    """Credit (`amount` > 0) or debit (< 0) a user against the adjustments account, with a reason."""

    key: str
    user: int
    asset: str
    amount: int
    reason: str


class Transfer(Command, frozen=True, tag="transfer"):
    """Move available money between two wallets, of one user or of two."""

    key: str
    from_user: int
    from_wallet: str
    to_user: int
    to_wallet: str
    asset: str
    amount: int


class Destination(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a withdrawal goes: to an address on a chain, or to another user of the venue.

    `receiver` is 0 on chain; `address` is what the sender gave, an e-mail or a name between users.
    """

    method: TransferMethod
    chain: str
    address: str
    memo: str = ""
    receiver: int = 0


class RequestWithdrawal(Command, frozen=True, tag="request_withdrawal"):
    """Freeze `amount` plus `fee` until the withdrawal has ended.

    `amount` is what the receiver gets; the fee may be charged in another asset. The limits are those in
    force when the command was made, money of `asset`, None for no limit: above `review_above` a person
    decides; `daily_limit` bounds what the user withdraws of the asset in a day (UTC). They are judged
    here, where commands have an order, so that no two requests can use the same rest of a limit.
    """

    key: str
    user: int
    asset: str
    amount: int
    fee_asset: str
    fee: int
    destination: Destination
    remark: str = ""
    review_above: int | None = None
    daily_limit: int | None = None


class AdvanceWithdrawal(Command, frozen=True, tag="advance_withdrawal"):
    """Take a withdrawal a step further, as the wallet or the operator found or decided.

    Refused unless the step is legal (`core.withdrawals.NEXT`), so `processing` is taken by one only, and
    before anything is sent. `tx_id` is needed for the first `confirming`; `confirmations` counts for that
    and for `finished`; `note` says why, for a person.
    """

    withdrawal_id: int
    status: WithdrawalStep
    tx_id: str = ""
    confirmations: int = 0
    note: str = ""


class CancelWithdrawal(Command, frozen=True, tag="cancel_withdrawal"):
    """A user takes a withdrawal back, as long as nobody has begun to send it."""

    user: int
    withdrawal_id: int


class SetWithdrawals(Command, frozen=True, tag="set_withdrawals"):
    """Halt or resume all withdrawals: none is accepted, none that waits is sent."""

    enabled: bool


class ReportDeposit(Command, frozen=True, tag="report_deposit"):
    """What the wallet sees of one output of a transaction that pays a user.

    `chain`, `tx_id` and `output` name it for ever. `finding`: `seen` (not deep enough, or held back),
    `safe` (credit it), `irreversible` (credit it, it may leave again), `gone` (no longer on the chain).
    A safe one below `minimum` is held until the held ones of its user, chain and asset reach it together.
    """

    chain: str
    tx_id: str
    output: int
    user: int
    asset: str
    amount: int
    address: str
    memo: str
    confirmations: int
    finding: DepositFinding
    minimum: int = 0


class ResolveDeposit(Command, frozen=True, tag="resolve_deposit"):
    """A person ends a deposit that is held or an exception: credited for good, or void.

    Voiding one that was credited takes the money back, which is refused when it is not there.
    """

    deposit_id: int
    credit: bool
    note: str


# -- orders ---------------------------------------------------------------------------------------


class PlaceOrder(Command, frozen=True, tag="place_order"):
    order: OrderRequest


class ModifyOrder(Command, frozen=True, tag="modify_order"):
    """Change amount (the new total) or price of a resting order; None leaves a value as it is."""

    user: int
    wallet: str
    market: str
    order_id: int
    amount: int | None
    price: int | None


class CancelOrder(Command, frozen=True, tag="cancel_order"):
    """Cancel one order; an empty `wallet` finds it in any wallet, an empty `market` in any market."""

    user: int
    wallet: str
    market: str
    order_id: int


class CancelOrders(Command, frozen=True, tag="cancel_orders"):
    """Cancel a user's orders that match every given filter; an empty filter matches all."""

    user: int
    wallet: str
    market: str
    side: Literal["", "buy", "sell"] = ""
    client_id: str = ""


class PlaceStop(Command, frozen=True, tag="place_stop"):
    """Place `order` when the last price reaches `trigger_price`. Nothing is frozen until then."""

    order: OrderRequest
    trigger_price: int


class ModifyStop(Command, frozen=True, tag="modify_stop"):
    """Replace a waiting stop order by a changed one with a new id; None leaves a value as it is."""

    user: int
    wallet: str
    market: str
    stop_id: int
    amount: int | None
    price: int | None
    trigger_price: int | None


class CancelStop(Command, frozen=True, tag="cancel_stop"):
    user: int
    wallet: str
    market: str
    stop_id: int


class CancelStops(Command, frozen=True, tag="cancel_stops"):
    """Cancel a user's waiting stop orders that match every given filter; empty matches all."""

    user: int
    wallet: str
    market: str
    side: Literal["", "buy", "sell"] = ""
    client_id: str = ""


AnyCommand = (
    PlaceOrder
    | CancelOrder
    | ModifyOrder
    | CancelOrders
    | PlaceStop
    | ModifyStop
    | CancelStop
    | CancelStops
    | Deposit
    | Adjust
    | Transfer
    | RequestWithdrawal
    | AdvanceWithdrawal
    | CancelWithdrawal
    | SetWithdrawals
    | ReportDeposit
    | ResolveDeposit
    | DefineMarket
    | SetMarketStatus
    | SetFeeToken
    | OpenUser
    | SetUserStatus
    | SetFeeRates
    | SetFeeDiscount
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[AnyCommand])


def encode_commands(commands: list[AnyCommand]) -> bytes:
    """The bytes of a batch, as the log keeps them. JSON, because its integers have no upper bound."""
    return _encoder.encode(commands)


def decode_commands(data: bytes) -> list[AnyCommand]:
    """The reverse of `encode_commands`; raises `msgspec.ValidationError` on anything else."""
    return _decoder.decode(data)
