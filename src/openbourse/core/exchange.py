"""Exchange: the deterministic state machine. `apply(command)` changes it and says what changed.

It has no clock, no randomness and no I/O: equal commands in equal order give equal events, ids and
state on every machine. A command that is refused has one event, `Refused`, and changes nothing but
the clock. Any other exception is a fault of this code; it leaves the state half-changed, so the
exchange refuses to go on.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import astuple

from openbourse.core import administration, deposits, orders, stop_orders, treasury, withdrawals
from openbourse.core.commands import (
    Adjust,
    AdvanceWithdrawal,
    AnyCommand,
    CancelOrder,
    CancelOrders,
    CancelStop,
    CancelStops,
    CancelWithdrawal,
    DefineMarket,
    Deposit,
    MarketSpec,
    MarketStatus,
    ModifyOrder,
    ModifyStop,
    OpenUser,
    PlaceOrder,
    PlaceStop,
    ReportDeposit,
    RequestWithdrawal,
    ResolveDeposit,
    SetFeeDiscount,
    SetFeeRates,
    SetFeeToken,
    SetMarketStatus,
    SetUserStatus,
    SetWithdrawals,
    Side,
    Transfer,
)
from openbourse.core.events import (
    AnyEvent,
    DepositState,
    OrderState,
    Refused,
    StopState,
    UserChanged,
    WithdrawalState,
)
from openbourse.core.ledger import SPOT
from openbourse.core.refusal import Refusal
from openbourse.core.state import State


class Exchange:
    """One venue's books, ledger, users and stops."""

    def __init__(self, state: State | None = None) -> None:
        self.state = State() if state is None else state
        self.broken: bool = False

    @property
    def sequence(self) -> int:
        """How many commands were applied."""
        return self.state.sequence

    @property
    def now(self) -> int:
        """The time of the latest command, Unix ms."""
        return self.state.now

    def apply(self, command: AnyCommand) -> list[AnyEvent]:
        """Carry out one command; returns its events, in order."""
        if self.broken:
            raise RuntimeError("the exchange stopped after a fault; recover it from the log")
        state = self.state
        state.sequence += 1
        fields = _FIELDS(command)  # all at once cost what two or three cost one by one
        time: int = fields[0]
        if time > state.now:
            state.now = time
        state.events = []
        try:
            kind: Any = type(command)
            if kind is _PLACE_ORDER:
                orders.place(state, fields[1])
            elif kind is _CANCEL_ORDER:
                orders.cancel(state, fields)
            elif kind is _MODIFY_ORDER:
                orders.modify(state, fields)
            else:
                handler = _HANDLERS[kind]
                handler(state, command)
            if state.moved:
                stop_orders.fire_due_stops(state)
        except Refusal as refusal:
            return [Refused(refusal.reason, refusal.detail)]
        except BaseException:
            self.broken = True
            raise
        return state.events

    def skip(self, command: AnyCommand) -> list[AnyEvent]:
        """Count a command as refused without looking at it, because the operator took it out."""
        self.state.sequence += 1
        if command.time > self.state.now:
            self.state.now = command.time
        return [Refused("invalid_request", "skipped by the operator")]

    # -- reading -----------------------------------------------------------------------------------

    def order(self, order_id: int, user: int) -> OrderState | None:
        """A resting order of a user."""
        found = self.state.users.get(user)
        order = None if found is None else found.orders.get(order_id)
        return None if order is None else order.live_state()

    def open_orders(self, user: int) -> list[OrderState]:
        """All resting orders of a user by ascending id."""
        found = self.state.users.get(user)
        if found is None:
            return []
        return [found.orders[order_id].live_state() for order_id in sorted(found.orders)]

    def matching_orders(
        self, user: int, wallet: str, market: str = "", side: str = "", client_id: str = ""
    ) -> list[int]:
        """Ids of a user's resting orders that match, ascending; empty filters match all."""
        found = self.state.users.get(user)
        if found is None:
            return []
        orders = found.orders.items()
        return sorted(
            [order_id for order_id, order in orders if order.matches(wallet, market, side, client_id)]
        )

    def waiting_stops(
        self, user: int, wallet: str = "", market: str = "", side: str = "", client_id: str = ""
    ) -> list[StopState]:
        """Waiting stop orders of a user that match, by ascending id; empty filters match all."""
        found = self.state.users.get(user)
        if found is None:
            return []
        stops = [found.stops[stop_id] for stop_id in sorted(found.stops)]
        return [
            stop.state(stop.created_at) for stop in stops if stop.matches(wallet, market, side, client_id)
        ]

    def balances(self, user: int, wallet: str) -> dict[str, tuple[int, int]]:
        """Available and frozen money by asset."""
        accounts = self.state.ledger.wallets.get(user, {}).get(wallet, {})
        return {asset: (account.available, account.frozen) for asset, account in accounts.items()}

    def market_names(self) -> list[str]:
        """All markets in the order of their definition."""
        return list(self.state.markets)

    def market_spec(self, market: str) -> MarketSpec | None:
        found = self.state.markets.get(market)
        return None if found is None else found.spec

    def market_status(self, market: str) -> MarketStatus:
        return self.state.markets[market].status

    def last_price(self, market: str) -> int:
        """0 before the first trade."""
        return self.state.markets[market].last_price

    def levels(self, market: str, side: Side, count: int) -> list[tuple[int, int]]:
        """Price and visible quantity of the best levels; all of them for a count of 0."""
        book = self.state.markets[market]
        half = book.bids if side == "buy" else book.asks
        found: list[tuple[int, int]] = []
        for key in half.keys.descending():
            level = half.levels[key]
            if level.visible > 0:
                found.append((level.price, level.visible))
                if len(found) == count:
                    break
        return found

    def user_terms(self, user: int) -> UserChanged | None:
        """Standing, own fee rates and fee token switch of a user."""
        found = self.state.users.get(user)
        return None if found is None else found.terms()

    # -- money on its way ----------------------------------------------------------------------------

    @property
    def withdrawals_enabled(self) -> bool:
        """False while all withdrawals are halted."""
        return self.state.withdrawals_enabled

    def live_withdrawals(self) -> list[WithdrawalState]:
        """All withdrawals that have not ended, by ascending id."""
        return [self.state.withdrawals[number] for number in sorted(self.state.withdrawals)]

    def withdrawal(self, withdrawal_id: int) -> WithdrawalState | None:
        """A withdrawal that has not ended."""
        return self.state.withdrawals.get(withdrawal_id)

    def live_deposits(self) -> list[DepositState]:
        """All deposits of which the chain may still tell news, by ascending id."""
        return list(self.state.deposits.values())

    def deposit_id(self, chain: str, tx_id: str, output: int) -> int:
        """The id of the deposit that was made of an output, 0 when none was."""
        used = self.state.used_keys.get(deposits.state_key(deposits.deposit_key(chain, tx_id, output)))
        return 0 if used is None else used.used_for

    def deposit(self, deposit_id: int) -> DepositState | None:
        """A deposit of which the chain may still tell news."""
        return self.state.deposits.get(deposit_id)

    def withdrawable(self, user: int, asset: str) -> int:
        """Available money less what came by deposits that may still be reverted; the user must be known."""
        available = self.state.ledger.available(user, SPOT, asset)
        return max(0, available - deposits.reversible(self.state, user, asset))

    def withdrawn_on(self, user: int, asset: str, day: int) -> int:
        """How much of the daily limit a user has used on a day (since 1970, UTC)."""
        latest, amount = self.state.withdrawn.get((user, asset), (day, 0))
        return amount if latest == day else 0


