"""The judge: after every recovery, at rest and at the end, holds the log against what everybody was told.

Every method raises AssertionError with what is wrong.
"""

from openbourse.core import invariants, snapshot
from openbourse.core.commands import AnyCommand
from openbourse.core.events import Applied
from openbourse.history.history import History
from openbourse.log.command_log import CommandLog
from openbourse.log.data_directory import DataDirectory
from openbourse.log.verify import verify
from tests.history.test_projection import content
from tests.simulation.town.chain import OutsideChain
from tests.simulation.town.claims import UNITS, number
from tests.simulation.town.ledger import Ledger
from tests.simulation.town.life import Life
from tests.simulation.town.record import Record
from tests.simulation.town.watcher import Watcher

_MAX_TOLD = 5
ENDED = ("finished", "cancelled", "rejected", "failed")


class Judge:
    def __init__(self, ledger: Ledger, watchers: list[Watcher], chain: OutsideChain) -> None:
        self.record = Record()
        self._ledger = ledger
        self._watchers = watchers
        self._chain = chain

    def after_recovery(self, life: Life, before: list[Applied]) -> None:
        """Nothing that was told is lost; `before` is what the venue of the life before had applied."""
        log = life.venue.log
        self._catch_up(log)
        for applied in before:
            place = applied.sequence - 1
            assert place < len(self.record.commands), f"command {applied.sequence} was seen and is gone"
            known = (self.record.commands[place], self.record.events[place])
            assert known == (applied.command, applied.events), f"command {applied.sequence} was another"
        exchange = life.venue.exchange
        assert snapshot.dump(exchange) == snapshot.dump(self.record.judge), "recovery leads to another state"
        assert invariants.violations(exchange) == []
        assert life.venue.history.applied_sequence() == exchange.sequence, "the history is behind"
        self.judge_claims()

    def judge_claims(self) -> None:
        """What was heard until now, over HTTP and over WebSocket."""
        found = self._ledger.wrong(self.record)
        for watcher in self._watchers:
            for heard in watcher.heard:
                found += heard.wrong(self.record, watcher.caller.who.user, to_the_end=False)
            watcher.heard.clear()
        assert not found, "; ".join(found[:_MAX_TOLD])
        twice = [reference for reference, times in self._chain.paid.items() if times > 1]
        assert not twice, f"sent twice: {twice}"
        for number_, amount in self.record.deposited.items():
            course = self.record.deposits.get(number_)
            state = None if course is None else course.latest
            most = amount if state is None else state.amount
            assert 0 <= amount <= most, f"deposit {number_} of {most} was credited with {amount}"

    def at_rest(self, life: Life) -> None:
        """Everything has arrived and is done: books and pushes are complete, the chain and the core agree."""
        self._catch_up(life.venue.log)
        for watcher in self._watchers:
            if watcher.open is not None and watcher.is_complete:
                user = watcher.caller.who.user
                found = watcher.open.wrong(self.record, user, to_the_end=True)
                assert not found, "; ".join(found)
                life.counts["connections complete at rest"] += 1
                self._compare_books(life, watcher)
        self._compare_deposits()
        self._compare_withdrawals()
        self.judge_claims()

    def at_end(self, directory: DataDirectory) -> None:
        """The files of a venue that has stopped."""
        report = verify(directory.path)
        assert report.problems == [], report.problems
        history, again = History(f"sqlite:///{directory.history}"), History("sqlite://")
        try:
            rows = enumerate(zip(self.record.commands, self.record.events, strict=True), 1)
            again.apply([Applied(sequence, command, events) for sequence, (command, events) in rows])
            mine, theirs = content(history), content(again)
            other = [name for name, rows in theirs.items() if mine[name] != rows]
            assert not other, f"the history is not what happened: {other}"
        finally:
            history.close()
            again.close()

    # -- inside --------------------------------------------------------------------------------------

    def _catch_up(self, log: CommandLog) -> None:
        known = self.record.commands
        found: list[AnyCommand] = []
        for _, commands in log.read(0):
            found += commands
        assert found[: len(known)] == known, "commands that were durable are gone"
        for command in found[len(known) :]:
            self.record.add(command)

    def _compare_books(self, life: Life, watcher: Watcher) -> None:
        for market, keeper in watcher.books.items():
            bids, asks = keeper.book()
            for side, told in (("buy", bids), ("sell", asks)):
                mine = [(number(price, UNITS), number(amount, UNITS)) for price, amount in told]
                theirs = life.venue.exchange.levels(market, "buy" if side == "buy" else "sell", 50)
                assert mine == theirs, f"{side} side of {market}: the client has {mine}, the venue {theirs}"
            life.counts["books compared at rest"] += 1

    def _compare_deposits(self) -> None:
        """What is on the chain is credited once, what is not is not; but for what a person is to decide."""
        payments = {payment.tx_id: payment for payment in self._chain.payments()}
        known = {
            course.latest.tx_id: course.latest for course in self.record.deposits.values() if course.latest
        }
        for payment in payments.values():
            owner = self._ledger.addresses.get(payment.address)
            if owner is None or payment.reference:
                continue
            state = known.get(payment.tx_id)
            assert state is not None, f"{payment} has arrived and nobody saw it"
            facts = (state.user, state.asset, state.amount)
            assert facts == (owner, payment.asset, payment.amount), f"{payment} became {state}"
            is_credited = state.status == "finished" and state.credited == state.amount
            assert is_credited or state.status in ("too_small", "exception", "cancelled"), state
            if state.status == "finished":
                assert state.irreversible, f"{state} is not final"
        for tx_id, state in known.items():
            if state.method == "on_chain" and tx_id not in payments:
                assert state.status in ("cancelled", "exception"), (
                    f"{state} is credited, and not on the chain"
                )

    def _compare_withdrawals(self) -> None:
        """What was sent is on the chain, once; what came to nothing is not there."""
        sent: dict[str, list[tuple[str, str, int]]] = {}
        for payment in self._chain.payments():
            if payment.reference:
                facts = (payment.asset, payment.address, payment.amount)
                sent.setdefault(payment.reference, []).append(facts)
        for course in self.record.withdrawals.values():
            state = course.latest
            assert state is not None
            if state.destination.method != "on_chain":
                continue
            assert state.status in ENDED, f"{state} has not ended"
            there = sent.pop(f"withdrawal-{state.withdrawal_id}", [])
            facts = (state.asset, state.destination.address, state.amount)
            assert there == ([facts] if state.status == "finished" else []), (
                f"{state} is {there} on the chain"
            )
        assert not sent, f"nobody asked for {sent}"
