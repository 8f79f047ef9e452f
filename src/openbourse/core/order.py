"""Order: one order while it is live, on the book or on its way there."""

from typing import TYPE_CHECKING

from openbourse.core.commands import OrderRequest, OrderType, Side
from openbourse.core.events import OrderState, OrderStatus, TradeSide
from openbourse.core.ledger import Account
from openbourse.core.units import UNIT

if TYPE_CHECKING:
    from openbourse.core.book import Level


class Order:
    """The mutable part of an order next to its request.

    It begins as a mere wish, against which the rules are checked; `admit` makes it an order. `pays` is
    the account of which it holds `held`, `receives` gets the proceeds. While it rests, it is a link of
    the queue of its `level`.
    """

    def __init__(self, request: OrderRequest, now: int) -> None:
        self.request = request
        self.user: int = request.user
        self.wallet: str = request.wallet
        self.market_name: str = request.market
        self.is_buy: bool = request.side == "buy"
        self.type: OrderType = request.type
        self.amount: int = request.amount
        self.price: int = request.price
        self.in_quote: bool = request.in_quote
        self.hidden: bool = request.hidden
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
        self.held: int = 0
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

    def state(self, status: OrderStatus) -> OrderState:
        return OrderState(
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

    def live_state(self) -> OrderState:
        return self.state("partially_filled" if self.filled_quantity > 0 else "open")

    def trade_side(self, fee: int, fee_asset: str) -> TradeSide:
        side: Side = "buy" if self.is_buy else "sell"
        return TradeSide(self.order_id, self.user, self.wallet, self.request.client_id, side, fee, fee_asset)
