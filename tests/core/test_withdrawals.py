"""Withdrawals in the core: what is frozen, which steps are legal, who may cancel, what limits mean."""

from typing import get_args

import pytest

from openbourse.core import snapshot
from openbourse.core.commands import (
    AdvanceWithdrawal,
    CancelWithdrawal,
    Destination,
    ReportDeposit,
    RequestWithdrawal,
    SetUserStatus,
    SetWithdrawals,
    WithdrawalStep,
)
from openbourse.core.events import (
    AnyEvent,
    DepositChanged,
    Refused,
    Repeated,
    WithdrawalChanged,
    WithdrawalState,
    WithdrawalStatus,
)
from openbourse.core.ledger import CUSTODY, FEES
from openbourse.core.withdrawals import DAY, ENDED, NEXT
from tests.core.house import ANN, BOB, House, money

THERE = Destination("on_chain", "NET", "there")
TO_BOB = Destination("inter_user", "", "bob@venue", receiver=BOB)
# The way to each status, from a withdrawal that was put under review.
WAYS: dict[WithdrawalStatus, tuple[WithdrawalStep, ...]] = {
    "review": (),
    "approved": ("approved",),
    "processing": ("approved", "processing"),
    "confirming": ("approved", "processing", "confirming"),
    "unknown": ("approved", "processing", "unknown"),
    "finished": ("approved", "processing", "confirming", "finished"),
    "rejected": ("rejected",),
    "failed": ("approved", "processing", "failed"),
}


class Desk(House):
    """A house in which Ann withdraws USDT."""

    def ask(
        self,
        amount: str,
        key: str = "w",
        to: Destination = THERE,
        *,
        fee: str = "1",
        fee_asset: str = "USDT",
        review: str | None = None,
        limit: str | None = None,
    ) -> list[AnyEvent]:
        limits = [None if text is None else money(text) for text in (review, limit)]
        return self.do(
            RequestWithdrawal(
                self.time, key, ANN, "USDT", money(amount), fee_asset, money(fee), to, "rent", *limits
            )
        )

    def step(self, withdrawal: int, *steps: WithdrawalStep) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        for status in steps:
            tx_id = "tx" if status == "confirming" else ""
            events = self.do(AdvanceWithdrawal(self.time, withdrawal, status, tx_id))
        return events

    def money_of(self, user: int, asset: str = "USDT") -> tuple[int, int]:
        return self.exchange.balances(user, "spot")[asset]

    def system(self, name: str) -> int:
        return self.exchange.state.ledger.system_account(name, "USDT").available


def told(events: list[AnyEvent]) -> WithdrawalState:
    [event] = [event for event in events if isinstance(event, WithdrawalChanged)]
    return event.withdrawal


def reason(events: list[AnyEvent]) -> str:
    [event] = events
    assert isinstance(event, Refused)
    return event.reason


def test_a_withdrawal_holds_amount_and_fee_until_it_is_finished() -> None:
    desk = Desk()
    full, custody = money("1000000"), desk.system(CUSTODY)
    withdrawal = told(desk.ask("100"))
    assert (withdrawal.status, withdrawal.remark, withdrawal.destination) == ("approved", "rent", THERE)
    assert desk.money_of(ANN) == (full - money("101"), money("101"))
    desk.step(withdrawal.withdrawal_id, "processing", "confirming")
    assert desk.money_of(ANN) == (full - money("101"), money("101"))
    done = told(desk.step(withdrawal.withdrawal_id, "finished"))
    assert (done.status, done.tx_id) == ("finished", "tx")
    assert desk.money_of(ANN) == (full - money("101"), 0)
    assert (desk.system(CUSTODY) - custody, desk.system(FEES)) == (money("100"), money("1"))
    assert desk.exchange.live_withdrawals() == []


