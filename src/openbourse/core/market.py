"""Market: the rules, the state and the book of one pair."""

from openbourse.core.book import BookSide
from openbourse.core.commands import MarketSpec, MarketStatus
from openbourse.core.events import Rates
from openbourse.core.order import Order
from openbourse.core.stops import StopBook
from openbourse.core.units import UNIT_DECIMALS


class Market:
    """`index` is its place in the order of definition; `last_price` is 0 before the first trade."""

    def __init__(self, index: int, spec: MarketSpec, status: MarketStatus) -> None:
        self.index = index
        self.status: MarketStatus = status
        self.bids = BookSide(True)
        self.asks = BookSide(False)
        self.stops = StopBook()
        self.last_price: int = 0
        self.set_spec(spec)

    def set_spec(self, spec: MarketSpec) -> None:
        self.spec = spec
        self.name: str = spec.name
        self.base: str = spec.base
        self.quote: str = spec.quote
        self.quantity_step: int = int(10 ** (UNIT_DECIMALS - spec.base_precision))
        self.price_step: int = int(10 ** (UNIT_DECIMALS - spec.quote_precision))
        self.rates = Rates(spec.maker_rate, spec.taker_rate)
        self.min_amount: int = spec.min_amount
        self.price_band: int = spec.price_band

    def own(self, order: Order) -> BookSide:
        return self.bids if order.is_buy else self.asks

    def opposite(self, order: Order) -> BookSide:
        return self.asks if order.is_buy else self.bids

    def is_crossed(self) -> bool:
        bid, ask = self.bids.best(), self.asks.best()
        return bid is not None and ask is not None and bid.price >= ask.price
