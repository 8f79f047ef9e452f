"""Secrets that other rooms keep here by name, encrypted under the master key like those of API keys."""

from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update

from openbourse.accounts.tables import kept_secrets
from openbourse.accounts.vault import Vault

MAX_NAME: Final = 64


class KeptSecrets:
    """Nothing is held in memory: other processes may keep secrets in the same database."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def keep(self, name: str, secret: bytes) -> None:
        """Store a secret durably; one of this name before is gone then."""
        assert 0 < len(name) <= MAX_NAME
        sealed = self._vault.seal_kept(secret, name)
        with self._engine.begin() as connection:
            connection.execute(delete(kept_secrets).where(kept_secrets.c.name == name))
            connection.execute(insert(kept_secrets).values(name=name, sealed=sealed))

    def get(self, name: str) -> bytes | None:
        """None when there is none. MasterKeyError when it was kept under another master key."""
        with self._engine.connect() as connection:
            sealed = connection.execute(
                select(kept_secrets.c.sealed).where(kept_secrets.c.name == name)
            ).scalar_one_or_none()
        return None if sealed is None else self._vault.open_kept(sealed, name)

    def names(self, prefix: str) -> list[str]:
        """The names that begin so, ascending."""
        with self._engine.connect() as connection:
            names = connection.execute(select(kept_secrets.c.name)).scalars()
            return sorted(name for name in names if name.startswith(prefix))

    def drop(self, name: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(kept_secrets).where(kept_secrets.c.name == name))


def reseal_all(connection: Connection, old: Vault, new: Vault) -> None:
    """Encrypt all of them under another master key, as a part of a transaction."""
    for name, sealed in connection.execute(select(kept_secrets)).all():
        anew = new.seal_kept(old.open_kept(sealed, name), name)
        connection.execute(update(kept_secrets).where(kept_secrets.c.name == name).values(sealed=anew))
