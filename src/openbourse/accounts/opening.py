"""Opening the accounts of a venue, and changing their master key."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from openbourse.accounts.accounts import Accounts
from openbourse.accounts.errors import MasterKeyError
from openbourse.accounts.kept_secrets import KeptSecrets
from openbourse.accounts.master_key import (
    VARIABLE,
    create_key_file,
    load_master_key,
    read_key_file,
    sync_directory,
)
from openbourse.accounts.store import Store
from openbourse.accounts.vault import Vault


def open_accounts(url: str, key_file: Path, environment: Mapping[str, str] = os.environ) -> Accounts:
    """The accounts in the database at `url` (SQLAlchemy's form, such as `sqlite:////data/accounts.db`).

    The master key comes from the environment or `key_file`, which is made for a new database only.
    Raises MasterKeyError or UnusableDatabaseError with one sentence that says what to do.
    """
    store = Store(url)
    try:
        return Accounts(store, _vault(store, key_file, environment))
    except BaseException:
        store.close()
        raise


@contextmanager
def open_store(
    url: str, key_file: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[Store, KeptSecrets]]:
    """The rows and the kept secrets of the accounts in the database at `url`, beside a venue that may run.

    Users and keys are not loaded: there may be millions. Raises as `open_accounts`.
    """
    store = Store(url)
    try:
        yield store, KeptSecrets(store.engine, _vault(store, key_file, environment))
    finally:
        store.close()


def rotate_key_file(accounts: Accounts, key_file: Path) -> None:
    """Change the master key in `key_file`; a crash at any moment leaves a venue that starts.

    The new key is on disk before any secret depends on it, and takes the old one's place when all do;
    between the two `open_accounts` finds the one that fits.
    """
    pending = _pending(key_file)
    pending.unlink(missing_ok=True)
    accounts.rotate_master_key(create_key_file(pending))
    pending.replace(key_file)
    sync_directory(key_file.parent)


def _vault(store: Store, key_file: Path, environment: Mapping[str, str]) -> Vault:
    check = store.master_key_check()
    vault = Vault(load_master_key(environment, key_file, may_create=check is None))
    if check is None:
        store.set_master_key_check(vault.check_value())
        return vault
    if vault.fits(check):
        return vault
    if not environment.get(VARIABLE):
        pending = _pending(key_file)
        if pending.exists() and (vault := Vault(read_key_file(pending))).fits(check):
            pending.replace(key_file)
            sync_directory(key_file.parent)
            return vault
    source = VARIABLE if environment.get(VARIABLE) else f"The master key file {key_file}"
    raise MasterKeyError(f"{source} is not the master key of this accounts database.")


def _pending(key_file: Path) -> Path:
    return key_file.with_name(key_file.name + ".next")
