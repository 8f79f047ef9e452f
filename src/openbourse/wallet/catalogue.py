"""The asset catalogue: what the venue knows of each asset and of the chains it moves on."""

import threading
from collections.abc import Callable

import msgspec
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, create_engine, delete, insert, select

_metadata = MetaData()
_assets = Table(
    "assets",
    _metadata,
    Column("name", String(32), primary_key=True),
    Column("spec", LargeBinary, nullable=False),
)


class ChainSpec(msgspec.Struct, frozen=True):
    """How an asset moves on one chain. Amounts are money (10^-24), rates in 10^-12.

    A deposit is credited at `safe_confirmations`, and may be withdrawn again at
    `irreversible_confirmations`.
    """

    name: str
    min_deposit: int
    min_withdrawal: int
    withdrawal_fee: int
    withdrawal_precision: int
    safe_confirmations: int
    irreversible_confirmations: int
    deposit_enabled: bool = True
    withdraw_enabled: bool = True
    deposit_delay_minutes: int = 0
    deflation_rate: int = 0
    memo_required: bool = False
    memo: str = ""
    explorer_url: str = ""
    display_name: str = ""
    contract: str = ""


class AssetSpec(msgspec.Struct, frozen=True):
    """One asset; without chains it only moves inside the venue. `changed_at` in Unix ms.

    A user may withdraw `daily_limit` of it in a day (UTC), and above `review_above` in one withdrawal a
    person decides; money, None for no limit.
    """

    name: str
    full_name: str
    chains: tuple[ChainSpec, ...] = ()
    deposit_enabled: bool = True
    withdraw_enabled: bool = True
    user_transfer_enabled: bool = True
    special_treatment: bool = False
    website_url: str = ""
    white_paper_url: str = ""
    changed_at: int = 0
    daily_limit: int | None = None
    review_above: int | None = None

    def chain(self, name: str) -> ChainSpec | None:
        """How it moves on the chain of this name."""
        return next((chain for chain in self.chains if chain.name == name), None)


class AssetCatalogue:
    """All assets by name, held in memory and kept in the relational database."""

    def __init__(self, url: str) -> None:
        """Open or create the catalogue in the database at `url`."""
        self._engine = create_engine(url)
        _metadata.create_all(self._engine)
        self._change = threading.Lock()
        self._listeners: list[Callable[[AssetSpec], None]] = []
        decode = msgspec.json.Decoder(AssetSpec).decode
        with self._engine.connect() as connection:
            rows = connection.execute(select(_assets.c.spec).order_by(_assets.c.name)).all()
        self._specs: dict[str, AssetSpec] = {}
        for (data,) in rows:
            spec = decode(data)
            self._specs[spec.name] = spec

    def get(self, name: str) -> AssetSpec | None:
        return self._specs.get(name)

    def all(self) -> list[AssetSpec]:
        """Every asset, by name."""
        return [self._specs[name] for name in sorted(self._specs)]

    def put(self, spec: AssetSpec) -> None:
        """Add an asset or replace its entry; durable when it returns."""
        with self._change, self._engine.begin() as connection:
            connection.execute(delete(_assets).where(_assets.c.name == spec.name))
            connection.execute(insert(_assets).values(name=spec.name, spec=msgspec.json.encode(spec)))
            self._specs[spec.name] = spec
        for listener in self._listeners:
            listener(spec)

    def on_change(self, listener: Callable[[AssetSpec], None]) -> None:
        """Call `listener` with every new entry, in the thread that makes it."""
        self._listeners.append(listener)

    def close(self) -> None:
        self._engine.dispose()
