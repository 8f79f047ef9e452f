"""Order: one order while it is live, on the book or on its way there."""

from typing import TYPE_CHECKING, Any, Final

from openbourse.core.commands import OrderRequest, OrderType, SelfTrade, Side
from openbourse.core.events import NOT_FILLED, Filled, OrderState, OrderStatus, Rates, TradeSide
from openbourse.core.ledger import Account
from openbourse.core.units import UNIT

if TYPE_CHECKING:
    from openbourse.core.book import Level
    from openbourse.core.market import Market
    from openbourse.core.user import User

# What is not compiled (docs/architecture.md) is looked up at every use, unless it has a name for good.
_FILLED: Final = Filled
_NOT_FILLED: Final = NOT_FILLED
_ORDER_REQUEST: Final = OrderRequest
_ORDER_STATE: Final = OrderState
_TRADE_SIDE: Final = TradeSide


class Fills:
    """What was filled of an order, as it grows; most orders have none. Fields as in `events.Filled`.

    `funds` is what a market order was given to spend.
    """

    def __init__(self, funds: int = 0) -> None:
        self.funds = funds
        self.quantity: int = 0
        self.notional: int = 0
        self.base_fee: int = 0
        self.quote_fee: int = 0
        self.token_fee: int = 0
        self.last_quantity: int = 0
        self.last_price: int = 0

    def add(self, quantity: int, price: int, notional: int) -> None:
        self.quantity += quantity
        self.notional += notional
        self.last_quantity = quantity
        self.last_price = price

    def state(self) -> Filled:
        return _FILLED(
            self.quantity,
            self.notional,
            self.base_fee,
            self.quote_fee,
            self.token_fee,
            self.last_quantity,
            self.last_price,
        )


class Order:
    """The mutable part of an order.

    It begins as a mere wish, against which the rules are checked; `admit` makes it an order. `pays` is
    the account of which it holds `held`. While it rests, it is a link of the queue of its `level`. There may
    be millions, so what few of them need is not here, nor what follows from the rest: the `request` is let go
    as soon as the order rests, and made again when an event shows it. `order_id` is a number that is an
    object already, which dictionaries and events share.
    """

    def __init__(
        self, request: OrderRequest, fields: tuple[Any, ...], owner: "User", market: "Market", now: int
    ) -> None:
        """`fields` are those of the request: all at once cost what two or three cost one by one."""
        side: Side = fields[3]
        kind: OrderType = fields[4]
        prevent: SelfTrade = fields[10]
        # The truth values side by side: compiled, they then share one machine word.
        self.is_buy: bool = side == "buy"
        self.can_rest: bool = kind == "limit" or kind == "post_only"
        self.post_only: bool = kind == "post_only"
        self.in_quote: bool = fields[7]
        self.hidden: bool = fields[9]
        self.cancels_taker: bool = prevent == "cancel_taker" or prevent == "cancel_both"
        self.cancels_maker: bool = prevent == "cancel_maker" or prevent == "cancel_both"
        self.request: OrderRequest | None = request
        self.client_id: str = fields[8]
        self.owner = owner
        self.market = market
        self.amount: int = fields[5]
        self.price: int = fields[6]
        self.asked_amount: int = self.amount
        self.asked_price: int = self.price
        self.remaining: int = self.amount
        self.fills: Fills | None = None
        self.created_at = now
        self.updated_at = now
        self.level: Level | None = None
        self.before: Order | None = None
        self.behind: Order | None = None

    def admit(self, order_id: Any, rates: Rates, pays: Account) -> None:
        """Give it what an order has."""
        self.order_id = order_id
        self.rates = rates
        self.pays = pays

    @property
    def wallet(self) -> str:
        return self.pays.wallet

    def matches(self, wallet: str, market: str, side: str, client_id: str) -> bool:
        """Is it of all these? An empty one is any."""
        return (
            (not wallet or self.wallet == wallet)
            and (not market or self.market.name == market)
            and (not side or self.side == side)
            and (not client_id or self.client_id == client_id)
        )

    @property
    def receives(self) -> Account:
        """Gets the proceeds; looked up, since most orders never have any."""
        market = self.market
        return self.owner.account(market.base if self.is_buy else market.quote)

    @property
    def side(self) -> Side:
        return "buy" if self.is_buy else "sell"

    @property
    def resting_type(self) -> OrderType:
        """Its type, if it can rest."""
        return "post_only" if self.post_only else "limit"

    @property
    def self_trade(self) -> SelfTrade:
        if self.cancels_taker:
            return "cancel_both" if self.cancels_maker else "cancel_taker"
        return "cancel_maker" if self.cancels_maker else "allow"

    @property
    def filled_quantity(self) -> int:
        fills = self.fills
        return 0 if fills is None else fills.quantity

    def reservation(self, remaining: int, price: int) -> int:
        """Money that a resting order with this remaining quantity and price holds."""
        return remaining * price if self.is_buy else remaining * UNIT

    def extra_reservation(self, remaining: int, price: int) -> int:
        """How much more it would hold with these; negative for less."""
        if remaining == self.remaining:  # often, and numbers of this size are worth a multiplication less
            return remaining * (price - self.price) if self.is_buy else 0
        return self.reservation(remaining, price) - self.reservation(self.remaining, self.price)

    @property
    def held(self) -> int:
        """Money of `pays` that is frozen for it."""
        if self.price > 0:
            return self.reservation(self.remaining, self.price)
        fills = self.fills
        assert fills is not None
        return fills.funds - (fills.notional if self.is_buy else fills.quantity * UNIT)

    def state(self, status: OrderStatus) -> OrderState:
        fills = self.fills
        amount: Any = self.amount  # equal numbers are one object
        level = self.level
        price: Any = self.price if level is None else level.price
        created_at: Any = self.created_at
        request = self.request
        return _ORDER_STATE(
            self.order_id,
            self._asked(amount, price) if request is None else request,
            amount,
            price,
            amount if fills is None else self.remaining,
            _NOT_FILLED if fills is None else fills.state(),
            self.rates,
            status,
            created_at,
            created_at if self.created_at == self.updated_at else self.updated_at,
        )

    def _asked(self, amount: Any, price: Any) -> OrderRequest:
        """The request that a resting order came of; these are its amount and price now, as objects."""
        account = self.pays
        return _ORDER_REQUEST(
            account.user,
            account.wallet,
            self.market.name,
            self.side,
            self.resting_type,
            amount if self.asked_amount == self.amount else self.asked_amount,
            price if self.asked_price == self.price else self.asked_price,
            False,  # counts in the base asset, as all that can rest
            self.client_id,
            self.hidden,
            self.self_trade,
        )

    def live_status(self) -> OrderStatus:
        return "partially_filled" if self.filled_quantity > 0 else "open"

    def live_state(self) -> OrderState:
        return self.state(self.live_status())

    def trade_side(self, fee: int, fee_asset: str) -> TradeSide:
        account = self.pays
        return _TRADE_SIDE(
            self.order_id, account.user, account.wallet, self.client_id, self.side, fee, fee_asset
        )
