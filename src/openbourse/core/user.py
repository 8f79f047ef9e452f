"""User: standing, fee terms and live orders of one user."""

from openbourse.core.commands import UserStatus
from openbourse.core.events import Rates, UserChanged
from openbourse.core.ledger import Account, Wallets, account_in
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.stops import Stop


class User:
    """Rates are None where those of the market apply; `wallets` are those in the ledger."""

    def __init__(self, user: int, wallets: Wallets) -> None:
        self.user = user
        self.wallets = wallets
        self.status: UserStatus = "active"
        self.maker_rate: int | None = None
        self.taker_rate: int | None = None
        self.fee_discount: bool = False
        self.orders: dict[int, Order] = {}
        self.stops: dict[int, Stop] = {}

    def account(self, wallet: str, asset: str) -> Account:
        """An account of the user, made if it is not there."""
        return account_in(self.wallets, self.user, wallet, asset)

    def rates(self, market: Market) -> Rates:
        """The rates of an order placed now that can rest."""
        rates = market.rates
        if self.maker_rate is None and self.taker_rate is None:
            return rates  # one for all orders
        maker = rates.maker if self.maker_rate is None else self.maker_rate
        taker = rates.taker if self.taker_rate is None else self.taker_rate
        return Rates(maker, taker)

    def find_account(self, wallet: str, asset: str) -> Account | None:
        """None if no money ever touched it."""
        accounts = self.wallets.get(wallet)
        return None if accounts is None else accounts.get(asset)

    def terms(self) -> UserChanged:
        return UserChanged(self.user, self.status, self.maker_rate, self.taker_rate, self.fee_discount)
