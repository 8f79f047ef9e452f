"""The data directory: one process, one venue, one mode, or one clear sentence."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from tests.rights import bound_by_rights


def test_it_is_made_for_its_owner_only_and_opens_again(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "deep" / "data")
    directory.open("production")
    assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700
    assert directory.check() == "production"
    directory.close()
    directory.open("production")
    directory.close()


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    program = (
        "import sys; from openbourse.log.data_directory import DataDirectory;"
        "DataDirectory(sys.argv[1]).open('sandbox'); print('mine', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert first.stdout is not None
    assert first.stdout.readline() == b"mine\n"
    directory = DataDirectory(tmp_path)
    with pytest.raises(LogError, match="is in use by another process"):
        directory.open("sandbox")
    first.kill()
    first.communicate()
    directory.open("sandbox")
    directory.close()


def test_the_other_mode_is_refused_and_the_lock_given_back(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.open("sandbox")
    directory.close()
    with pytest.raises(LogError, match="belongs to a sandbox venue and cannot be used for production"):
        directory.open("production")
    directory.open("sandbox")
    directory.close()


def _foreign(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").write_text("mine")


def _marker(text: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        (path / "openbourse.json").write_text(text)

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_foreign, "is not empty and not a data directory"),
        (lambda path: path.write_text("a file"), "cannot use .* as data directory"),
        (lambda path: path.symlink_to("nowhere/at/all"), "cannot use .* as data directory"),
        (_marker('{"format": 2, "mode": "sandbox"}'), "has data format 2"),
        (_marker('{"format": 1, "mode": "toy"}'), "is damaged or not of this program"),
        (_marker("{"), "is damaged or not of this program"),
    ],
)
def test_anything_else_is_refused_in_one_sentence_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / "data"
    make(path)
    before = {each: each.read_bytes() for each in path.rglob("*") if each.is_file()}
    with pytest.raises(LogError, match=message) as caught:
        DataDirectory(path).open("sandbox")
    assert "\n" not in str(caught.value)
    assert {each: each.read_bytes() for each in before} == before


def test_below_a_file_there_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for attempt in (
        lambda: DataDirectory(tmp_path / "file" / "data").open("sandbox"),
        DataDirectory("/proc/x").check,
    ):
        with pytest.raises(LogError):
            attempt()


def test_a_directory_without_rights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    opening = (
        "import sys; from openbourse.log.data_directory import *; DataDirectory(sys.argv[1]).open('sandbox')"
    )
    command = [sys.executable, "-c", opening, str(tmp_path / "locked" / "data")]
    done = bound_by_rights(command, dict(os.environ))
    assert "LogError: cannot use" in done.stderr
    assert "Permission denied" in done.stderr


def test_a_start_that_was_interrupted_early_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "openbourse.json.123.tmp").touch()
    directory = DataDirectory(tmp_path)
    directory.open("sandbox")
    directory.close()


def test_checking_neither_makes_nor_locks(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no data directory"):
        DataDirectory(tmp_path / "data").check()
    assert not (tmp_path / "data").exists()
