"""The parts of batches. Written by `python -m tools.clients`."""

from dataclasses import dataclass

from openbourse.client.coinex.types.words import MarketType, OrderType, SelfTradeMode, Side
from openbourse.client.request import Amount, given, number


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrder:
    """A new order. `ccy` counts on market orders only: the currency of `amount`."""

    market: str
    side: Side
    type: OrderType
    amount: Amount
    market_type: MarketType = "SPOT"
    price: Amount | None = None
    ccy: str | None = None
    client_id: str | None = None
    is_hide: bool = False
    stp_mode: SelfTradeMode | None = None

    def params(self) -> dict[str, object]:
        """As it is sent."""
        return given(
            {
                "market": self.market,
                "side": self.side,
                "type": self.type,
                "amount": number(self.amount),
                "market_type": self.market_type,
                "price": number(self.price),
                "ccy": self.ccy,
                "client_id": self.client_id,
                "is_hide": self.is_hide,
                "stp_mode": self.stp_mode,
            }
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewStopOrder:
    """A new stop order."""

    market: str
    side: Side
    type: OrderType
    amount: Amount
    trigger_price: Amount
    market_type: MarketType = "SPOT"
    price: Amount | None = None
    ccy: str | None = None
    client_id: str | None = None
    is_hide: bool = False
    stp_mode: SelfTradeMode | None = None

    def params(self) -> dict[str, object]:
        """As it is sent."""
        return given(
            {
                "market": self.market,
                "side": self.side,
                "type": self.type,
                "amount": number(self.amount),
                "trigger_price": number(self.trigger_price),
                "market_type": self.market_type,
                "price": number(self.price),
                "ccy": self.ccy,
                "client_id": self.client_id,
                "is_hide": self.is_hide,
                "stp_mode": self.stp_mode,
            }
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderChange:
    """At least one of `amount` (the new total) and `price`."""

    market: str
    order_id: int
    market_type: MarketType = "SPOT"
    amount: Amount | None = None
    price: Amount | None = None

    def params(self) -> dict[str, object]:
        """As it is sent."""
        return given(
            {
                "market": self.market,
                "order_id": self.order_id,
                "market_type": self.market_type,
                "amount": number(self.amount),
                "price": number(self.price),
            }
        )
