"""Withdrawals that get stuck, and chains whose blocks come by the clock of the sandbox."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from openbourse.sandbox.control.client import ControlClient
from openbourse.sandbox.faults.desk import FaultDesk
from openbourse.sandbox.faults.rules import Rule
from openbourse.sandbox.faults.withdrawals import WithdrawalJam
from openbourse.testing import Sandbox, SandboxUser
from openbourse.venue.fund_operations import FundOperations
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.chain import Outgoing
from openbourse.wallet.simulated_chain import BLOCK_MS

CHAIN = "TRC20"
OUTSIDE = format_of(CHAIN).encode(bytes(32))
# More than a chain of the catalogue wants before it calls anything safe.
MANY_BLOCKS = 100 * BLOCK_MS / 1000


@pytest.fixture
def venue() -> Iterator[Sandbox]:
    with Sandbox.running(factor=0) as running:
        yield running
        running.check_ledger()


def withdraw(venue: Sandbox, user: SandboxUser) -> int:
    venue._venue.wallet.allow_list.add(user.id, AllowedAddress(CHAIN, OUTSIDE))
    details = {"network": CHAIN}
    answer = venue.ccxt(user).withdraw("USDT", 100, OUTSIDE, None, details)
    return int(answer["id"])


def status(venue: Sandbox, user: SandboxUser, number: int) -> str:
    found: list[dict[str, Any]] = venue.ccxt(user).fetch_withdrawals("USDT")
    return str(next(each["info"]["status"] for each in found if int(each["id"]) == number))


def becomes(venue: Sandbox, user: SandboxUser, number: int, wanted: str) -> None:
    """The wallet also looks by itself, so that a step of it may still be under way."""
    deadline = time.monotonic() + 30
    while status(venue, user, number) != wanted:
        assert time.monotonic() < deadline, status(venue, user, number)
        time.sleep(0.02)


def test_a_stuck_withdrawal_is_processed_until_the_fault_is_cleared(venue: Sandbox) -> None:
    alice = venue.user("alice", USDT=1000)
    venue.faults.add("withdrawals_stuck", route="USDT/*", count=1)
    stuck = withdraw(venue, alice)
    becomes(venue, alice, stuck, "processing")
    sent = withdraw(venue, alice)  # the fault was for one
    becomes(venue, alice, sent, "confirming")
    venue.advance(MANY_BLOCKS)
    venue.advance(MANY_BLOCKS)
    assert [status(venue, alice, number) for number in (stuck, sent)] == ["processing", "finished"]
    (fault,) = venue.faults.injected("withdrawals_stuck")
    assert fault.where == f"USDT/{CHAIN}"
    venue.faults.clear()
    becomes(venue, alice, stuck, "confirming")
    venue.advance(MANY_BLOCKS)
    assert status(venue, alice, stuck) == "finished"


@pytest.mark.parametrize("step", ["advance", "jump"])
def test_blocks_come_by_the_clock_of_the_sandbox(venue: Sandbox, step: str) -> None:
    """A deposit is credited when the clock has come to its block, and not before, whatever time passes."""
    alice = venue.user("alice")
    owner = venue._venue.accounts.user_by_name("alice")
    assert owner is not None
    venue._thread.run(FundOperations(venue._venue).faucet(owner, "USDT", 50 * 10**24, CHAIN))
    venue._thread.run(venue._venue.wallet.step())
    assert venue.balance(alice, "USDT") == 0
    ControlClient(venue.url).post("clock", {step: MANY_BLOCKS})
    assert venue.balance(alice, "USDT") == 50


def payment(number: int) -> Outgoing:
    return Outgoing(f"withdrawal-{number}", "USDT", OUTSIDE, "", 1)


def test_the_dice_are_thrown_once_for_a_payment() -> None:
    jam = WithdrawalJam(desk := FaultDesk(lambda: 0))
    desk.add(Rule(kind="withdrawals_stuck", route="usdt/trc20", probability=0.5))
    first = [jam.holds_back(CHAIN, payment(number)) for number in range(100)]
    assert 20 < sum(first) < 80
    assert len(desk.injected) == sum(first)
    held = [number for number in range(100) if first[number]]
    assert all(jam.holds_back(CHAIN, payment(number)) for number in held)
    assert len(desk.injected) == sum(first)


def test_a_payment_is_stuck_for_the_seconds_of_its_rule() -> None:
    now = [0.0]
    jam = WithdrawalJam(desk := FaultDesk(lambda: 0), lambda: now[0])
    desk.add(Rule(kind="withdrawals_stuck", seconds=60, count=1))
    assert jam.holds_back(CHAIN, payment(1))
    now[0] = 59.9
    assert jam.holds_back(CHAIN, payment(1))
    now[0] = 60.0
    assert not jam.holds_back(CHAIN, payment(1))


@pytest.mark.parametrize("rule", [{"route": "BTC/*"}, {"route": "*/ERC20"}, {"key": "somebody"}])
def test_rules_for_other_payments_hold_nothing_back(rule: dict[str, Any]) -> None:
    jam = WithdrawalJam(desk := FaultDesk(lambda: 0))
    desk.add(Rule(kind="withdrawals_stuck", **rule))
    assert not jam.holds_back(CHAIN, payment(1))
