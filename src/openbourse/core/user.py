"""User: standing, fee terms and live orders of one user."""

from openbourse.core.commands import UserStatus
from openbourse.core.events import UserChanged
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.stops import Stop


class User:
    """Rates are None where those of the market apply."""

    def __init__(self, user: int) -> None:
        self.user = user
        self.status: UserStatus = "active"
        self.maker_rate: int | None = None
        self.taker_rate: int | None = None
        self.fee_discount: bool = False
        self.orders: dict[int, Order] = {}
        self.stops: dict[int, Stop] = {}

    def rates(self, market: Market) -> tuple[int, int]:
        """Maker and taker rate of an order placed now."""
        maker = market.maker_rate if self.maker_rate is None else self.maker_rate
        taker = market.taker_rate if self.taker_rate is None else self.taker_rate
        return maker, taker

    def terms(self) -> UserChanged:
        return UserChanged(self.user, self.status, self.maker_rate, self.taker_rate, self.fee_discount)
