"""A copy of a venue as it was at a command of its log, for a sandbox to look into.

The venue may be running: its files are only read. What was secret there stays there: no key, no master key,
and no address at which somebody could send money.
"""

import shutil
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from openbourse.accounts.opening import open_accounts
from openbourse.core.commands import AnyCommand
from openbourse.core.exchange import Exchange
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.replay import replay
from openbourse.log.sqlite_log import SqliteLog
from openbourse.venue.listing import Listing
from openbourse.wallet.catalogue import AssetCatalogue

# All that a sandbox needs to know of people and of what is listed, and nothing else: a table that is new
# tomorrow is not copied by mistake.
_TABLES: Final = ("users", "preferences", "assets", "listing_numbers")
_BATCH: Final = 5_000


class Copied(NamedTuple):
    """`time` is that of the newest command in the copy, Unix ms; `last` the newest sequence of the venue.

    `log` is where all its commands can be read.
    """

    sequence: int
    time: int
    last: int
    log: Path


def copy_venue(source: Path, sequence: int, target: Path) -> Copied:
    """Make a sandbox's data directory in the new directory `target`: the log up to `sequence`, and accounts.

    Raises LogError, for what is no venue, has no such command, or is there already.
    """
    venue, sandbox = DataDirectory(source), DataDirectory(target)
    venue.check()
    if not venue.accounts.exists():
        raise LogError(f"{venue.path} has no accounts in it: those in another database cannot be copied")
    if sandbox.path.exists() and any(sandbox.path.iterdir()):
        raise LogError(f"{sandbox.path} is not empty: an incident is opened in a new directory")
    try:
        sandbox.open("sandbox")
        return _copy(venue, sequence, sandbox)
    except BaseException as error:
        shutil.rmtree(sandbox.path, ignore_errors=True)  # half a copy would be taken for a whole one
        if isinstance(error, OSError):
            raise LogError(f"cannot copy {venue.path}: {error.strerror or error}") from None
        raise
    finally:
        sandbox.close()


def _copy(venue: DataDirectory, sequence: int, sandbox: DataDirectory) -> Copied:
    aside = sandbox.source
    aside.mkdir(mode=0o700)
    path = _undisturbed_log(venue.commands, aside)
    log = SqliteLog(path, read_only=True)
    try:
        if not 1 <= sequence <= log.last_sequence:
            raise LogError(f"{venue.path} has the commands 1 to {log.last_sequence}, not {sequence}")
        exchange = _copy_log(log, sequence, sandbox)
        _copy_accounts(venue.accounts, sandbox, exchange)
        return Copied(sequence, exchange.now, log.last_sequence, path)
    finally:
        log.close()


def _undisturbed_log(database: Path, aside: Path) -> Path:
    """Where to read the log from without making files beside it, which might not be the venue's to open.

    In place where SQLite's own files are there, of a venue that runs or was killed; else in a copy.
    """
    if _is_open(database):
        return database
    for suffix in (".db", ".mark"):
        file = database.with_suffix(suffix)
        if file.exists():
            shutil.copyfile(file, aside / file.name)
            (aside / file.name).chmod(0o600)
    return aside / database.name


def _is_open(database: Path) -> bool:
    """Have SQLite's own files been left beside it, or are they in use?"""
    return database.with_name(f"{database.name}-wal").exists()


def _copy_log(log: SqliteLog, sequence: int, sandbox: DataDirectory) -> Exchange:
    """The state at the end of the copy. Large batches: one sync pays for many commands."""
    exchange, waiting = Exchange(), list[AnyCommand]()
    copy = SqliteLog(sandbox.commands)
    try:
        for first, commands in log.read(after=0):
            for number, command in enumerate(commands[: sequence + 1 - first], first):
                replay(exchange, number, command, log.skipped)
                waiting.append(command)
            if len(waiting) >= _BATCH or first + len(commands) > sequence:
                copy.append(waiting)
                waiting = []
            if exchange.sequence == sequence:
                break
        for skipped in sorted(log.skipped):
            if skipped <= sequence:
                copy.skip(skipped)
    finally:
        copy.close()
    return exchange


def _copy_accounts(accounts: Path, sandbox: DataDirectory, exchange: Exchange) -> None:
    """Who was there at that moment, standing as the core says, and without any key."""
    url = f"sqlite:///{sandbox.accounts}"
    # A new master key: nothing that the venue has sealed is to be opened here.
    open_accounts(url, sandbox.master_key, {}).close()
    AssetCatalogue(url).close()
    Listing(url).close()
    try:
        connection = sqlite3.connect(sandbox.accounts.as_uri(), uri=True)
        try:
            connection.execute(
                "ATTACH ? AS venue",
                (f"{accounts.as_uri()}?mode=ro{'' if _is_open(accounts) else '&immutable=1'}",),
            )
            for table in _TABLES:
                _copy_table(connection, table)
            _only_those_of_then(connection, exchange)
            connection.commit()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise LogError(f"cannot copy the accounts in {accounts}: {error}") from None


def _copy_table(connection: sqlite3.Connection, table: str) -> None:
    own = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
    theirs = {row[1] for row in connection.execute(f"PRAGMA venue.table_info({table})")}
    columns = ", ".join(name for name in own if name in theirs)
    if columns:
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM venue.{table}")  # noqa: S608 - our own names


def _only_those_of_then(connection: sqlite3.Connection, exchange: Exchange) -> None:
    for user, parent in connection.execute("SELECT id, parent FROM main.users").fetchall():
        terms, owner = exchange.user_terms(user), exchange.user_terms(parent)
        if terms is None:
            connection.execute("DELETE FROM main.preferences WHERE user_id = ?", (user,))
            connection.execute("DELETE FROM main.users WHERE id = ?", (user,))
            continue
        # A sub-account whose owner has frozen it may not trade, while that owner may.
        frozen_by_owner = owner is not None and owner.status == "active" and terms.status != "active"
        frozen = frozen_by_owner if parent else terms.status == "frozen"
        status = "frozen" if frozen else "active"
        connection.execute("UPDATE main.users SET status = ? WHERE id = ?", (status, user))
