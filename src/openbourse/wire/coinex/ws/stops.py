"""stop: what becomes of one's stop orders (ws §8).

Changing a stop order replaces it: the core cancels the old one and places another, and so do the pushes.
"""

from types import MappingProxyType
from typing import Final

from msgspec import Struct

from openbourse.core.events import StopChange, StopChanged
from openbourse.wire.coinex.numbers import TYPE_WORDS, decimal, money
from openbourse.wire.coinex.ws.private_channel import PrivateChannel, margin_market

# change -> (event, status)
WORDS: Final[MappingProxyType[StopChange, tuple[str, str]]] = MappingProxyType(
    {
        "placed": ("put", "put"),
        "triggered": ("active", "active_success"),
        "failed": ("active", "active_fail"),
        "cancelled": ("cancel", "cancel"),
    }
)


class WsStop(Struct, kw_only=True):
    """A stop order, with the amount and price of the order it is to place."""

    stop_id: int
    market: str
    margin_market: str
    type: str
    side: str
    amount: str
    price: str
    trigger_price: str
    trigger_direction: str
    trigger_price_type: str
    taker_fee_rate: str
    maker_fee_rate: str
    client_id: str
    status: str
    created_at: int
    updated_at: int


class StopUpdate(Struct):
    """`event` is put, active or cancel."""

    event: str
    stop: WsStop


class StopsChannel(PrivateChannel):
    """One push per change."""

    method = b"stop.update"

    def changed(self, event: StopChanged) -> None:
        """A stop order changed."""
        request = event.stop.request
        takers = self.takers(request.user, request.market)
        margin = margin_market(request.wallet)
        if takers and margin is not None:
            name, status = WORDS[event.change]
            self.deliver(StopUpdate(name, _stop(event, margin, status)), takers)


def _stop(event: StopChanged, margin: str, status: str) -> WsStop:
    state = event.stop
    request = state.request
    return WsStop(
        stop_id=state.stop_id,
        market=request.market,
        margin_market=margin,
        type=TYPE_WORDS[request.type],
        side=request.side,
        amount=money(request.amount) if request.in_quote else decimal(request.amount),
        price=decimal(request.price),
        trigger_price=decimal(state.trigger_price),
        trigger_direction="higher" if state.rising else "lower",
        trigger_price_type="latest_price",
        taker_fee_rate=decimal(state.taker_rate),
        maker_fee_rate=decimal(state.maker_rate),
        client_id=request.client_id,
        status=status,
        created_at=state.created_at,
        updated_at=state.updated_at,
    )
