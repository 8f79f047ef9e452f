"""Where the master key comes from, and what is refused."""

import base64
import os
import stat
from pathlib import Path

import pytest

from openbourse.accounts.errors import MasterKeyError
from openbourse.accounts.master_key import VARIABLE, load_master_key

KEY = bytes(range(32))


@pytest.mark.parametrize(
    "text", [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), f" {KEY.hex()}\n"]
)
def test_the_environment_goes_first_and_touches_no_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    assert load_master_key({VARIABLE: text}, path, may_create=True) == KEY
    assert not path.exists()


def test_the_first_start_makes_a_file_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before = os.umask(0)
    try:
        key = load_master_key({}, path, may_create=True)
    finally:
        os.umask(before)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_master_key({}, path, may_create=False) == key


def test_two_files_hold_two_keys(tmp_path: Path) -> None:
    assert load_master_key({}, tmp_path / "a", may_create=True) != load_master_key(
        {}, tmp_path / "b", may_create=True
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    load_master_key({}, path, may_create=True)
    path.chmod(mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        load_master_key({}, path, may_create=True)


def test_a_lost_file_is_not_replaced_when_secrets_depend_on_it(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="is missing"):
        load_master_key({}, tmp_path / "master.key", may_create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"hello", KEY, KEY.hex().encode()[:-2], b"\xff" * 64, b"a" * 10_000]
)
def test_content_that_is_no_key_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(MasterKeyError, match="32 bytes in hexadecimal or base64") as refusal:
        load_master_key({}, path, may_create=False)
    assert "hello" not in str(refusal.value)


def test_a_folder_and_an_unwritable_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="cannot be read"):
        load_master_key({}, tmp_path, may_create=True)
    with pytest.raises(MasterKeyError, match="cannot be made"):
        load_master_key({}, tmp_path / "nowhere" / "master.key", may_create=True)


def test_a_wrong_environment_is_refused_by_name() -> None:
    with pytest.raises(MasterKeyError, match=VARIABLE):
        load_master_key({VARIABLE: "abc"}, Path("unused"), may_create=True)
