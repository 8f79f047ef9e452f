"""The database behind the history: how it is opened."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from openbourse.history.tables import FORMAT, metadata, progress


class HistoryError(Exception):
    """The history cannot be opened; the text says why and what to do."""


def open_database(url: str | URL) -> Engine:
    """The engine of a history that is ready to use: tables made, format checked.

    Raises HistoryError, in words for the operator and without a password, when it cannot be used.
    """
    address = make_url(url)
    name = address.render_as_string(hide_password=True)
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise HistoryError(f"history {name}: only sqlite and postgresql are supported")
    engine = create_engine(address, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        found = _create_tables(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        cause = getattr(error, "orig", None) or type(error).__name__
        raise HistoryError(f"history {name} cannot be opened: {cause}") from None
    if found != FORMAT:
        engine.dispose()
        raise HistoryError(
            f"history {name} has format {found}, this version writes format {FORMAT}; "
            "delete the history and it is rebuilt from the log"
        )
    return engine


def _create_tables(engine: Engine) -> int:
    """Make what is missing; returns the format of what is there."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        found = connection.execute(select(progress.c.format)).scalar()
        if found is None:
            connection.execute(
                insert(progress).values(id=1, format=FORMAT, applied_sequence=0, applied_time=0)
            )
            return FORMAT
        return int(found)


def _prepare_sqlite(connection: Any, _: object) -> None:
    """WAL lets queries read while the writer writes. A power cut may cost the newest transactions but
    never the file, and they are applied again from the log: no fsync for each of them.
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA wal_autocheckpoint = 8000")  # pages; fewer checkpoints write fewer pages twice
    cursor.execute("PRAGMA cache_size = -32000")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.close()
