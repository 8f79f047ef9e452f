"""The control socket: one line in, one line out, within limits."""

import asyncio
import json
import socket
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from openbourse.venue import control
from openbourse.venue.control import (
    MAX_CLIENTS,
    MAX_LINE,
    ControlError,
    ControlSocket,
    NobodyListensError,
    ask,
)
from tests.waiting import SECONDS

under_way = threading.Event()


async def echo(line: bytes) -> Any:
    text = line.decode().strip()
    if text == "refuse":
        raise ControlError("that cannot be done")
    if text == "break":
        raise ZeroDivisionError("an inside that is nobody's business")
    if text == "wait":
        under_way.set()
        await asyncio.sleep(0.3)
    return {"heard": text}


@asynccontextmanager
async def listening(path: Path) -> AsyncIterator[None]:
    server = ControlSocket(path, echo)
    await server.start()
    try:
        yield
    finally:
        await server.stop()


async def asked(path: Path, line: bytes) -> Any:
    return await asyncio.to_thread(ask, path, line)


async def test_a_request_gets_its_result(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with listening(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert await asked(path, b"hello") == {"heard": "hello"}
        with pytest.raises(ControlError, match="that cannot be done"):
            await asked(path, b"refuse")
    assert not path.exists()


async def test_a_bug_is_not_told_and_does_not_end_it(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with listening(path):
        with pytest.raises(ControlError, match="its log says why"):
            await asked(path, b"break")
        assert await asked(path, b"hello") == {"heard": "hello"}


async def test_nobody_listens(tmp_path: Path) -> None:
    """No socket, no directory, or the socket that a killed venue has left."""
    path = tmp_path / "control.sock"
    for place in (path, tmp_path / "none" / "control.sock"):
        with pytest.raises(NobodyListensError):
            ask(place, b"hello")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(path))
    dead.close()
    with pytest.raises(NobodyListensError):
        ask(path, b"hello")
    async with listening(path):
        assert await asked(path, b"hello") == {"heard": "hello"}


async def test_a_path_longer_than_an_address(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 40)
    directory.mkdir()
    async with listening(directory / "control.sock"):
        assert await asked(directory / "control.sock", b"hello") == {"heard": "hello"}


async def test_a_line_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with listening(path):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b"x" * (MAX_LINE + 1))
        assert json.loads(await reader.readline()) == {
            "ok": False,
            "result": None,
            "error": "the request is too long",
        }
        writer.close()
        assert await asked(path, b"hello") == {"heard": "hello"}


async def test_clients_are_limited_and_silent_ones_are_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "IDLE_SECONDS", 0.3)
    path = tmp_path / "control.sock"
    async with listening(path):
        silent = [await asyncio.open_unix_connection(str(path)) for _ in range(MAX_CLIENTS)]
        reader, writer = await asyncio.open_unix_connection(str(path))
        assert await reader.read() == b""
        writer.close()
        for reader, writer in silent:
            assert await reader.read() == b""
            writer.close()
        monkeypatch.undo()
        assert await asked(path, b"hello") == {"heard": "hello"}


async def test_a_request_under_way_is_answered_when_the_venue_stops(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with listening(path):
        asking = asyncio.create_task(asked(path, b"wait"))
        assert await asyncio.to_thread(under_way.wait, SECONDS)
    assert await asking == {"heard": "wait"}