def _place_stop(state: State, command: PlaceStop) -> None:
    stop_orders.place_stop(state, command.order, command.trigger_price)


# Nearly all commands are of these three kinds, which are not looked up.
_PLACE_ORDER: Final = PlaceOrder
_CANCEL_ORDER: Final = CancelOrder
_MODIFY_ORDER: Final = ModifyOrder
_FIELDS: Final = astuple  # see core.order

_HANDLERS: Final[dict[Any, Callable[[State, Any], None]]] = {
    CancelOrders: orders.cancel_all,
    PlaceStop: _place_stop,
    ModifyStop: stop_orders.modify_stop,
    CancelStop: stop_orders.cancel_stop,
    CancelStops: stop_orders.cancel_stops,
    Deposit: treasury.deposit,
    Adjust: treasury.adjust,
    Transfer: treasury.transfer,
    RequestWithdrawal: withdrawals.request_withdrawal,
    AdvanceWithdrawal: withdrawals.advance_withdrawal,
    CancelWithdrawal: withdrawals.cancel_withdrawal,
    SetWithdrawals: withdrawals.set_withdrawals,
    ReportDeposit: deposits.report_deposit,
    ResolveDeposit: deposits.resolve_deposit,
    DefineMarket: administration.define_market,
    SetMarketStatus: administration.set_market_status,
    SetFeeToken: administration.set_fee_token,
    OpenUser: administration.open_user,
    SetUserStatus: administration.set_user_status,
    SetFeeRates: administration.set_fee_rates,
    SetFeeDiscount: administration.set_fee_discount,
}
