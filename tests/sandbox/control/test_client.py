"""What a person is told who orders something of what is no sandbox, or not done yet."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from openbourse.sandbox.control.client import ControlClient, ControlClientError
from openbourse.sandbox.recording.target import look_at

Answering = Callable[[bytes], str]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Makes a server that says the same to everybody; its address."""
    servers: list[socket.socket] = []

    def make(answer: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve() -> None:
            with contextlib.suppress(OSError):  # the end of the test
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield make
    for server in servers:
        server.close()


def test_who_has_not_answered_may_still_be_at_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = ControlClient(f"http://127.0.0.1:{silent.getsockname()[1]}", 0.2)
        with pytest.raises(ControlClientError, match=r"not answered in 0\.2 s; it may still be at it"):
            client.post("clock", {"advance": 86_400})


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{}",
    ],
)
def test_what_is_no_sandbox(answering: Answering, answer: bytes) -> None:
    with pytest.raises(ControlClientError, match="is no sandbox"):
        ControlClient(answering(answer)).get("clock")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"state":5}', b'{"state":{"began":"x"}}', b"\xff"])
def test_a_recorder_takes_what_is_no_sandbox_for_another_venue(answering: Answering, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    state, clock = look_at(answering(head + body))
    assert state is None
    assert clock.factor == 1


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ControlClientError, match="there is no sandbox at"):
            ControlClient(f"http://127.0.0.1:{taken.getsockname()[1]}").get("clock")
