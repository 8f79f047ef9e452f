"""Deposits in the core: credited once for ever, held while too small, never debited in silence."""

import msgspec
import pytest

from openbourse.core import snapshot
from openbourse.core.commands import (
    CancelWithdrawal,
    DepositFinding,
    Destination,
    ReportDeposit,
    RequestWithdrawal,
    ResolveDeposit,
)
from openbourse.core.events import AnyEvent, DepositChanged, DepositState, Refused, Repeated
from tests.core.house import ANN, BOB, House, money

FULL = money("1000000")


class Desk(House):
    """A house to which money comes."""

    def see(
        self, finding: DepositFinding, depth: int, tx_id: str = "tx", amount: str = "5", minimum: str = "1"
    ) -> list[AnyEvent]:
        """Ann's output 0 of a transaction, and what it has become."""
        facts = (ANN, "USDT", money(amount), "home", "")
        return self.do(
            ReportDeposit(self.time, "NET", tx_id, 0, *facts, depth, finding, minimum=money(minimum))
        )

    def gain(self) -> int:
        return self.exchange.balances(ANN, "spot")["USDT"][0] - FULL


def told(events: list[AnyEvent]) -> list[DepositState]:
    return [event.deposit for event in events if isinstance(event, DepositChanged)]


def statuses(events: list[AnyEvent]) -> list[str]:
    return [deposit.status for deposit in told(events)]


def reason(events: list[AnyEvent]) -> str:
    [event] = events
    assert isinstance(event, Refused)
    return event.reason


def test_a_deposit_is_credited_when_it_is_safe() -> None:
    desk = Desk()
    assert statuses(desk.see("seen", 0)) == ["processing"]
    assert statuses(desk.see("seen", 1)) == ["confirming"]
    assert desk.gain() == 0
    [done] = told(desk.see("safe", 2))
    assert (done.status, done.credited, done.confirmations) == ("finished", money("5"), 2)
    assert desk.gain() == money("5")
    assert statuses(desk.see("safe", 3)) == ["finished"]
    assert desk.see("safe", 3) == [Repeated("NET/tx/0", done.deposit_id)]
    assert statuses(desk.see("irreversible", 6)) == ["finished"]
    assert desk.exchange.live_deposits() == []
    assert desk.gain() == money("5")


@pytest.mark.parametrize("finding", ["seen", "safe", "irreversible", "gone"])
def test_nothing_becomes_of_an_output_that_is_done(finding: DepositFinding) -> None:
    desk = Desk()
    desk.see("irreversible", 9)
    desk.exchange = snapshot.restore(snapshot.dump(desk.exchange))
    [repeated] = desk.see(finding, 3)
    assert isinstance(repeated, Repeated)
    assert desk.gain() == money("5")
    number = desk.exchange.deposit_id("NET", "tx", 0)
    assert number == repeated.id
    assert reason(desk.do(ResolveDeposit(desk.time, number, credit=True, note=""))) == "unknown_deposit"


def test_other_facts_of_the_same_output_are_refused() -> None:
    desk = Desk()
    desk.see("seen", 1)
    assert reason(desk.see("safe", 2, amount="6")) == "key_conflict"
    report = ReportDeposit(desk.time, "NET", "tx", 0, BOB, "USDT", money("5"), "home", "", 2, "safe")
    assert reason(desk.do(report)) == "key_conflict"
    assert told(desk.do(msgspec.structs.replace(report, output=1)))  # another output is another deposit
    assert told(desk.do(msgspec.structs.replace(report, chain="MESH")))


def test_a_reorganisation_before_crediting_voids() -> None:
    desk = Desk()
    desk.see("seen", 1)
    assert statuses(desk.see("gone", 0)) == ["cancelled"]
    assert isinstance(desk.see("gone", 0)[0], Repeated)
    assert statuses(desk.see("safe", 3)) == ["exception"]  # void is void: a person must look
    assert desk.gain() == 0
    [held] = desk.exchange.live_deposits()
    assert statuses(desk.do(ResolveDeposit(desk.time, held.deposit_id, credit=True, note="seen by me"))) == [
        "finished"
    ]
    assert desk.gain() == money("5")
    assert isinstance(desk.see("safe", 4)[0], Repeated)