def test_a_fee_in_another_asset_is_held_beside_it() -> None:
    desk = Desk()
    number = told(desk.ask("100", fee="2", fee_asset="BTC")).withdrawal_id
    assert (desk.money_of(ANN)[1], desk.money_of(ANN, "BTC")[1]) == (money("100"), money("2"))
    desk.step(number, "processing", "confirming", "finished")
    assert desk.money_of(ANN, "BTC") == (money("8"), 0)
    assert reason(desk.ask("100", "w2", fee="8.1", fee_asset="BTC")) == "insufficient_balance"


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("step", get_args(WithdrawalStep))
def test_only_legal_steps_are_taken(status: WithdrawalStatus, step: WithdrawalStep) -> None:
    """account-assets.md, withdrawal states; every pair of a state and a step."""
    desk = Desk()
    number = told(desk.ask("100", review="0")).withdrawal_id
    desk.step(number, *WAYS[status])
    before = desk.exchange.live_withdrawals(), desk.money_of(ANN)
    events = desk.step(number, step)
    if status in ENDED:
        assert reason(events) == "unknown_withdrawal"
    elif step in NEXT[status]:
        assert told(events).status == step
        returned = step in ("rejected", "failed")
        held = 0 if returned or step == "finished" else money("101")
        assert desk.money_of(ANN)[1] == held
        assert sum(desk.money_of(ANN)) == money("1000000") - (money("101") if step == "finished" else 0)
    else:
        assert reason(events) == "wrong_state"
        assert (desk.exchange.live_withdrawals(), desk.money_of(ANN)) == before


@pytest.mark.parametrize("status", WAYS)
def test_cancelling_is_possible_until_sending_begins(status: WithdrawalStatus) -> None:
    """account-assets.md B17."""
    desk = Desk()
    number = told(desk.ask("100", review="0")).withdrawal_id
    desk.step(number, *WAYS[status])
    assert reason(desk.do(CancelWithdrawal(desk.time, BOB, number))) == "unknown_withdrawal"
    events = desk.do(CancelWithdrawal(desk.time, ANN, number))
    if status in ("review", "approved"):
        assert told(events).status == "cancelled"
        assert desk.money_of(ANN) == (money("1000000"), 0)
        assert reason(desk.step(number, "approved")) == "unknown_withdrawal"
    elif status in ENDED:
        assert reason(events) == "unknown_withdrawal"
    else:
        assert reason(events) == "wrong_state"


def test_nothing_is_confirmed_without_a_transaction() -> None:
    desk = Desk()
    number = told(desk.ask("100")).withdrawal_id
    desk.step(number, "processing")
    assert reason(desk.do(AdvanceWithdrawal(desk.time, number, "confirming"))) == "invalid_request"


def test_the_same_key_withdraws_once() -> None:
    desk = Desk()
    number = told(desk.ask("100")).withdrawal_id
    desk.step(number, "processing", "confirming", "finished")
    assert desk.ask("100") == [Repeated("w", number)]
    assert reason(desk.ask("101")) == "key_conflict"
    assert reason(desk.ask("100", to=Destination("on_chain", "NET", "elsewhere"))) == "key_conflict"


def test_between_users_money_moves_at_once() -> None:
    desk = Desk()
    events = desk.ask("100", to=TO_BOB, fee="0")
    assert told(events).status == "finished"
    [deposit] = [event.deposit for event in events if isinstance(event, DepositChanged)]
    assert (deposit.user, deposit.credited, deposit.method, deposit.sender) == (
        BOB,
        money("100"),
        "inter_user",
        ANN,
    )
    assert (desk.money_of(ANN)[0], desk.money_of(BOB)[0]) == (money("999900"), money("1000100"))
    to_herself = Destination("inter_user", "", "ann@venue", receiver=ANN)
    assert reason(desk.ask("1", "w2", to_herself)) == "invalid_request"
    assert reason(desk.ask("1", "w3", Destination("inter_user", "", "x", receiver=77))) == "unknown_user"


