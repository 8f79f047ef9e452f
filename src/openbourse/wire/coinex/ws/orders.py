"""order: what becomes of one's orders (ws §8)."""

from types import MappingProxyType
from typing import Final

from msgspec import Struct

from openbourse.core.events import OrderChange, OrderChanged
from openbourse.wire.coinex.numbers import TYPE_WORDS, decimal, money, rate
from openbourse.wire.coinex.ws.private_channel import PrivateChannel, margin_market

# An order that is filled completely on entry has no other event than its end (ws §8).
EVENTS: Final[MappingProxyType[OrderChange, str]] = MappingProxyType(
    {"placed": "put", "filled": "update", "modified": "modify", "finished": "finish"}
)


class WsOrder(Struct):
    """An order; some names differ from those over HTTP. Its fees are those so far."""

    order_id: int
    market: str
    margin_market: str
    type: str
    side: str
    amount: str
    price: str
    unfilled_amount: str
    filled_amount: str
    filled_value: str
    taker_fee_rate: str
    maker_fee_rate: str
    base_ccy_fee: str
    quote_ccy_fee: str
    discount_ccy_fee: str
    last_filled_amount: str
    last_filled_price: str
    client_id: str
    created_at: int
    updated_at: int


class OrderUpdate(Struct):
    """`event` is put, update, modify or finish."""

    event: str
    order: WsOrder


class OrdersChannel(PrivateChannel):
    """One push per order and matching pass, in the order of the engine."""

    method = b"order.update"

    def changed(self, event: OrderChanged) -> None:
        """An order changed."""
        request = event.order.request
        takers = self.takers(request.user, request.market)
        margin = margin_market(request.wallet)
        if takers and margin is not None:
            self.deliver(OrderUpdate(EVENTS[event.change], _order(event, margin)), takers)


def _order(event: OrderChanged, margin: str) -> WsOrder:
    state = event.order
    request = state.request
    amount = money if request.in_quote else decimal
    # Not all by name, see `shapes.order`.
    return WsOrder(
        state.order_id,
        request.market,
        margin,
        TYPE_WORDS[request.type],
        request.side,
        amount(state.amount),
        decimal(state.price),
        amount(state.remaining),
        decimal(state.filled.quantity),
        money(state.filled.notional),
        taker_fee_rate=rate(state.rates.taker),
        maker_fee_rate=rate(state.rates.maker),
        base_ccy_fee=money(state.filled.base_fee),
        quote_ccy_fee=money(state.filled.quote_fee),
        discount_ccy_fee=money(state.filled.token_fee),
        last_filled_amount=decimal(state.filled.last_quantity),
        last_filled_price=decimal(state.filled.last_price),
        client_id=request.client_id,
        created_at=state.created_at,
        updated_at=state.updated_at,
    )
