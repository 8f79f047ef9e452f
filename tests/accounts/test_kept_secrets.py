"""Secrets that other rooms keep with the accounts."""

import sqlite3
from pathlib import Path

import pytest

from openbourse.accounts.accounts import Accounts
from openbourse.accounts.errors import MasterKeyError
from openbourse.accounts.opening import open_accounts, open_store, rotate_key_file

SECRET = bytes(range(32))


def opened(folder: Path) -> Accounts:
    return open_accounts(f"sqlite:///{folder}/accounts.db", folder / "master.key", {})


def test_kept_replaced_and_dropped(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    kept = accounts.kept_secrets
    assert kept.get("a/1") is None
    kept.keep("a/1", b"before")
    kept.keep("a/1", SECRET)
    kept.keep("a/2", b"")
    kept.keep("b/1", b"x")
    assert (kept.get("a/1"), kept.get("a/2")) == (SECRET, b"")
    assert kept.names("a/") == ["a/1", "a/2"]
    kept.drop("a/1")
    kept.drop("a/1")
    assert (kept.get("a/1"), kept.names("a/")) == (None, ["a/2"])
    accounts.close()


def test_another_process_sees_them_without_loading_users(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    users = [accounts.create_user(f"user{number}", now=1) for number in range(3)]
    with open_store(f"sqlite:///{tmp_path}/accounts.db", tmp_path / "master.key", {}) as (store, kept):
        kept.keep("a/1", SECRET)
        assert store.public_ids([users[0].id, users[2].id, 99]) == {
            users[0].id: users[0].public_id,
            users[2].id: users[2].public_id,
        }
    assert accounts.kept_secrets.get("a/1") == SECRET
    accounts.close()


def test_they_do_not_lie_there_in_the_clear_nor_open_under_another_name(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    accounts.kept_secrets.keep("a/1", SECRET)
    accounts.close()
    for file in tmp_path.iterdir():
        assert SECRET not in file.read_bytes()
    with sqlite3.connect(tmp_path / "accounts.db") as database:
        database.execute("UPDATE kept_secrets SET name = 'a/2'")
    database.close()
    accounts = opened(tmp_path)
    with pytest.raises(MasterKeyError, match="a/2 is damaged or not its own"):
        accounts.kept_secrets.get("a/2")
    accounts.close()


def test_they_go_along_with_a_change_of_the_master_key(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    user = accounts.create_user("alice", now=1)
    key = accounts.create_key(user.id, protocol="coinex", now=1)
    accounts.kept_secrets.keep("a/1", SECRET)
    before = (tmp_path / "master.key").read_text()
    rotate_key_file(accounts, tmp_path / "master.key")
    assert (tmp_path / "master.key").read_text() != before
    assert accounts.kept_secrets.get("a/1") == SECRET
    accounts.close()
    accounts = opened(tmp_path)
    assert accounts.kept_secrets.get("a/1") == SECRET
    assert accounts.keys_of(user.id) == [key]
    accounts.close()
