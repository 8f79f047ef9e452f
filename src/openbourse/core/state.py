"""State: everything the exchange knows, and the events of the command in hand."""

from typing import Any, Final

from openbourse.core.book import BookSide, Level
from openbourse.core.events import (
    AnyEvent,
    BalanceCause,
    BalanceChanged,
    DepositState,
    LevelChanged,
    OrderChange,
    OrderChanged,
    OrderStatus,
    WithdrawalState,
)
from openbourse.core.ledger import Account, Ledger
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.refusal import Refusal
from openbourse.core.user import User

# Events are not compiled (docs/architecture.md); a name for good spares looking them up for each one made.
_BALANCE_CHANGED: Final = BalanceChanged
_LEVEL_CHANGED: Final = LevelChanged
_ORDER_CHANGED: Final = OrderChanged


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

    def touch(self, market: Market) -> None:
        """Remember that stops of this market may be due."""
        if market not in self.moved:
            self.moved.append(market)

    def balance_changed(self, account: Account, change: int, cause: BalanceCause, reference: Any) -> None:
        self.events.append(
            _BALANCE_CHANGED(
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

    def order_changed(self, change: OrderChange, order: Order, status: OrderStatus) -> None:
        self.events.append(_ORDER_CHANGED(change, order.state(status)))

    def level_changed(self, market: Market, side: BookSide, level: Level) -> None:
        self.events.append(
            _LEVEL_CHANGED(market.name, "buy" if side.is_bid else "sell", level.price, level.visible)
        )
