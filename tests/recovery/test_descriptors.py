"""No file descriptors left: connections are turned away, and whoever is inside notices nothing."""

import resource
import socket
from pathlib import Path

import pytest

from tests.recovery.client import Client, Unanswered
from tests.recovery.orders import check_what_is_there, place
from tests.recovery.server import METRICS, Account, Server, found, wait_until

LIMIT = 200
CROWD = 120

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is Linux's")


class Crowd:
    """Connections that are opened and say nothing."""

    def __init__(self, port: int) -> None:
        self._sockets: list[socket.socket] = []
        for _ in range(CROWD):
            self._sockets.append(socket.create_connection(("127.0.0.1", port), timeout=20))

    def turned_away(self) -> int:
        """How many have been closed by the other side."""
        return sum(_is_closed(each) for each in self._sockets)

    def leave(self) -> None:
        for each in self._sockets:
            each.close()


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_strangers_get_what_the_venue_does_not_need_and_it_trades_on(tmp_path: Path) -> None:
    data_dir, errors = tmp_path / "venue", tmp_path / "errors.txt"
    (account,) = found(data_dir, users=1)
    acknowledged: list[int] = []
    server = Server(data_dir, errors, open_files=LIMIT, settings=METRICS)
    try:
        server.wait_until_ready()
        server.wait_until_said("few_open_files_allowed")
        client = server.client(account)
        place(client, acknowledged, 10)
        crowd = Crowd(server.port)
        wait_until(lambda: crowd.turned_away() >= CROWD // 3, "the crowd is turned away")
        assert server.open_files < LIMIT - 40
        before = server.metric("openbourse_snapshot_sequence")
        place(client, acknowledged, 260)
        wait_until(lambda: server.metric("openbourse_snapshot_sequence") > before, "a snapshot was taken")
        assert server.metric("openbourse_http_connections_turned_away_total") >= CROWD // 3
        crowd.leave()
        place(_newcomer(server, account), acknowledged, 10)
        _without_any(server, client, account, acknowledged)
        assert server.stop() == 0
    finally:
        server.kill()
    assert "Traceback" not in errors.read_text()
    check_what_is_there(data_dir, errors, account, acknowledged)


def _without_any(server: Server, client: Client, account: Account, acknowledged: list[int]) -> None:
    """Somebody takes the reserve as well, for instance another process of a full system."""
    server.limit_open_files(server.open_files - 2)
    refused = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    place(client, acknowledged, 20)
    server.limit_open_files(LIMIT)
    refused.close()
    place(_newcomer(server, account), acknowledged, 10)


def _newcomer(server: Server, account: Account) -> Client:
    """A client who tries until it is let in."""
    found: list[Client] = []

    def let_in() -> bool:
        try:
            client = server.client(account)
            client.get("/time")
        except (Unanswered, AssertionError):
            return False
        found.append(client)
        return True

    wait_until(let_in, "there is room again")
    return found[0]
