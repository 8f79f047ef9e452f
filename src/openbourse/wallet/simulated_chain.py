"""A chain that is not there: blocks come by the venue's clock, accidents when they are asked for.

What block a transaction is in is decided when it is made: the next one. Before the clock has come to that
block the transaction waits, afterwards it gathers confirmations. Everything is in the relational database,
so that a chain outlives the venue that it pays. Only a sandbox has such chains.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from openbourse.wallet.address_formats import format_of
from openbourse.wallet.chain import (
    BroadcastRefusedError,
    BroadcastUnknownError,
    ChainUnavailableError,
    Incoming,
    Outgoing,
)

BLOCK_MS: Final = 3_000

_metadata = MetaData()
_chains = Table(
    "simulated_chains",
    _metadata,
    Column("name", String(32), primary_key=True),
    Column("began_at", BigInteger, nullable=False),
)
_transfers = Table(
    "simulated_transfers",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("chain", String(32), nullable=False, index=True),
    Column("tx_id", String(64), nullable=False, index=True),
    Column("asset", String(32), nullable=False),
    Column("address", String(256), nullable=False),
    Column("memo", String(256), nullable=False),
    Column("amount", String(64), nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("reference", String(64), nullable=False, index=True),
    sqlite_autoincrement=True,
)

# What may happen to a broadcast: it is refused, or nobody hears of it and it was sent, or was not.
Accident = Literal["refused", "timeout_sent", "timeout_not_sent"]


class SimulatedChain:
    """See Chain. `now` is the venue's clock in ms; equal seeds give equal addresses and transactions."""

    def __init__(
        self, name: str, engine: Engine, now: Callable[[], int], seed: str = "", block_ms: int = BLOCK_MS
    ) -> None:
        self.name = name
        self._engine = engine
        self._now = now
        self._seed = seed
        self._block_ms = block_ms
        self._format = format_of(name)
        self._accidents: deque[Accident] = deque()
        self.available = True
        self.holds_back: Callable[[Outgoing], bool] = _never
        self.remembers_references = True
        _metadata.create_all(engine)
        self._began_at = self._begin()

    # -- addresses -----------------------------------------------------------------------------------

    def new_address(self, index: int) -> str:
        """See Chain.new_address."""
        return self._format.encode(self._digest("address", index))

    def is_valid_address(self, address: str) -> bool:
        """See Chain.is_valid_address."""
        return self._format.is_valid(address)

    def usual_spelling(self, address: str) -> str:
        """See Chain.usual_spelling."""
        return self._format.usual(address) if self._format.is_valid(address) else address

    # -- reading -------------------------------------------------------------------------------------

    async def height(self) -> int:
        """See Chain.height."""
        self._check_available()
        return self._tip()

    async def incoming(self, since: int) -> list[Incoming]:
        """See Chain.incoming."""
        self._check_available()
        return [self._seen(row) for row in self._rows(_transfers.c.height >= since)]

    async def find_incoming(self, tx_id: str, output: int) -> Incoming | None:
        """See Chain.find_incoming; every transaction has one output, number 0."""
        self._check_available()
        rows = self._rows(_transfers.c.tx_id == tx_id)
        return self._seen(rows[0]) if rows and output == 0 else None

    async def find_outgoing(self, reference: str) -> str | None:
        """See Chain.find_outgoing."""
        self._check_available()
        if not self.remembers_references:
            raise BroadcastUnknownError("this chain does not tell payments apart")
        rows = self._rows(_transfers.c.reference == reference)
        return str(rows[0].tx_id) if rows else None

    async def confirmations(self, tx_id: str) -> int | None:
        """See Chain.confirmations."""
        self._check_available()
        rows = self._rows(_transfers.c.tx_id == tx_id)
        return self._seen(rows[0]).confirmations if rows else None

    # -- paying --------------------------------------------------------------------------------------

    async def broadcast(self, payment: Outgoing) -> str:
        """See Chain.broadcast. It sends what it is told, as often as it is told: chains do."""
        self._check_available()
        if self.holds_back(payment):
            raise ChainUnavailableError(f"the simulated chain {self.name} takes no such payment now")
        accident = self._accidents.popleft() if self._accidents else None
        if accident == "refused":
            raise BroadcastRefusedError("the simulated chain refused the payment")
        if accident == "timeout_not_sent":
            raise BroadcastUnknownError("the simulated chain did not answer")
        tx_id = self.pay(payment.address, payment.memo, payment.asset, payment.amount, payment.reference)
        if accident == "timeout_sent":
            raise BroadcastUnknownError("the simulated chain did not answer")
        return tx_id

    def pay(self, address: str, memo: str, asset: str, amount: int, reference: str = "") -> str:
        """Put a payment into the next block; returns its transaction. The faucet, and everybody's wallet."""
        with self._engine.begin() as connection:
            made = connection.execute(
                insert(_transfers).values(
                    chain=self.name,
                    tx_id="",
                    asset=asset,
                    address=self.usual_spelling(address),
                    memo=memo,
                    amount=str(amount),
                    height=self._tip() + 1,
                    reference=reference,
                )
            )
            key = made.inserted_primary_key
            assert key is not None
            tx_id = self._digest("transaction", int(key[0])).hex()
            connection.execute(update(_transfers).where(_transfers.c.id == key[0]).values(tx_id=tx_id))
        return tx_id

    # -- accidents -----------------------------------------------------------------------------------

    def fail_next(self, accident: Accident) -> None:
        """Let this happen to the next broadcast that has no accident yet."""
        self._accidents.append(accident)

    def reorganise(self, depth: int, *, drop: bool) -> int:
        """Replace the newest `depth` blocks; returns how many transactions were in them.

        Those come into the next block, or, with `drop`, never existed.
        """
        tip = self._tip()
        undone = [_transfers.c.chain == self.name, _transfers.c.height.between(tip - depth + 1, tip)]
        with self._engine.begin() as connection:
            if drop:
                return connection.execute(delete(_transfers).where(*undone)).rowcount
            return connection.execute(update(_transfers).where(*undone).values(height=tip + 1)).rowcount

    # -- inside --------------------------------------------------------------------------------------

    def _begin(self) -> int:
        with self._engine.begin() as connection:
            query = select(_chains.c.began_at).where(_chains.c.name == self.name)
            found = connection.execute(query).scalar()
            if found is None:
                found = self._now()
                connection.execute(insert(_chains).values(name=self.name, began_at=found))
        return int(found)

    def _tip(self) -> int:
        return max(0, self._now() - self._began_at) // self._block_ms

    def _rows(self, condition: Any) -> list[Row[Any]]:
        query = select(_transfers).where(_transfers.c.chain == self.name, condition).order_by(_transfers.c.id)
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def _seen(self, row: Row[Any]) -> Incoming:
        confirmations = max(0, self._tip() - row.height + 1)
        return Incoming(row.tx_id, 0, row.asset, row.address, row.memo, int(row.amount), confirmations)

    def _digest(self, what: str, number: int) -> bytes:
        return hashlib.sha256(f"{self._seed}/{self.name}/{what}/{number}".encode()).digest()

    def _check_available(self) -> None:
        if not self.available:
            raise ChainUnavailableError(f"the simulated chain {self.name} is switched off")


def _never(*_: object) -> bool:
    return False


class SimulatedChains:
    """A simulated chain for every name, made when it is first asked for."""

    def __init__(self, engine: Engine, now: Callable[[], int], seed: str = "") -> None:
        self._engine = engine
        self._now = now
        self._seed = seed
        self._chains: dict[str, SimulatedChain] = {}
        # Is this payment, on the chain of this name, to wait? Asked whenever it is about to be sent.
        self.holds_back: Callable[[str, Outgoing], bool] = _never

    def get(self, name: str) -> SimulatedChain:
        """See Chains.get."""
        chain = self._chains.get(name)
        if chain is None:
            chain = self._chains[name] = SimulatedChain(name, self._engine, self._now, self._seed)
            chain.holds_back = lambda payment: self.holds_back(name, payment)
        return chain
