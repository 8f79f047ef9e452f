"""The judge: the same commands in, the events that matter out.

Its events are those of `openbourse.core.events` without `BalanceChanged` and `LevelChanged`: balances
and levels are compared as such after every command (`tests.core.naive.comparison`).
"""

from collections.abc import Callable
from typing import Any

from openbourse.core import commands
from openbourse.core.commands import AnyCommand, PlaceOrder, PlaceStop
from openbourse.core.events import AnyEvent, Refused
from tests.core.naive import deposits, money, orders, stops, venue, withdrawals
from tests.core.naive.world import Refusal, World


class NaiveExchange:
    def __init__(self) -> None:
        self.world = World()

    def apply(self, command: AnyCommand) -> list[AnyEvent]:
        world = self.world
        world.now = max(world.now, command.time)
        world.events = []
        try:
            _RULES[type(command)](world, command)
        except Refusal as refusal:
            assert not world.events, "a refusal after something was changed"
            return [Refused(refusal.reason)]
        stops.fire_stops(world)
        return world.events


def _place_order(world: World, command: PlaceOrder) -> None:
    orders.place_order(world, command.order)


def _place_stop(world: World, command: PlaceStop) -> None:
    stops.place_stop(world, command.order, command.trigger_price)


_RULES: dict[type, Callable[[World, Any], None]] = {
    commands.PlaceOrder: _place_order,
    commands.ModifyOrder: orders.modify_order,
    commands.CancelOrder: orders.cancel_order,
    commands.CancelOrders: orders.cancel_orders,
    commands.PlaceStop: _place_stop,
    commands.ModifyStop: stops.modify_stop,
    commands.CancelStop: stops.cancel_stop,
    commands.CancelStops: stops.cancel_stops,
    commands.Deposit: money.deposit,
    commands.Adjust: money.adjust,
    commands.Transfer: money.transfer,
    commands.RequestWithdrawal: withdrawals.request_withdrawal,
    commands.AdvanceWithdrawal: withdrawals.advance_withdrawal,
    commands.CancelWithdrawal: withdrawals.cancel_withdrawal,
    commands.SetWithdrawals: withdrawals.set_withdrawals,
    commands.ReportDeposit: deposits.report_deposit,
    commands.ResolveDeposit: deposits.resolve_deposit,
    commands.DefineMarket: venue.define_market,
    commands.SetMarketStatus: venue.set_market_status,
    commands.SetFeeToken: venue.set_fee_token,
    commands.OpenUser: venue.open_user,
    commands.SetUserStatus: venue.set_user_status,
    commands.SetFeeRates: venue.set_fee_rates,
    commands.SetFeeDiscount: venue.set_fee_discount,
}
