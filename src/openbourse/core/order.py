"""Order: one order while it is live, on the book or on its way there."""

from typing import TYPE_CHECKING, Final

from msgspec.structs import astuple

from openbourse.core.commands import OrderRequest, OrderType, Side
from openbourse.core.events import OrderState, OrderStatus, TradeSide
from openbourse.core.ledger import Account
from openbourse.core.units import UNIT

if TYPE_CHECKING:
    from openbourse.core.book import Level
    from openbourse.core.market import Market
    from openbourse.core.user import User

# What is not compiled (docs/architecture.md) is looked up at every use, unless it has a name for good.
_FIELDS: Final = astuple
_ORDER_STATE: Final = OrderState
_TRADE_SIDE: Final = TradeSide


class Order:
    """The mutable part of an order next to its request.

    It begins as a mere wish, against which the rules are checked; `admit` makes it an order. `pays` is
    the account of which it holds `held`, `receives` gets the proceeds; `funds` is what a market order was
    given to spend. While it rests, it is a link of the queue of its `level`.
    """

    def __init__(self, request: OrderRequest, owner: "User", market: "Market", now: int) -> None:
        fields = _FIELDS(request)  # all at once costs what two of them cost one by one
        side: Side = fields[3]
        self.request = request
        self.owner = owner
        self.market = market
        self.wallet: str = fields[1]
        self.is_buy: bool = side == "buy"
        self.type: OrderType = fields[4]
        self.amount: int = fields[5]
        self.price: int = fields[6]
        self.in_quote: bool = fields[7]
        self.hidden: bool = fields[9]
        self.remaining: int = self.amount
        self.filled_quantity: int = 0
        self.filled_notional: int = 0
        self.base_fee: int = 0
        self.quote_fee: int = 0
        self.token_fee: int = 0
        self.last_quantity: int = 0
        self.last_price: int = 0
        self.created_at = now
        self.updated_at = now
        self.funds: int = 0
        self.level: Level | None = None
        self.before: Order | None = None
        self.behind: Order | None = None

    def admit(self, order_id: int, rates: tuple[int, int], pays: Account, receives: Account) -> None:
        """Give it what an order has; the maker rate counts only for orders that can rest."""
        self.order_id = order_id
        self.maker_rate = rates[0] if self.can_rest() else 0
        self.taker_rate = rates[1]
        self.pays = pays
        self.receives = receives

    def can_rest(self) -> bool:
        return self.type == "limit" or self.type == "post_only"

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
        return self.funds - (self.filled_notional if self.is_buy else self.filled_quantity * UNIT)

    def state(self, status: OrderStatus) -> OrderState:
        return _ORDER_STATE(
            self.order_id,
            self.request,
            self.amount,
            self.price,
            self.remaining,
            self.filled_quantity,
            self.filled_notional,
            self.base_fee,
            self.quote_fee,
            self.token_fee,
            self.maker_rate,
            self.taker_rate,
            self.last_quantity,
            self.last_price,
            status,
            self.created_at,
            self.updated_at,
        )

    def live_status(self) -> OrderStatus:
        return "partially_filled" if self.filled_quantity > 0 else "open"

    def live_state(self) -> OrderState:
        return self.state(self.live_status())

    def trade_side(self, fee: int, fee_asset: str) -> TradeSide:
        side: Side = "buy" if self.is_buy else "sell"
        return _TRADE_SIDE(
            self.order_id, self.owner.user, self.wallet, self.request.client_id, side, fee, fee_asset
        )
