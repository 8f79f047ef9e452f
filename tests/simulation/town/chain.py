"""The chain outside of the venue: it outlives every crash, answers late or not at all, and is reorganised.

The rules of blocks and payments are those of the real simulated chain; what this adds is the way there and
back. It also keeps count of what must never happen: a withdrawal that is paid twice.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import create_engine, delete, select
from sqlalchemy.pool import StaticPool

from openbourse.wallet.chain import (
    BroadcastRefusedError,
    BroadcastUnknownError,
    ChainUnavailableError,
    Incoming,
    Outgoing,
)
from openbourse.wallet.simulated_chain import SimulatedChain, _transfers
from tests.core.dice import Dice
from tests.simulation.machine import Machine

NAME = "TRC20"
BLOCK_MS = 1000
SAFE = 2
IRREVERSIBLE = 4
_LATE_SECONDS = 6.0


class Payment(NamedTuple):
    """A transfer as the chain has it now."""

    tx_id: str
    address: str
    asset: str
    amount: int
    reference: str


class OutsideChain:
    """One chain for all lives of a venue; `visit` gives the venue of one life its connection to it."""

    def __init__(self, dice: Dice, faults: Counter[str], now: Callable[[], int]) -> None:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        self.inner = SimulatedChain(NAME, engine, now, block_ms=BLOCK_MS)
        self.calm = False
        self.paid: Counter[str] = Counter()  # how often a reference was ever paid
        self.pending: dict[str, Outgoing] = {}  # on their way, and nobody knows
        self.faults = faults
        self.dice = dice
        self._engine = engine
        self._moved: set[str] = set()  # what was in a block once, perhaps deep, before a reorganisation

    def payments(self) -> list[Payment]:
        """Everything that is on the chain, or waits for a block."""
        query = select(_transfers).order_by(_transfers.c.id)
        with self._engine.connect() as connection:
            rows = list(connection.execute(query))
        return [Payment(row.tx_id, row.address, row.asset, int(row.amount), row.reference) for row in rows]

    def settle(self) -> None:
        """What is on its way has arrived, or never will."""
        for payment in list(self.pending.values()):
            if self.dice.random() < 0.5:
                self.send(payment)
        self.pending.clear()

    def send(self, payment: Outgoing) -> str:
        self.pending.pop(payment.reference, None)
        self.paid[payment.reference] += 1
        return self.inner.pay(payment.address, payment.memo, payment.asset, payment.amount, payment.reference)

    async def reorganise(self) -> None:
        """Replace the newest blocks, never one that counts as irreversible.

        What came in may have never happened; of what the venue sent, only what was never deeper than a block.
        """
        depth, drop = self.dice.between(1, IRREVERSIBLE - 1), self.dice.random() < 0.4
        tip = await self.inner.height()
        if drop:
            places = _transfers.c.height.between(tip - depth + 1, tip)
            foreign = _transfers.c.reference == ""
            with self._engine.begin() as connection:
                dropped = connection.execute(delete(_transfers).where(places, foreign)).rowcount
                young = (_transfers.c.height == tip, _transfers.c.reference != "")
                seen = list(connection.execute(select(_transfers.c.reference).where(*young)).scalars())
                own = [reference for reference in seen if reference not in self._moved]
                connection.execute(delete(_transfers).where(_transfers.c.reference.in_(own)))
            self.paid.subtract(own)
            self.faults["fault reorganisation, payments dropped"] += bool(dropped)
            self.faults["fault reorganisation, own payment dropped"] += bool(own)
        self._moved |= {payment.reference for payment in self.payments()}
        moved = self.inner.reorganise(depth, drop=False)
        self.faults["fault reorganisation"] += 1
        self.faults["fault reorganisation, payments moved"] += bool(moved)


class Connection:
    """See Chain: the venue's way to the chain, in one life."""

    def __init__(self, chain: OutsideChain, machine: Machine) -> None:
        self._chain = chain
        self._inner = chain.inner
        self._machine = machine
        self.remembers_references = chain.dice.random() < 0.8

    def new_address(self, index: int) -> str:
        return self._inner.new_address(index)

    def is_valid_address(self, address: str) -> bool:
        return self._inner.is_valid_address(address)

    def usual_spelling(self, address: str) -> str:
        return self._inner.usual_spelling(address)

    async def height(self) -> int:
        return int(await self._ask(self._inner.height))

    async def incoming(self, since: int) -> list[Incoming]:
        found: list[Incoming] = await self._ask(self._inner.incoming, since)
        return found

    async def find_incoming(self, tx_id: str, output: int) -> Incoming | None:
        found: Incoming | None = await self._ask(self._inner.find_incoming, tx_id, output)
        return found

    async def confirmations(self, tx_id: str) -> int | None:
        found: int | None = await self._ask(self._inner.confirmations, tx_id)
        return found

    async def find_outgoing(self, reference: str) -> str | None:
        if reference in self._chain.pending or not self.remembers_references:
            self._chain.faults["fault chain cannot tell what it was sent"] += 1
            raise BroadcastUnknownError("the chain cannot tell")
        found: str | None = await self._ask(self._inner.find_outgoing, reference)
        return found

    async def broadcast(self, payment: Outgoing) -> str:
        """A payment may be refused, sent without an answer, sent much later, or not at all."""
        await self._way()
        chance = 1.0 if self._chain.calm else self._chain.dice.random()
        if chance < 0.08:
            self._count("broadcast refused")
            raise BroadcastRefusedError("refused")
        if chance < 0.14:
            self._count("broadcast lost, unknown")
            raise BroadcastUnknownError("no answer")
        if chance < 0.2:
            self._count("broadcast late, unknown")
            self._chain.pending[payment.reference] = payment
            asyncio.get_running_loop().call_later(
                _LATE_SECONDS * self._chain.dice.random(), self._arrive, payment
            )
            raise BroadcastUnknownError("no answer")
        tx_id = self._chain.send(payment)
        await self._way()
        if chance < 0.26:
            self._count("broadcast sent, unknown")
            raise BroadcastUnknownError("no answer")
        return tx_id

    def _arrive(self, payment: Outgoing) -> None:
        if payment.reference in self._chain.pending:
            self._chain.send(payment)

    def _count(self, fault: str) -> None:
        self._chain.faults[f"fault {fault}"] += 1

    async def _ask(self, question: Any, *arguments: object) -> Any:
        await self._way()
        found = await question(*arguments)
        await self._way()
        return found

    async def _way(self) -> None:
        """There, or back: a while, and sometimes nobody comes through."""
        self._machine.boundary("chain")
        await asyncio.sleep(self._chain.dice.random() * 0.02)
        self._machine.boundary("chain")
        if not self._chain.calm and self._chain.dice.random() < 0.01:
            self._count("chain unavailable")
            raise ChainUnavailableError("nobody answers")


class Connections:
    """See Chains: a venue with one chain."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Connection | None:
        return self._connection if name == NAME else None
