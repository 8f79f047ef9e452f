"""Order: one order while it is live, on the book or on its way there."""

from typing import TYPE_CHECKING

from openbourse.core.commands import OrderRequest, Side
from openbourse.core.events import OrderState, OrderStatus, TradeSide
from openbourse.core.ledger import Account
from openbourse.core.units import UNIT

if TYPE_CHECKING:
    from openbourse.core.book import Level


class Order:
    """The mutable part of an order next to its request.

    `pays` is the account of which it holds `held`; `receives` gets the proceeds. While it rests, it
    is a link of the queue of its `level`.
    """

    def __init__(
        self,
        order_id: int,
        request: OrderRequest,
        rates: tuple[int, int],
        accounts: tuple[Account, Account],
        now: int,
    ) -> None:
        self.order_id = order_id
        self.request = request
        self.user: int = request.user
        self.is_buy: bool = request.side == "buy"
        self.in_quote: bool = request.in_quote
        self.hidden: bool = request.hidden
        self.amount: int = request.amount
        self.price: int = request.price
        self.remaining: int = request.amount
        self.filled_quantity: int = 0
        self.filled_notional: int = 0
        self.base_fee: int = 0
        self.quote_fee: int = 0
        self.token_fee: int = 0
        self.maker_rate, self.taker_rate = rates
        self.last_quantity: int = 0
        self.last_price: int = 0
        self.created_at = now
        self.updated_at = now
        self.pays, self.receives = accounts
        self.held: int = 0
        self.level: Level | None = None
        self.before: Order | None = None
        self.behind: Order | None = None

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
        request = self.request
        side: Side = "buy" if self.is_buy else "sell"
        return TradeSide(self.order_id, self.user, request.wallet, request.client_id, side, fee, fee_asset)
