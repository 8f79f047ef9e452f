"""A hundred thousand seeded random commands, each judged by the naive exchange."""

import os
from collections import Counter
from typing import get_args

import pytest

from openbourse.core.commands import AnyCommand
from openbourse.core.events import (
    AnyEvent,
    CoreReason,
    DepositChanged,
    DepositStatus,
    OrderChanged,
    Refused,
    StopChanged,
    Trade,
    WithdrawalChanged,
    WithdrawalStatus,
)
from tests.core.naive.comparison import Judge
from tests.core.streams import FEE_TOKEN, Traffic

COMMANDS_OF_A_RUN = 4_000
RUNS = 26
# Another first seed explores other streams: OPENBOURSE_TEST_SEED=77 pytest tests/core/test_random_traffic.py
FIRST_SEED = int(os.environ.get("OPENBOURSE_TEST_SEED", "1"))

seen: Counter[str] = Counter()


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
def test_core_and_naive_exchange_agree(seed: int) -> None:
    judge = Judge()
    traffic = Traffic(seed, users=2 + seed % 4, spread=2 + seed % 7, resting=4 + seed % 11, faults=0.02)
    for step in range(1, COMMANDS_OF_A_RUN + 1):
        command = traffic.next_command()
        try:
            events = judge.apply(command)
            judge.compare_money()
            judge.compare_books()
            if step % 10 == 0:
                judge.compare_all()
            if step % 500 == 0:
                judge.replace_by_restored()
        except AssertionError as difference:
            raise AssertionError(f"seed {seed}, step {step}, {command}: {difference}") from difference
        traffic.observe(events)
        count(command, events)
    judge.compare_all()


def count(command: AnyCommand, events: list[AnyEvent]) -> None:
    seen[type(command).__name__] += 1
    for event in events:
        seen[type(event).__name__] += 1
        if isinstance(event, Refused):
            seen[event.reason] += 1
        elif isinstance(event, OrderChanged):
            seen[f"{event.change} {event.order.status}"] += 1
            seen[event.order.request.type] += 1
        elif isinstance(event, StopChanged):
            seen[f"stop {event.change}"] += 1
        elif isinstance(event, WithdrawalChanged):
            seen[f"withdrawal {event.withdrawal.destination.method} {event.withdrawal.status}"] += 1
        elif isinstance(event, DepositChanged):
            seen[f"deposit {event.deposit.method} {event.deposit.status}"] += 1
        elif isinstance(event, Trade):
            seen["fee in token" if event.taker.fee_asset == FEE_TOKEN else "normal fee"] += 1
            seen["trade with oneself" if event.taker.user == event.maker.user else "trade"] += 1


def test_the_streams_above_met_every_kind_of_command_event_and_refusal() -> None:
    """Keeps the comparison honest: traffic that stops to collide would show nothing."""
    if sum(seen[kind.__name__] for kind in get_args(AnyCommand)) < RUNS * COMMANDS_OF_A_RUN:
        pytest.skip("needs all runs above in the same process")
    expected = [kind.__name__ for kind in (*get_args(AnyCommand), *get_args(AnyEvent))]
    # No stream is long enough to reach the limit of open orders; test_orders.py shows that one.
    expected += [reason for reason in get_args(CoreReason) if reason != "too_many_orders"]
    expected += ["placed open", "placed partially_filled", "filled partially_filled", "modified open"]
    expected += ["finished filled", "finished partially_cancelled", "finished cancelled"]
    expected += ["stop placed", "stop triggered", "stop failed", "stop cancelled"]
    expected += ["limit", "post_only", "ioc", "fok", "market"]
    expected += ["fee in token", "normal fee", "trade with oneself"]
    expected += [f"withdrawal on_chain {status}" for status in get_args(WithdrawalStatus)]
    expected += [f"deposit on_chain {status}" for status in get_args(DepositStatus)]
    expected += [f"withdrawal inter_user {status}" for status in ("review", "finished")]
    expected += ["deposit inter_user finished"]
    rare = {kind: seen[kind] for kind in expected if seen[kind] < 20}
    assert rare == {}
