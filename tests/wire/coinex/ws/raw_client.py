"""A WebSocket client made of bytes: it can do whatever no proper client would."""

import asyncio
import contextlib
import gzip
import itertools
import json
import os
import struct
from typing import Any

from tests.waiting import SECONDS

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)


class RefusedError(Exception):
    """The handshake was answered with another status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClosedError(Exception):
    """The server closed; `code` is that of its close frame, 1006 without one."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RawClient:
    """One connection. Pings of the server are answered by `read` unless `answer_pings` is false."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.headers = ""
        self.answer_pings = True
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self._reader = reader
        self.writer = writer
        self._ids = itertools.count(1)

    @classmethod
    async def connect(
        cls, port: int, path: str = "/v2/spot", more: str = "", text: str = HANDSHAKE
    ) -> "RawClient":
        """Shake hands; raises RefusedError."""
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        client.writer.write(text.format(path=path, more=more).encode())
        await client.shaken_hands()
        return client

    async def shaken_hands(self) -> None:
        """Read the answer to the handshake; raises RefusedError."""
        self.headers = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status = int(self.headers.split()[1])
        if status != 101:
            self.writer.close()
            raise RefusedError(status)

    def frame(
        self, opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bool = True, flags: int = 0
    ) -> None:
        """Write one frame, right or wrong."""
        head = bytes([(0x80 if fin else 0) | flags | opcode])
        bit = 0x80 if mask else 0
        if len(payload) < 126:
            head += bytes([bit | len(payload)])
        elif len(payload) < 65536:
            head += bytes([bit | 126]) + struct.pack("!H", len(payload))
        else:
            head += bytes([bit | 127]) + struct.pack("!Q", len(payload))
        if mask:
            key = os.urandom(4)
            head += key
            payload = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
        self.writer.write(head + payload)

    def request(self, method: str, params: object = None) -> None:
        body = {"method": method, "params": {} if params is None else params, "id": next(self._ids)}
        self.frame(TEXT, json.dumps(body).encode())

    async def ask(self, method: str, params: object = None) -> dict[str, Any]:
        """The next message after a request."""
        self.request(method, params)
        return await self.read()

    async def read(self, seconds: float = SECONDS) -> dict[str, Any]:
        """The next message. Raises ClosedError, TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                opcode, payload = await self._read_frame()
                if opcode == BINARY:
                    message: dict[str, Any] = json.loads(gzip.decompress(payload))
                    return message
                if opcode == PING:
                    self.pings.append(payload)
                    if self.answer_pings:
                        self.frame(PONG, payload)
                elif opcode == PONG:
                    self.pongs.append(payload)
                else:
                    assert opcode == CLOSE
                    raise ClosedError(struct.unpack("!H", payload[:2])[0] if payload else 1005)

    async def read_close(self, seconds: float = SECONDS) -> int:
        """The code with which the server closes; messages before it are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await self.read()
                except ClosedError as closed:
                    return closed.code

    async def quiet(self, seconds: float = 0.4) -> None:
        """Nothing arrives for a while."""
        with contextlib.suppress(TimeoutError):
            raise AssertionError(await self.read(seconds))

    async def leave(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def _read_frame(self) -> tuple[int, bytes]:
        try:
            first, second = await self._reader.readexactly(2)
            assert first & 0x70 == 0, "no extension was agreed on"
            assert not second & 0x80, "a server does not mask"
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            return first & 0x0F, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            raise ClosedError(1006) from None
