"""Users and keys as rows: the only module of this room that speaks SQL."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

from sqlalchemy import Connection, Engine, Row, create_engine, event, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.errors import UnusableDatabaseError
from openbourse.accounts.kept_secrets import reseal_all
from openbourse.accounts.records import KeyRecord, Permission, User
from openbourse.accounts.tables import SCHEMA_VERSION, keys, metadata, properties, users
from openbourse.accounts.vault import Vault

_SCHEMA: Final = "schema_version"
_CHECK: Final = "master_key_check"


class Store:
    """Reads and writes rows; every writing method is one transaction."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy `url`, make the tables when they are not there.

        Raises UnusableDatabaseError when it cannot be used.
        """
        self._engine = _engine(url)
        try:
            with self._engine.begin() as connection:
                _prepare(connection)
        except DBAPIError as error:
            self.close()
            raise UnusableDatabaseError(f"The accounts database cannot be used: {error.orig}.") from None
        except UnusableDatabaseError:
            self.close()
            raise

    @property
    def engine(self) -> Engine:
        """The database, for the other registers of this room."""
        return self._engine

    def close(self) -> None:
        self._engine.dispose()

    def master_key_check(self) -> bytes | None:
        """The check value of the master key, None before the first one was set."""
        with self._engine.connect() as connection:
            return _property(connection, _CHECK)

    def set_master_key_check(self, value: bytes) -> None:
        with self._engine.begin() as connection:
            _set_property(connection, _CHECK, value)

    def all_users(self) -> Iterator[User]:
        with self._engine.connect() as connection:
            yield from map(_user_of, connection.execute(select(users).order_by(users.c.id)))

    def public_ids(self, user_ids: Sequence[int]) -> dict[int, str]:
        """What strangers know these users by; unknown ones are left out. For some hundreds at once."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(users.c.id, users.c.public_id).where(users.c.id.in_(user_ids)))
            return {row.id: row.public_id for row in rows}

    def has_public_id(self, public_id: str) -> bool:
        """Is it a user's?"""
        with self._engine.connect() as connection:
            return connection.scalar(select(users.c.id).where(users.c.public_id == public_id)) is not None

    def living_keys(self, owners: dict[int, User], vault: Vault) -> Iterator[KeyRecord]:
        """All keys that are not revoked, ascending."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(keys).where(~keys.c.revoked).order_by(keys.c.id))
            for row in rows:
                yield _key_of(row, owners[row.user_id], vault.open(row.sealed_secret, row.key_id))

    def insert_user(self, user: User) -> int:
        """Store a new user; the `id` in it is ignored, the number given to it is returned."""
        with self._engine.begin() as connection:
            return _inserted(connection, users, _user_values(user))

    def update_user(self, user: User) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(users).where(users.c.id == user.id).values(_user_values(user)))

    def insert_key(self, key: KeyRecord, vault: Vault) -> int:
        """Store a new key; the `id` in it is ignored, the number given to it is returned."""
        values = _key_values(key) | {"sealed_secret": vault.seal(key.secret, key.key_id)}
        with self._engine.begin() as connection:
            return _inserted(connection, keys, values)

    def update_key(self, key: KeyRecord) -> None:
        values = _key_values(key)
        if key.revoked:
            values["sealed_secret"] = b""
        with self._engine.begin() as connection:
            connection.execute(update(keys).where(keys.c.id == key.id).values(values))

    def reseal(self, secrets: dict[int, tuple[str, str]], old: Vault, vault: Vault) -> None:
        """Encrypt all secrets (`id` -> key_id, secret) anew, and make `vault`'s the master key.

        Those kept for other rooms are read with the `old` one.
        """
        with self._engine.begin() as connection:
            for number, (key_id, secret) in secrets.items():
                sealed = vault.seal(secret, key_id)
                connection.execute(update(keys).where(keys.c.id == number).values(sealed_secret=sealed))
            reseal_all(connection, old, vault)
            _set_property(connection, _CHECK, vault.check_value())


def _engine(url: str) -> Engine:
    if url in ("sqlite://", "sqlite:///:memory:"):
        # One shared connection: every new one would be a new, empty database.
        return create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare(connection: Connection) -> None:
    metadata.create_all(connection)
    found = _property(connection, _SCHEMA)
    if found is None:
        _set_property(connection, _SCHEMA, str(SCHEMA_VERSION).encode())
    elif found != str(SCHEMA_VERSION).encode():
        raise UnusableDatabaseError(
            f"The accounts database has version {found.decode('ascii', 'replace')}, "
            f"this program reads version {SCHEMA_VERSION}."
        )


def _property(connection: Connection, name: str) -> bytes | None:
    value: bytes | None = connection.execute(
        select(properties.c.value).where(properties.c.name == name)
    ).scalar_one_or_none()
    return value


def _set_property(connection: Connection, name: str, value: bytes) -> None:
    changed = connection.execute(update(properties).where(properties.c.name == name).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(properties).values(name=name, value=value))


def _inserted(connection: Connection, table: Any, values: dict[str, Any]) -> int:
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _user_values(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "public_id": user.public_id,
        "parent": user.parent,
        "permissions": ",".join(user.permissions),
        "status": user.status,
        "remark": user.remark,
        "created_at": user.created_at,
    }


def _user_of(row: Row[Any]) -> User:
    known: tuple[Permission, ...] = get_args(Permission)
    granted = row.permissions.split(",")
    return User(
        id=row.id,
        name=row.name,
        public_id=row.public_id,
        parent=row.parent,
        permissions=tuple(permission for permission in known if permission in granted),
        status=row.status,
        remark=row.remark,
        created_at=row.created_at,
    )


def _key_values(key: KeyRecord) -> dict[str, Any]:
    return {
        "user_id": key.user,
        "key_id": key.key_id,
        "protocol": key.protocol,
        "trade_allowed": key.trade_allowed,
        "withdraw_allowed": key.withdraw_allowed,
        "allow_list": ",".join(key.allow_list.texts),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "remark": key.remark,
        "revoked": key.revoked,
    }


def _key_of(row: Row[Any], owner: User, secret: str) -> KeyRecord:
    return KeyRecord(
        id=row.id,
        owner=owner,
        key_id=row.key_id,
        protocol=row.protocol,
        trade_allowed=row.trade_allowed,
        withdraw_allowed=row.withdraw_allowed,
        allow_list=AllowList(row.allow_list.split(",") if row.allow_list else ()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        remark=row.remark,
        revoked=row.revoked,
        secret=secret,
    )
