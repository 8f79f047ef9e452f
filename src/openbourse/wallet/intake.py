"""Intake: what arrives on the chains is reported to the core, again and again, until it is irreversible.

Nothing is decided here but how deep is deep enough. Reports may be repeated or lost: the core credits an
output once, and everything not yet irreversible is looked at anew on every round, so a restart at any
point does no harm.
"""

from typing import Final

import structlog
from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, insert, select, update

from openbourse.core.commands import DepositFinding, ReportDeposit
from openbourse.core.events import DepositState, Refused
from openbourse.core.exchange import Exchange
from openbourse.wallet.addresses import AddressBook
from openbourse.wallet.catalogue import AssetCatalogue, AssetSpec, ChainSpec
from openbourse.wallet.chain import Chain, Incoming
from openbourse.wallet.counter import Counter

# Blocks that are read again on every round beyond what an asset needs: a reorganisation may fill them anew.
_MARGIN: Final = 10
# How far a chain was read is written down once in so many blocks: everybody waits for the disk meanwhile. A
# restart reads so many again at most.
_BLOCKS_A_WRITE: Final = 100
_MINUTE: Final = 60_000

_metadata = MetaData()
_cursors = Table(
    "chain_cursors",
    _metadata,
    Column("chain", String(32), primary_key=True),
    Column("height", BigInteger, nullable=False),
)
_log = structlog.get_logger(__name__)


class Intake:
    """Watches chains for deposits."""

    def __init__(
        self,
        engine: Engine,
        exchange: Exchange,
        counter: Counter,
        assets: AssetCatalogue,
        addresses: AddressBook,
    ) -> None:
        self._engine = engine
        self._exchange = exchange
        self._counter = counter
        self._assets = assets
        self._addresses = addresses
        self._unclaimed: dict[tuple[str, str, int], None] = {}
        self._heights: dict[str, int] = {}  # how far each chain was read
        self._written: dict[str, int] = {}  # what the database knows of that
        _metadata.create_all(engine)

    async def watch(self, name: str, chain: Chain) -> None:
        """One round: everything new or changed on a chain. Raises ChainUnavailableError."""
        height = await chain.height()
        if name not in self._heights:
            self._heights[name] = self._written[name] = self._read_cursor(name)
        since = max(0, self._heights[name] - self._depth(name))
        seen = await chain.incoming(since)
        for found in seen:
            await self._report(name, found)
        outputs = {(found.tx_id, found.output) for found in seen}
        for deposit in self._exchange.live_deposits():
            if deposit.chain == name and not _is_over(deposit, outputs):
                await self._look_again(name, chain, deposit)
        self._heights[name] = height
        if abs(height - self._written[name]) >= _BLOCKS_A_WRITE:
            self._write_cursor(name, height)
            self._written[name] = height

    def _depth(self, name: str) -> int:
        """How many blocks may still change."""
        depths = [
            max(chain.safe_confirmations, chain.irreversible_confirmations)
            for asset in self._assets.all()
            for chain in asset.chains
            if chain.name == name
        ]
        return max(depths, default=0) + _MARGIN

    async def _report(self, name: str, found: Incoming) -> None:
        user = self._addresses.owner(name, found.address, found.memo)
        if user is None:
            return  # somebody else's
        asset = self._assets.get(found.asset)
        spec = None if asset is None else asset.chain(name)
        if asset is None or spec is None:
            self._tell_unclaimed(name, found)
            return
        number = self._exchange.deposit_id(name, found.tx_id, found.output)
        known = self._exchange.deposit(number)
        if number and known is None:
            return  # credited for good
        finding = self._finding(asset, spec, known, found.confirmations)
        if known is not None and _is_told(known, found.confirmations, finding):
            return
        await self._submit(
            ReportDeposit(
                self._counter.now(),
                name,
                found.tx_id,
                found.output,
                user,
                found.asset,
                found.amount,
                found.address,
                found.memo,
                found.confirmations,
                finding,
                spec.min_deposit,
            )
        )

    def _finding(
        self, asset: AssetSpec, spec: ChainSpec, known: DepositState | None, confirmations: int
    ) -> DepositFinding:
        """How deep it is; what is not credited yet waits while deposits are off, and for the delay."""
        if confirmations < max(1, spec.safe_confirmations):
            return "seen"
        if known is None or known.credited == 0:
            now = self._counter.now()
            seen_at = now if known is None else known.created_at
            if not asset.deposit_enabled or not spec.deposit_enabled:
                return "seen"
            if now < seen_at + spec.deposit_delay_minutes * _MINUTE:
                return "seen"
        irreversible = max(spec.safe_confirmations, spec.irreversible_confirmations)
        return "irreversible" if confirmations >= irreversible else "safe"

    async def _look_again(self, name: str, chain: Chain, deposit: DepositState) -> None:
        """A deposit that is not among the newest blocks: deeper than that, or gone."""
        found = await chain.find_incoming(deposit.tx_id, deposit.output)
        if found is not None:
            await self._report(name, found)
        else:
            await self._submit(
                ReportDeposit(
                    self._counter.now(),
                    name,
                    deposit.tx_id,
                    deposit.output,
                    deposit.user,
                    deposit.asset,
                    deposit.amount,
                    deposit.address,
                    deposit.memo,
                    0,
                    "gone",
                )
            )

    async def _submit(self, report: ReportDeposit) -> None:
        events = await self._counter.submit(report)
        refused = events[0]
        if isinstance(refused, Refused):
            _log.error("deposit_refused", reason=refused.reason, chain=report.chain, tx_id=report.tx_id)

    def _tell_unclaimed(self, name: str, found: Incoming) -> None:
        """Money of an asset that the venue does not have on this chain: a person must see to it."""
        place = (name, found.tx_id, found.output)
        if place not in self._unclaimed and len(self._unclaimed) < 10_000:
            self._unclaimed[place] = None
            _log.warning("deposit_unclaimed", chain=name, tx_id=found.tx_id, asset=found.asset)

    def _read_cursor(self, name: str) -> int:
        with self._engine.connect() as connection:
            found = connection.execute(select(_cursors.c.height).where(_cursors.c.chain == name)).scalar()
        return 0 if found is None else int(found)

    def _write_cursor(self, name: str, height: int) -> None:
        """Only after all reports are durable: what was not reported is read again."""
        with self._engine.begin() as connection:
            changed = update(_cursors).where(_cursors.c.chain == name).values(height=height)
            if connection.execute(changed).rowcount == 0:
                connection.execute(insert(_cursors).values(chain=name, height=height))


def _is_over(deposit: DepositState, seen: set[tuple[str, int]]) -> bool:
    """It was seen in this round, or what the chain may yet say of it changes nothing."""
    final = deposit.status in ("exception", "cancelled") or deposit.irreversible
    return final or (deposit.tx_id, deposit.output) in seen


def _is_told(deposit: DepositState, confirmations: int, finding: DepositFinding) -> bool:
    """The core knows as much already."""
    if deposit.status == "exception":  # a person's now, whatever the chain does
        return True
    if deposit.status == "too_small" and deposit.irreversible and finding == "irreversible":
        return True
    if deposit.confirmations != confirmations or finding == "gone":
        return False
    if deposit.status == "too_small":
        return finding == "safe"
    if finding == "seen":
        return deposit.credited != 0 or deposit.status in ("processing", "confirming")
    return deposit.credited != 0 and deposit.irreversible == (finding == "irreversible")