def test_a_review_holds_money_between_users_too() -> None:
    desk = Desk()
    number = told(desk.ask("100", to=TO_BOB, fee="0", review="99")).withdrawal_id
    assert desk.money_of(BOB)[0] == money("1000000")
    assert told(desk.step(number, "approved")).status == "finished"
    assert desk.money_of(BOB)[0] == money("1000100")


@pytest.mark.parametrize(("amount", "status"), [("50", "approved"), ("50.000001", "review")])
def test_a_person_decides_above_the_review_limit(amount: str, status: str) -> None:
    assert told(Desk().ask(amount, review="50")).status == status


def test_the_daily_limit_counts_by_utc_days() -> None:
    desk = Desk()
    desk.time = 10 * DAY + 5
    first = told(desk.ask("60", "w1", limit="100")).withdrawal_id
    assert reason(desk.ask("40.1", "w2", limit="100")) == "daily_limit_exceeded"
    assert desk.exchange.withdrawn_on(ANN, "USDT", 10) == money("60")
    told(desk.ask("40", "w3", limit="100"))
    assert reason(desk.ask("0.1", "w4", limit="100")) == "daily_limit_exceeded"
    desk.do(CancelWithdrawal(desk.time, ANN, first))  # gives its part of the day back
    told(desk.ask("60", "w5", limit="100"))
    desk.time = 11 * DAY
    last = told(desk.ask("100", "w6", limit="100")).withdrawal_id
    desk.exchange = snapshot.restore(snapshot.dump(desk.exchange))
    assert reason(desk.ask("1", "w7", limit="100")) == "daily_limit_exceeded"
    desk.time = 12 * DAY
    told(desk.ask("100", "w8", limit="100"))
    desk.do(CancelWithdrawal(desk.time, ANN, last))  # of yesterday: today's limit stays used
    assert reason(desk.ask("1", "w9", limit="100")) == "daily_limit_exceeded"


def test_halting_stops_requests_and_sending_but_not_cancelling() -> None:
    desk = Desk()
    first, second = (told(desk.ask("1", key)).withdrawal_id for key in ("w1", "w2"))
    third = told(desk.ask("1", "w3")).withdrawal_id
    desk.step(third, "processing")
    desk.do(SetWithdrawals(desk.time, enabled=False))
    desk.exchange = snapshot.restore(snapshot.dump(desk.exchange))
    assert reason(desk.ask("1", "w4")) == "withdrawals_halted"
    assert reason(desk.step(first, "processing")) == "withdrawals_halted"
    assert told(desk.step(third, "confirming")).status == "confirming"
    assert told(desk.do(CancelWithdrawal(desk.time, ANN, second))).status == "cancelled"
    desk.do(SetWithdrawals(desk.time, enabled=True))
    assert told(desk.step(first, "processing")).status == "processing"


def test_nothing_is_sent_for_a_frozen_user() -> None:
    desk = Desk()
    number = told(desk.ask("1")).withdrawal_id
    desk.do(SetUserStatus(desk.time, ANN, "frozen"))
    assert reason(desk.ask("1", "w2")) == "user_barred"
    assert reason(desk.step(number, "processing")) == "user_barred"


def test_credited_money_leaves_only_when_its_deposit_is_irreversible() -> None:
    desk = Desk()
    facts = (ANN, "USDT", money("500"), "home", "")
    desk.do(ReportDeposit(desk.time, "NET", "tx", 0, *facts, 2, "safe"))
    assert desk.money_of(ANN)[0] == money("1000500")
    assert desk.exchange.withdrawable(ANN, "USDT") == money("1000000")
    assert reason(desk.ask("1000000.5", fee="0")) == "insufficient_balance"
    desk.do(
        ReportDeposit(desk.time, "NET", "tx", 0, ANN, "USDT", money("500"), "home", "", 9, "irreversible")
    )
    assert desk.exchange.withdrawable(ANN, "USDT") == money("1000500")
    assert told(desk.ask("1000000.5", fee="0")).status == "approved"
