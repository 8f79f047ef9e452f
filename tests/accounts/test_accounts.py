"""Users, sub-accounts and API keys."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from openbourse.accounts.accounts import KEY_LIFE_MS, MAX_KEYS, MAX_SUB_ACCOUNTS, Accounts
from openbourse.accounts.errors import (
    InvalidDetailsError,
    LimitReachedError,
    NameTakenError,
    UnknownKeyError,
    UnknownUserError,
)
from openbourse.accounts.opening import open_accounts
from openbourse.accounts.records import KeyRecord

NOW = 1_800_000_000_000


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    opened = open_accounts("sqlite://", tmp_path / "master.key", {})
    yield opened
    opened.close()


def test_users_are_found_by_number_and_name(accounts: Accounts) -> None:
    one = accounts.create_user("trader1", now=NOW)
    two = accounts.create_user("trader2", now=NOW + 1, remark="second")
    assert (one.id, two.id) == (1, 2)
    assert accounts.user(2) == two == accounts.user_by_name("trader2")
    assert accounts.users() == [one, two]
    assert (two.created_at, two.remark, two.status, two.parent) == (NOW + 1, "second", "active", 0)
    assert re.fullmatch("[0-9A-F]{8}", one.public_id)
    assert one.public_id != two.public_id
    assert accounts.user_by_name("nobody") is None
    with pytest.raises(UnknownUserError, match="no user 3"):
        accounts.user(3)


def test_names_are_unique_within_one_main_account(accounts: Accounts) -> None:
    one, two = (accounts.create_user(name, now=NOW) for name in ("trader1", "trader2"))
    desk = accounts.create_user("desk", now=NOW, parent=one.id)
    assert accounts.create_user("desk", now=NOW, parent=two.id).id != desk.id
    assert accounts.user_by_name("desk", parent=one.id) == desk
    assert accounts.user_by_name("desk") is None
    assert accounts.users(parent=one.id) == [desk]
    for parent, name in ((0, "trader1"), (one.id, "desk")):
        with pytest.raises(NameTakenError, match=name):
            accounts.create_user(name, now=NOW, parent=parent)


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "tr\u00e4der", "a\n", "a/b"])
def test_bad_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidDetailsError):
        accounts.create_user(name, now=NOW)
    assert accounts.users() == []


def test_sub_accounts_have_limits(accounts: Accounts) -> None:
    main = accounts.create_user("main", now=NOW)
    subs = [accounts.create_user(f"s{n}", now=NOW, parent=main.id) for n in range(MAX_SUB_ACCOUNTS)]
    with pytest.raises(LimitReachedError):
        accounts.create_user("one-more", now=NOW, parent=main.id)
    with pytest.raises(InvalidDetailsError, match="cannot have sub-accounts"):
        accounts.create_user("grandchild", now=NOW, parent=subs[0].id)
    with pytest.raises(UnknownUserError):
        accounts.create_user("orphan", now=NOW, parent=999)


def test_a_sub_account_needs_a_permission_for_keys_and_can_never_withdraw(accounts: Accounts) -> None:
    main = accounts.create_user("main", now=NOW)
    mute = accounts.create_user("mute", now=NOW, parent=main.id, permissions=("margin",))
    desk = accounts.create_user("desk", now=NOW, parent=main.id)
    with pytest.raises(InvalidDetailsError, match="may not have keys"):
        accounts.create_key(mute.id, protocol="coinex", now=NOW)
    with pytest.raises(InvalidDetailsError, match="cannot withdraw"):
        accounts.create_key(desk.id, protocol="coinex", now=NOW, withdraw_allowed=True)
    key = accounts.create_key(desk.id, protocol="coinex", now=NOW)
    with pytest.raises(InvalidDetailsError, match="cannot withdraw"):
        accounts.edit_key(key.id, now=NOW, withdraw_allowed=True)
    assert accounts.find_key(key.key_id) == key


def test_unknown_words_are_refused(accounts: Accounts) -> None:
    user = accounts.create_user("main", now=NOW)
    with pytest.raises(InvalidDetailsError, match="Permissions are"):
        accounts.edit_user(user.id, permissions=["fly"])  # type: ignore[list-item]
    with pytest.raises(InvalidDetailsError, match="A user is one of"):
        accounts.edit_user(user.id, status="asleep")  # type: ignore[arg-type]
    with pytest.raises(InvalidDetailsError, match="A key is for one of"):
        accounts.create_key(user.id, protocol="fix", now=NOW)  # type: ignore[arg-type]
    with pytest.raises(InvalidDetailsError, match="at most 50 characters"):
        accounts.create_key(user.id, protocol="coinex", now=NOW, remark="x" * 51)


@pytest.mark.parametrize(
    ("protocol", "key_look", "secret_look"),
    [
        ("coinex", "[0-9A-F]{32}", "[0-9A-F]{48}"),
        ("coinw", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9A-F]{32}"),
    ],
)
def test_keys_look_as_clients_know_them(
    accounts: Accounts, protocol: str, key_look: str, secret_look: str
) -> None:
    user = accounts.create_user("trader1", now=NOW)
    made = [accounts.create_key(user.id, protocol=protocol, now=NOW) for _ in range(3)]  # type: ignore[arg-type]
    assert all(re.fullmatch(key_look, key.key_id) and re.fullmatch(secret_look, key.secret) for key in made)
    assert len({key.key_id for key in made} | {key.secret for key in made}) == 6
    assert accounts.keys_of(user.id) == made


def test_no_record_shows_its_secret(accounts: Accounts) -> None:
    key = accounts.create_key(accounts.create_user("trader1", now=NOW).id, protocol="coinex", now=NOW)
    for text in (repr(key), str(key), repr([key]), repr(accounts), f"{key}", repr(key.hmac)):
        assert key.secret not in text
    assert key.key_id in repr(key)


def test_a_key_without_an_allow_list_lives_ninety_days(accounts: Accounts) -> None:
    user = accounts.create_user("trader1", now=NOW)
    key = accounts.create_key(user.id, protocol="coinex", now=NOW)
    assert key.expires_at == NOW + 90 * 24 * 3600 * 1000
    assert not key.expired(key.expires_at - 1)
    assert key.expired(key.expires_at)
    listed = accounts.create_key(user.id, protocol="coinex", now=NOW, allow_list=["10.0.0.1"])
    demo = accounts.create_key(user.id, protocol="coinex", now=NOW, never_expires=True)
    assert listed.expires_at == demo.expires_at == 0
    assert not demo.expired(2**53)


def test_editing_the_allow_list_moves_the_expiry(accounts: Accounts) -> None:
    user = accounts.create_user("trader1", now=NOW)
    key = accounts.create_key(user.id, protocol="coinex", now=NOW)
    filled = accounts.edit_key(key.id, now=NOW + 5, allow_list=["10.0.0.1"])
    assert (filled.expires_at, filled.allow_list.texts) == (0, ("10.0.0.1",))
    emptied = accounts.edit_key(key.id, now=NOW + 9, allow_list=[])
    assert emptied.expires_at == NOW + 9 + KEY_LIFE_MS
    renamed = accounts.edit_key(key.id, now=NOW + 99, allow_list=[], remark="same list")
    assert renamed.expires_at == NOW + 9 + KEY_LIFE_MS
    demo = accounts.create_key(user.id, protocol="coinex", now=NOW, never_expires=True)
    assert accounts.edit_key(demo.id, now=NOW, trade_allowed=False).expires_at == 0


def test_an_edit_changes_what_is_given_only(accounts: Accounts) -> None:
    user = accounts.create_user("trader1", now=NOW)
    key = accounts.create_key(user.id, protocol="coinex", now=NOW, withdraw_allowed=True, remark="bot")
    edited = accounts.edit_key(key.id, now=NOW, trade_allowed=False)
    assert (edited.trade_allowed, edited.withdraw_allowed, edited.remark) == (False, True, "bot")
    assert accounts.find_key(key.key_id) == edited == accounts.key(key.id)
    assert edited.secret == key.secret


def test_a_revoked_key_is_gone_and_frees_its_place(accounts: Accounts) -> None:
    user = accounts.create_user("trader1", now=NOW)
    made = [accounts.create_key(user.id, protocol="coinex", now=NOW) for _ in range(MAX_KEYS)]
    with pytest.raises(LimitReachedError):
        accounts.create_key(user.id, protocol="coinw", now=NOW)
    assert accounts.revoke_key(made[0].id).revoked
    assert accounts.find_key(made[0].key_id) is None
    assert accounts.keys_of(user.id) == made[1:]
    for change in (accounts.revoke_key, accounts.key):
        with pytest.raises(UnknownKeyError):
            change(made[0].id)
    with pytest.raises(UnknownKeyError):
        accounts.edit_key(made[0].id, now=NOW, remark="x")
    accounts.create_key(user.id, protocol="coinw", now=NOW)


def test_listeners_hear_of_every_change_of_a_key(accounts: Accounts) -> None:
    heard: list[KeyRecord] = []
    accounts.on_key_change(heard.append)
    user = accounts.create_user("trader1", now=NOW)
    key = accounts.create_key(user.id, protocol="coinex", now=NOW)
    edited = accounts.edit_key(key.id, now=NOW, trade_allowed=False)
    accounts.edit_user(user.id, status="frozen")
    revoked = accounts.revoke_key(key.id)
    assert heard[:2] == [key, edited]
    assert heard[2].owner.status == "frozen"
    assert heard[3] == revoked
    assert [record.revoked for record in heard] == [False, False, False, True]


def test_freezing_a_user_shows_on_the_keys_at_once(accounts: Accounts) -> None:
    user = accounts.create_user("trader1", now=NOW)
    key = accounts.create_key(user.id, protocol="coinex", now=NOW)
    accounts.edit_user(user.id, status="frozen", remark="chargeback")
    found = accounts.find_key(key.key_id)
    assert found is not None
    assert (found.owner.status, found.owner.remark, found.user) == ("frozen", "chargeback", user.id)


def test_freezing_a_main_account_shows_on_the_keys_of_its_sub_accounts(accounts: Accounts) -> None:
    heard: list[KeyRecord] = []
    main = accounts.create_user("trader1", now=NOW)
    other = accounts.create_user("trader2", now=NOW)
    keys = [
        accounts.create_key(
            accounts.create_user("desk", now=NOW, parent=user.id).id, protocol="coinex", now=NOW
        )
        for user in (main, other)
    ]
    accounts.on_key_change(heard.append)

    def admitted() -> list[bool]:
        return [accounts.key(key.id).owner.admitted for key in keys]

    accounts.edit_user(main.id, status="frozen")
    assert [(key.id, key.owner.suspended) for key in heard] == [(keys[0].id, True)]
    assert accounts.key(keys[0].id).owner.status == "active"
    assert admitted() == [False, True]
    accounts.edit_user(keys[0].user, remark="still out")
    assert admitted() == [False, True]
    assert accounts.create_user("late", now=NOW, parent=main.id).suspended
    accounts.edit_user(main.id, status="active")
    assert admitted() == [True, True]


def test_a_refused_write_leaves_memory_as_it_was(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    user = accounts.create_user("trader1", now=NOW)
    key = accounts.create_key(user.id, protocol="coinex", now=NOW)

    def failing(*_: object) -> None:
        raise OSError("disk full")

    for method in ("insert_user", "update_user", "insert_key", "update_key", "reseal"):
        monkeypatch.setattr(accounts._store, method, failing)
    for change in (
        lambda: accounts.create_user("trader2", now=NOW),
        lambda: accounts.edit_user(user.id, status="frozen"),
        lambda: accounts.create_key(user.id, protocol="coinex", now=NOW),
        lambda: accounts.edit_key(key.id, now=NOW, trade_allowed=False),
        lambda: accounts.revoke_key(key.id),
        lambda: accounts.rotate_master_key(bytes(32)),
    ):
        with pytest.raises(OSError, match="disk full"):
            change()
    assert accounts.users() == [user]
    assert accounts.keys_of(user.id) == [key] == [accounts.find_key(key.key_id)]
