"""Drive the real and the naive exchange side by side; every difference is an AssertionError."""

import msgspec

from openbourse.core import invariants, snapshot
from openbourse.core.commands import AnyCommand, Side
from openbourse.core.events import AnyEvent, BalanceChanged, LevelChanged, OrderState, Refused, StopState
from openbourse.core.exchange import Exchange
from tests.core.naive.follower import Follower
from tests.core.naive.naive_exchange import NaiveExchange

SIDES: tuple[Side, Side] = ("buy", "sell")


class Judge:
    """Applies each command to both exchanges and compares all that can be seen from outside."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.naive = NaiveExchange()
        self.follower = Follower()

    def apply(self, command: AnyCommand) -> list[AnyEvent]:
        events = self.exchange.apply(command)
        expected = self.naive.apply(command)
        assert comparable(events) == expected, _difference(command, comparable(events), expected)
        if isinstance(events[0] if events else None, Refused):
            assert len(events) == 1
        self.follower.follow(events)
        return events

    def compare_money(self) -> None:
        world = self.naive.world
        places = {(user, wallet) for user, wallet, _ in world.balances}
        for user, wallet in places:
            expected = {
                asset: (balance.available, balance.frozen)
                for (owner, place, asset), balance in world.balances.items()
                if (owner, place) == (user, wallet) and (balance.available or balance.frozen)
            }
            actual = self.exchange.balances(user, wallet)
            assert {asset: amounts for asset, amounts in actual.items() if any(amounts)} == expected
            for asset, amounts in expected.items():
                assert self.follower.balances[user, wallet, asset] == amounts
        assert world.imbalances() == []

    def compare_books(self) -> None:
        world = self.naive.world
        assert self.exchange.market_names() == list(world.markets)
        for name, market in world.markets.items():
            assert self.exchange.last_price(name) == market.last
            assert self.exchange.market_status(name) == market.status
            for side in SIDES:
                expected = world.levels(name, side)
                assert self.exchange.levels(name, side, 0) == expected
                assert self.exchange.levels(name, side, 2) == expected[:2]
                assert self.follower.book(name, side) == expected
            if market.status in ("open", "post_only"):
                bids, asks = world.book(name, "buy"), world.book(name, "sell")
                assert not bids or not asks or bids[0].price < asks[0].price, "crossed at rest"

    def compare_orders(self) -> None:
        world = self.naive.world
        orders: list[OrderState] = []
        stops: list[StopState] = []
        for user in world.users:
            orders += self.exchange.open_orders(user)
            stops += self.exchange.waiting_stops(user)
        assert {order.order_id: order for order in orders} == {
            order.order_id: order.state() for order in world.orders.values()
        }
        assert {stop.stop_id: stop for stop in stops} == world.stops
        assert self.follower.orders == {order.order_id: order for order in orders}
        assert self.follower.stops == world.stops

    def compare_funds(self) -> None:
        """Money on its way. The naive exchange keeps all of it, the real one what has not ended."""
        world = self.naive.world
        ended = ("finished", "cancelled", "rejected", "failed")
        assert self.exchange.withdrawals_enabled == world.withdrawals_enabled
        assert self.exchange.live_withdrawals() == [
            withdrawal for withdrawal in world.withdrawals.values() if withdrawal.status not in ended
        ]
        live = [d for d in world.deposits.values() if not (d.status == "finished" and d.irreversible)]
        assert self.exchange.live_deposits() == live
        for deposit in world.deposits.values():
            known = self.exchange.deposit_id(deposit.chain, deposit.tx_id, deposit.output)
            assert known == deposit.deposit_id

    def compare_all(self) -> None:
        self.compare_money()
        self.compare_funds()
        self.compare_books()
        self.compare_orders()
        assert invariants.violations(self.exchange) == []

    def replace_by_restored(self) -> None:
        """Go on with what a snapshot of the exchange restores to."""
        data = snapshot.dump(self.exchange)
        restored = snapshot.restore(data)
        assert snapshot.dump(restored) == data
        assert snapshot.state_hash(restored) == snapshot.state_hash(self.exchange)
        assert snapshot.counts(restored) == snapshot.counts(self.exchange)
        assert restored.sequence == self.exchange.sequence
        self.exchange = restored


def comparable(events: list[AnyEvent]) -> list[AnyEvent]:
    """The events that the naive exchange makes too; a refusal without its text for persons."""
    return [
        Refused(event.reason) if isinstance(event, Refused) else event
        for event in events
        if not isinstance(event, (BalanceChanged, LevelChanged))
    ]


def _difference(command: AnyCommand, actual: list[AnyEvent], expected: list[AnyEvent]) -> str:
    """The first event that differs, field by field where both are of one kind."""
    lines = [f"events differ after {command}"]
    for index in range(max(len(actual), len(expected))):
        real = actual[index] if index < len(actual) else None
        naive = expected[index] if index < len(expected) else None
        if real != naive:
            lines += [f"event {index}:", f"  core  {real}", f"  naive {naive}"]
            lines += _fields_that_differ(real, naive)
            break
    return "\n".join(lines)


def _fields_that_differ(real: AnyEvent | None, naive: AnyEvent | None) -> list[str]:
    if real is None or naive is None or type(real) is not type(naive):
        return []
    left, right = msgspec.to_builtins(real), msgspec.to_builtins(naive)
    return [
        f"  field {i}: core {a!r} naive {b!r}"
        for i, (a, b) in enumerate(zip(left, right, strict=True))
        if a != b
    ]
