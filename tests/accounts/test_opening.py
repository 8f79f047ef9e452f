"""Opening accounts again, with the right master key, a wrong one, and after a rotation."""

import sqlite3
from pathlib import Path

import pytest

from openbourse.accounts import opening
from openbourse.accounts.accounts import Accounts
from openbourse.accounts.errors import MasterKeyError, UnusableDatabaseError
from openbourse.accounts.master_key import VARIABLE
from openbourse.accounts.opening import open_accounts, rotate_key_file
from openbourse.accounts.records import KeyRecord

NOW = 1_800_000_000_000


def opened(folder: Path, environment: dict[str, str] | None = None) -> Accounts:
    return open_accounts(f"sqlite:///{folder}/accounts.db", folder / "master.key", environment or {})


def with_a_key(folder: Path) -> KeyRecord:
    accounts = opened(folder)
    key = accounts.create_key(accounts.create_user("trader1", now=NOW).id, protocol="coinex", now=NOW)
    accounts.close()
    return key


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    main = first.create_user("trader1", now=NOW, remark="the first")
    sub = first.create_user("desk", now=NOW + 1, parent=main.id, permissions=("api", "margin"))
    first.edit_user(sub.id, status="frozen")
    kept = first.create_key(
        main.id, protocol="coinex", now=NOW, allow_list=["10.0.0.0/8", "::1"], remark="bot"
    )
    other = first.create_key(main.id, protocol="coinw", now=NOW, trade_allowed=False, withdraw_allowed=True)
    gone = first.create_key(main.id, protocol="coinex", now=NOW)
    first.revoke_key(gone.id)
    users = first.users()
    first.close()

    second = opened(tmp_path)
    assert second.users() == users
    assert second.find_key(kept.key_id) == kept
    assert second.keys_of(main.id) == [kept, other]
    assert second.find_key(gone.key_id) is None
    assert second.create_user("next", now=NOW).id > sub.id
    assert second.create_key(main.id, protocol="coinex", now=NOW).id > gone.id
    found = second.find_key(kept.key_id)
    assert found is not None
    assert found.hmac.digest(b"x") == kept.hmac.digest(b"x")
    second.close()


def test_no_secret_lies_in_the_database_and_none_stays_after_revocation(tmp_path: Path) -> None:
    key = with_a_key(tmp_path)
    for file in tmp_path.iterdir():
        assert key.secret.encode() not in file.read_bytes()
    accounts = opened(tmp_path)
    accounts.revoke_key(key.id)
    accounts.close()
    with sqlite3.connect(tmp_path / "accounts.db") as database:
        assert database.execute("SELECT revoked, sealed_secret FROM api_keys").fetchall() == [(1, b"")]
    database.close()


def test_a_wrong_master_key_is_refused(tmp_path: Path) -> None:
    with_a_key(tmp_path)
    with pytest.raises(MasterKeyError, match=f"{VARIABLE} is not the master key of this"):
        opened(tmp_path, {VARIABLE: "00" * 32})
    (tmp_path / "master.key").write_text("00" * 32)
    with pytest.raises(MasterKeyError, match=r"master\.key is not the master key of this"):
        opened(tmp_path)
    (tmp_path / "master.key").unlink()
    with pytest.raises(MasterKeyError, match="is missing"):
        opened(tmp_path)


def test_a_wrong_master_key_is_refused_even_without_a_secret_to_try_it_on(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(MasterKeyError):
        opened(tmp_path, {VARIABLE: "00" * 32})


def test_a_secret_moved_to_another_key_is_noticed(tmp_path: Path) -> None:
    with_a_key(tmp_path)
    with sqlite3.connect(tmp_path / "accounts.db") as database:
        database.execute("UPDATE api_keys SET key_id = 'ANOTHER'")
    database.close()
    with pytest.raises(MasterKeyError, match="ANOTHER"):
        opened(tmp_path)


def test_rotation_changes_the_master_key_and_nothing_else(tmp_path: Path) -> None:
    key = with_a_key(tmp_path)
    old = (tmp_path / "master.key").read_text()
    accounts = opened(tmp_path)
    rotate_key_file(accounts, tmp_path / "master.key")
    accounts.revoke_key(accounts.create_key(key.user, protocol="coinw", now=NOW).id)
    accounts.close()
    assert (tmp_path / "master.key").read_text() != old
    with pytest.raises(MasterKeyError):
        opened(tmp_path, {VARIABLE: old.strip()})
    accounts = opened(tmp_path)
    assert accounts.find_key(key.key_id) == key
    accounts.close()


@pytest.mark.parametrize("crash", ["before the database changes", "after the database changed"])
def test_a_crash_in_a_rotation_leaves_a_venue_that_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    def crashing(*_: object) -> None:
        raise RuntimeError("crash")

    key = with_a_key(tmp_path)
    accounts = opened(tmp_path)
    with monkeypatch.context() as patched:
        if crash == "before the database changes":
            patched.setattr(Accounts, "rotate_master_key", crashing)
        else:
            patched.setattr(Path, "replace", crashing)
        with pytest.raises(RuntimeError, match="crash"):
            rotate_key_file(accounts, tmp_path / "master.key")
    accounts.close()

    again = opened(tmp_path)
    assert again.find_key(key.key_id) == key
    rotate_key_file(again, tmp_path / "master.key")
    again.close()
    assert not opening._pending(tmp_path / "master.key").exists()
    opened(tmp_path).close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "accounts.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(UnusableDatabaseError, match="cannot be used"):
        opened(tmp_path)
    assert (tmp_path / "accounts.db").read_bytes() == b"this is not a database" * 100
    assert not (tmp_path / "master.key").exists()


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with_a_key(tmp_path)
    with sqlite3.connect(tmp_path / "accounts.db") as database:
        database.execute("UPDATE account_properties SET value = X'3939' WHERE name = 'schema_version'")
    database.close()
    with pytest.raises(UnusableDatabaseError, match="version 99, this program reads version 1"):
        opened(tmp_path)
