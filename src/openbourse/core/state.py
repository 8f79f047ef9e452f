"""State: everything the exchange knows, and the events of the command in hand."""

from openbourse.core.book import BookSide, Level
from openbourse.core.events import (
    AnyEvent,
    BalanceCause,
    BalanceChanged,
    DepositState,
    LevelChanged,
    WithdrawalState,
)
from openbourse.core.ledger import Account, Ledger
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.refusal import Refusal
from openbourse.core.user import User


class UsedKey:
    """What an idempotency key was used for: the id that it got and the text of its request."""

    def __init__(self, used_for: int, request: str) -> None:
        self.used_for = used_for
        self.request = request


class State:
    """One per exchange. `moved` are the markets whose stops must be looked at before the command ends.

    `withdrawals` are those that have not ended, `deposits` those of which the chain may still tell news;
    `withdrawn` is the latest day (since 1970, UTC) on which a user withdrew an asset, and how much.
    """

    def __init__(self) -> None:
        self.sequence: int = 0
        self.now: int = 0
        self.last_id: int = 0
        self.ledger = Ledger()
        self.users: dict[int, User] = {}
        self.markets: dict[str, Market] = {}
        self.pairs: dict[tuple[str, str], Market] = {}
        self.fee_token: str = ""
        self.fee_discount: int = 0
        self.withdrawals: dict[int, WithdrawalState] = {}
        self.withdrawn: dict[tuple[int, str], tuple[int, int]] = {}
        self.withdrawals_enabled: bool = True
        self.deposits: dict[int, DepositState] = {}
        self.used_keys: dict[str, UsedKey] = {}
        self.events: list[AnyEvent] = []
        self.moved: list[Market] = []

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def user(self, user: int) -> User:
        found = self.users.get(user)
        if found is None:
            raise Refusal("unknown_user")
        return found

    def market(self, name: str) -> Market:
        found = self.markets.get(name)
        if found is None:
            raise Refusal("unknown_market", name)
        return found

    def accounts_of(self, order: Order, market: Market) -> tuple[Account, Account]:
        """The account that an order pays from, and the one that gets the proceeds."""
        base = self.ledger.account(order.user, order.wallet, market.base)
        quote = self.ledger.account(order.user, order.wallet, market.quote)
        return (quote, base) if order.is_buy else (base, quote)

    def touch(self, market: Market) -> None:
        """Remember that stops of this market may be due."""
        if market not in self.moved:
            self.moved.append(market)

    def balance_changed(self, account: Account, change: int, cause: BalanceCause, reference: int) -> None:
        self.events.append(
            BalanceChanged(
                account.user,
                account.wallet,
                account.asset,
                change,
                account.available,
                account.frozen,
                cause,
                reference,
            )
        )

    def level_changed(self, market: Market, side: BookSide, level: Level) -> None:
        self.events.append(
            LevelChanged(market.name, "buy" if side.is_bid else "sell", level.price, level.visible)
        )
