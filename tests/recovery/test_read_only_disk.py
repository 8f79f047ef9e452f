"""A disk that becomes read-only under a running venue, or is before it starts."""

import errno
from pathlib import Path

from tests.recovery.orders import check_what_is_there, place, place_until_it_fails
from tests.recovery.server import Server, found, verify


def _read_only(weather: Path, error: int) -> None:
    (weather / "disk").write_text(str(error))


def _no_traceback(errors: Path) -> list[str]:
    said = errors.read_text()
    assert "Traceback" not in said, said
    return said.splitlines()


def test_it_ends_the_venue_with_a_sentence_and_its_data_intact(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    (account,) = found(data_dir, users=1)
    acknowledged: list[int] = []
    server = Server(data_dir, errors, weather=tmp_path)
    try:
        server.wait_until_ready()
        client = server.client(account)
        place(client, acknowledged, 20)
        _read_only(tmp_path, errno.EROFS)
        server.wait_until_said("weather: disk")
        place_until_it_fails(client, acknowledged)
        assert len(acknowledged) == 20, "nothing is acknowledged that is not on disk"
        assert server.wait() == 1
    finally:
        server.kill()
    assert "the disk fails, is read-only or not for this user" in _no_traceback(errors)[-1]
    check_what_is_there(data_dir, errors, account, acknowledged)


def test_a_venue_that_nobody_trades_on_still_stops_in_order(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    (account,) = found(data_dir, users=1)
    acknowledged: list[int] = []
    server = Server(data_dir, errors, weather=tmp_path)
    try:
        server.wait_until_ready()
        place(server.client(account), acknowledged, 20)
        _read_only(tmp_path, errno.EACCES)
        server.wait_until_said("weather: disk")
        assert server.readiness() == "ok", "what was read can be read"
        assert server.stop() == 0
    finally:
        server.kill()
    assert any("snapshot_failed" in line for line in _no_traceback(errors))
    check_what_is_there(data_dir, errors, account, acknowledged)


def test_a_venue_does_not_start_on_it_and_says_so(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    found(data_dir, users=1)
    _read_only(tmp_path, errno.EROFS)
    server = Server(data_dir, errors, weather=tmp_path)
    try:
        assert server.wait() == 1
    finally:
        server.kill()
    last = _no_traceback(errors)[-1]
    assert last.startswith("Error: ")
    assert "Read-only file system" in last or "read-only" in last
    verify(data_dir)
