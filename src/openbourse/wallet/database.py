"""The relational database behind the wallet: addresses, the allow-list, how far chains were read."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool


def open_engine(url: str) -> Engine:
    """An engine whose commits are on stable storage: an address that was shown to somebody is never lost."""
    if url in ("sqlite://", "sqlite:///:memory:"):
        # One shared connection: every new one would be a new, empty database.
        return create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
