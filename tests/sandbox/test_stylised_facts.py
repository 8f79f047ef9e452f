"""A simulated day has what every real market has; the week is `python -m benchmarks stylised_facts`."""

from pathlib import Path

import pytest

from benchmarks.market_watch import Crossing, MarketDiary, watch
from benchmarks.queue_judge import QueueJudge
from benchmarks.returns import autocorrelation, kurtosis, log_returns
from benchmarks.stylised_facts import facts_of, shortcomings
from openbourse.core.commands import DefineMarket, Deposit, ModifyOrder, OpenUser, OrderRequest, PlaceOrder
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.sandbox.catalogue import MARKETS

BTC = MARKETS[0]


async def test_a_simulated_day_has_the_stylised_facts(tmp_path: Path) -> None:
    watched = await watch([BTC], 1, 1, tmp_path)
    (diary,) = watched.diaries
    assert shortcomings(facts_of(diary)) == []
    assert watched.judge.complaints == []
    assert watched.judge.fills > 2_000
    assert watched.judge.shared > 200
    assert len(diary.crossings) > 1_400


def test_a_market_without_them_is_found_out() -> None:
    """One whose price goes up and down like clockwork, with a flat book and trades for nothing."""
    middles = [100.0 + (index % 4) * (index % 2) for index in range(1_441)]
    crossings = [Crossing(1.0, 20.0, 0.5 + index % 2) for index in range(100)]
    volumes = [float(index) for index in range(1_441)]
    diary = MarketDiary(BTC, middles, [1.0] * 1_441, [[10.0] * 15] * 1_441, volumes, crossings)
    assert len(shortcomings(facts_of(diary))) >= 4


def test_the_statistics_on_numbers_whose_answer_is_known() -> None:
    assert log_returns([1.0, 1.0, 1.0]) == [0.0, 0.0]
    assert log_returns([1.0, 2.0, 4.0, 8.0, 16.0], 2) == pytest.approx([1.386294, 1.386294], abs=1e-6)
    assert kurtosis([1.0, -1.0] * 50) == 1.0
    assert kurtosis([0.0] * 98 + [1.0, -1.0]) == pytest.approx(50.0)
    assert autocorrelation([1.0, -1.0] * 50, 1) == pytest.approx(-1.0)
    assert autocorrelation([1.0, -1.0] * 50, 2) == pytest.approx(1.0)


class Floor:
    """A market with three users, and a judge who sees everything in it."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.judge = QueueJudge()
        self._do(DefineMarket(1, BTC))
        for user in (1, 2, 3):
            self._do(OpenUser(1, user))
            for asset in ("BTC", "USDT"):
                self._do(Deposit(1, f"{user}{asset}", user, asset, 10**6 * MONEY_UNIT))

    def place(self, user: int, side: str, price: int, quantity: int = 1) -> int:
        request = OrderRequest(user, "spot", BTC.name, side, "limit", quantity * UNIT, price * UNIT)  # type: ignore[arg-type]
        return self._do(PlaceOrder(1, request))

    def amend(self, user: int, order: int, quantity: int) -> None:
        self._do(ModifyOrder(1, user, "spot", BTC.name, order, quantity * UNIT, None))

    def _do(self, command: object) -> int:
        events = self.exchange.apply(command)  # type: ignore[arg-type]
        self.last = Applied(self.exchange.sequence, command, events)  # type: ignore[arg-type]
        self.judge.applied([self.last])
        return getattr(getattr(events[-1], "order", None), "order_id", 0)


def test_the_judge_of_the_queue_has_nothing_against_a_fair_one() -> None:
    floor = Floor()
    first, second = floor.place(1, "buy", 50_000, 3), floor.place(2, "buy", 50_000, 2)
    floor.amend(1, first, 2)  # keeps its place
    floor.place(3, "sell", 50_000, 1)
    floor.amend(1, first, 5)  # has to queue again
    floor.place(3, "sell", 50_000, 3)
    assert second
    assert (floor.judge.complaints, floor.judge.fills, floor.judge.shared) == ([], 3, 2)


def test_the_judge_of_the_queue_complains_of_an_unfair_one() -> None:
    """It is told of a trade with the first order while it believes that another is ahead."""
    floor = Floor()
    floor.place(1, "buy", 50_000)
    floor.place(2, "buy", 50_000)
    (queue,) = floor.judge._queues[BTC.name, "buy"].values()
    first = min(queue)
    queue[first] = queue.pop(first)
    floor.place(3, "sell", 50_000)
    assert len(floor.judge.complaints) == 1
    floor.place(2, "buy", 51_000)
    floor.judge._queues[BTC.name, "buy"][52_000 * UNIT] = {99: UNIT}
    floor.place(3, "sell", 51_000)
    assert len(floor.judge.complaints) == 2
