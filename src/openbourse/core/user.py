"""User: standing, fee terms and live orders of one user."""

from openbourse.core.commands import UserStatus
from openbourse.core.events import Rates, UserChanged
from openbourse.core.ledger import SPOT, Account, Wallets, account_in
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.stops import Stop


class User:
    """Rates are None where those of the market apply; `wallets` are those in the ledger."""

    def __init__(self, user: int, wallets: Wallets) -> None:
        self.user = user
        self.wallets = wallets
        self._spot: dict[str, Account] | None = None  # one of the wallets, once it was found there
        self.status: UserStatus = "active"
        self.maker_rate: int | None = None
        self.taker_rate: int | None = None
        self.fee_discount: bool = False
        self.orders: dict[int, Order] = {}
        self.stops: dict[int, Stop] = {}

    def find_account(self, asset: str) -> Account | None:
        """The account that orders use of an asset, None if no money ever touched it."""
        accounts = self._spot
        if accounts is None:
            accounts = self._spot = self.wallets.get(SPOT)
        return None if accounts is None else accounts.get(asset)

    def account(self, asset: str) -> Account:
        """The account that orders use of an asset, made if it is not there."""
        found = self.find_account(asset)
        return account_in(self.wallets, self.user, SPOT, asset) if found is None else found

    def rates(self, market: Market) -> Rates:
        """The rates of an order placed now that can rest."""
        rates = market.rates
        if self.maker_rate is None and self.taker_rate is None:
            return rates  # one for all orders
        maker = rates.maker if self.maker_rate is None else self.maker_rate
        taker = rates.taker if self.taker_rate is None else self.taker_rate
        return Rates(maker, taker)

    def terms(self) -> UserChanged:
        return UserChanged(self.user, self.status, self.maker_rate, self.taker_rate, self.fee_discount)
