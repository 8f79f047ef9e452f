"""A disk that fills up under a running venue: a clear end, and nothing acknowledged is lost.

A limit on the size of its files, set while it runs, does to the process what a full disk would.
"""

import resource
from pathlib import Path

import pytest

from tests.recovery.orders import check_what_is_there, place, place_until_it_fails
from tests.recovery.server import Server, found, verify

# So small that not even a write-ahead file can grow.
ONE_PAGE = 4_096

linux_only = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is Linux's")


@linux_only
def test_a_full_disk_ends_the_venue_with_a_sentence_and_its_data_intact(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    (account,) = found(data_dir, users=1)
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        client = server.client(account)
        acknowledged: list[int] = []
        place(client, acknowledged, 20)
        _limit_files(server, (data_dir / "commands.db-wal").stat().st_size + 50_000)
        place_until_it_fails(client, acknowledged)
        assert server.wait() == 1
    finally:
        server.kill()
    said = errors.read_text()
    assert "the venue has stopped" in said, said
    assert "Traceback" not in said, said
    check_what_is_there(data_dir, errors, account, acknowledged)


def _limit_files(server: Server, size: int) -> None:
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, size))


@linux_only
def test_a_venue_does_not_start_on_a_full_disk_and_says_so(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    found(data_dir, users=1)
    server = Server(data_dir, errors, file_limit=ONE_PAGE)
    try:
        assert server.wait() == 1
    finally:
        server.kill()
    said = errors.read_text().splitlines()
    assert said[-1].startswith("Error: "), said
    assert not any("Traceback" in line for line in said), said
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        assert server.stop() == 0
    finally:
        server.kill()
    verify(data_dir)