@pytest.mark.parametrize(("finding", "depth"), [("gone", 0), ("seen", 0)])
def test_a_reorganisation_after_crediting_waits_for_a_person(finding: DepositFinding, depth: int) -> None:
    desk = Desk()
    number = told(desk.see("safe", 2))[0].deposit_id
    [deposit] = told(desk.see(finding, depth))
    assert (deposit.status, deposit.credited) == ("exception", money("5"))
    assert desk.gain() == money("5")  # never debited in silence
    assert statuses(desk.see("irreversible", 9)) == ["exception"]
    [void] = told(desk.do(ResolveDeposit(desk.time, number, credit=False, note="double spend")))
    assert (void.status, void.credited, void.note) == ("cancelled", 0, "double spend")
    assert desk.gain() == 0


def test_a_person_may_keep_what_was_credited() -> None:
    desk = Desk()
    number = told(desk.see("safe", 2))[0].deposit_id
    desk.see("gone", 0)
    [kept] = told(desk.do(ResolveDeposit(desk.time, number, credit=True, note="mined again")))
    assert (kept.status, kept.credited) == ("finished", money("5"))
    assert desk.gain() == money("5")
    assert desk.exchange.live_deposits() == []


def test_what_is_spent_cannot_be_taken_back() -> None:
    desk = Desk()
    number = told(desk.see("safe", 2, amount="900000"))[0].deposit_id
    there = Destination("on_chain", "NET", "there")
    held = RequestWithdrawal(desk.time, "w", ANN, "USDT", FULL, "USDT", 0, there)
    withdrawal = desk.exchange.state.last_id + 1
    desk.do(held)
    desk.see("gone", 0, amount="900000")
    desk.do(ResolveDeposit(desk.time, number, credit=False, note=""))
    assert desk.gain() == -FULL
    desk.do(CancelWithdrawal(desk.time, ANN, withdrawal))
    assert desk.gain() == 0


def test_taking_back_more_than_there_is_is_refused() -> None:
    desk = Desk()
    number = told(desk.see("safe", 2, amount="10"))[0].deposit_id
    desk.see("gone", 0, amount="10")
    desk.place(ANN, "buy", "1", "1000005")
    assert reason(desk.do(ResolveDeposit(desk.time, number, credit=False, note=""))) == "insufficient_balance"
    assert desk.exchange.live_deposits()[0].status == "exception"


def test_deposits_that_are_too_small_count_together() -> None:
    """account-assets.md, deposit states: too_small."""
    desk = Desk()
    assert statuses(desk.see("safe", 2, "t1", "0.4")) == ["too_small"]
    assert statuses(desk.see("irreversible", 9, "t2", "0.5")) == ["too_small"]
    assert desk.gain() == 0
    assert statuses(desk.see("seen", 1, "t3", "0.1")) == ["confirming"]
    events = desk.see("safe", 2, "t3", "0.1")
    assert statuses(events) == ["finished"] * 3
    assert desk.gain() == money("1")
    assert [deposit.tx_id for deposit in desk.exchange.live_deposits()] == ["t1", "t3"]


def test_small_deposits_of_different_chains_do_not_count_together() -> None:
    desk = Desk()
    desk.see("safe", 2, "t1", "0.6")
    other = ReportDeposit(
        desk.time, "MESH", "t", 0, ANN, "USDT", money("0.6"), "home", "", 2, "safe", money("1")
    )
    assert statuses(desk.do(other)) == ["too_small"]
    assert desk.gain() == 0


def test_a_lower_minimum_frees_what_was_held() -> None:
    desk = Desk()
    desk.see("safe", 2, "t1", "0.6")
    assert statuses(desk.see("safe", 2, "t1", "0.6", minimum="0.5")) == ["finished"]


def test_what_is_gone_was_never_there() -> None:
    assert reason(Desk().see("gone", 0)) == "unknown_deposit"
