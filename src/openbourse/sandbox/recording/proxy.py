"""The recording proxy: stands between a client and a venue, hands everything on, and writes it down.

HTTP and WebSocket; the way to the venue may be TLS. Bodies of answers are handed on inflated, all else as it
came. Needs aiohttp (`openbourse[recording]`).
"""

import asyncio
import os
import zlib
from collections.abc import Iterable
from typing import Any, Final, Literal

import aiohttp
from aiohttp import WSMsgType, web
from yarl import URL

from openbourse.sandbox.control.api import names_this_machine
from openbourse.sandbox.recording.lines import RecordFileError
from openbourse.sandbox.recording.recorder import Recorder

# What belongs to one connection and is not handed on (RFC 9110 §7.6.1), and what the libraries make anew.
_OWN: Final = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "date", "server"}
    | {"proxy-authenticate", "proxy-authorization", "content-length", "content-encoding", "accept-encoding"}
)
_MAX_BODY: Final = 16 * 1024 * 1024
_MAX_MESSAGE: Final = 16 * 1024 * 1024
_MAX_INFLATED: Final = 64 * 1024 * 1024
_CONNECT_SECONDS: Final = 20.0
_ANSWER_SECONDS: Final = 330.0  # longer than the patience of any client that we know
_GZIP: Final = 31
_NO_FAREWELL: Final = 1006

Who = Literal["client", "server"]


class RecordingProxy:
    """`async with RecordingProxy(recorder, target, port=0) as proxy:` clients go to `proxy.url`.

    `target` is a base URL like `http://127.0.0.1:8080` or `https://api.example.com`. It listens for programs
    on this machine only.
    """

    def __init__(self, recorder: Recorder, target: str, port: int = 0) -> None:
        self.url = ""
        self._recorder = recorder
        self._target = URL(target.rstrip("/"))
        self._port = port
        self._session: aiohttp.ClientSession
        self._runner: web.AppRunner

    async def __aenter__(self) -> "RecordingProxy":
        """Listen. Raises RecordFileError."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except OSError as error:
            await self.__aexit__()
            raise RecordFileError(
                f"cannot listen on port {self._port}: {os.strerror(error.errno or 0)}"
            ) from None
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        # The sandbox keeps web pages out by their `Host`, and gets to see ours.
        if "sandbox" in request.path.lower() and not names_this_machine(request.headers.get("host", "")):
            return web.Response(
                status=403, text="the sandbox is ordered from this machine, by its own name\n"
            )
        if request.headers.get("upgrade", "").lower() == "websocket":
            return await self._websocket(request)
        return await self._http(request)

    def _there(self, request: web.Request) -> URL:
        # A proxy's clients may send a whole URL: where it goes to is not theirs to say.
        path = request.raw_path if request.raw_path.startswith("/") else request.rel_url.raw_path_qs
        return URL(f"{self._target}/{path.removeprefix('/')}", encoded=True)

    # -- HTTP --------------------------------------------------------------------------------------

    async def _http(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): text for name, text in request.headers.items()}
        recorder, target = self._recorder, request.raw_path
        number = recorder.request(request.method, target, headers, body)
        try:
            async with self._session.request(
                request.method,
                self._there(request),
                headers=_handed_on(request.headers.items()),
                skip_auto_headers=("user-agent", "content-type", "accept"),
                data=body or None,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            recorder.failure(number, str(error) or type(error).__name__)
            return web.Response(status=502, text=f"the venue does not answer: {error}\n")
        recorder.answer(number, target, answer.status, answer.headers.get("content-type", ""), content)
        return web.Response(status=answer.status, headers=_handed_on(answer.headers.items()), body=content)

    # -- WebSocket ---------------------------------------------------------------------------------

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        recorder = self._recorder
        try:
            there = await self._session.ws_connect(
                self._there(request), autoping=False, autoclose=False, max_msg_size=_MAX_MESSAGE
            )
        except aiohttp.WSServerHandshakeError as error:
            recorder.opened(request.raw_path, error.status)
            return web.Response(status=error.status if error.status >= 400 else 502)
        except (aiohttp.ClientError, TimeoutError) as error:
            recorder.opened(request.raw_path, 502)
            return web.Response(status=502, text=f"the venue does not answer: {error}\n")
        here = web.WebSocketResponse(
            autoping=False, autoclose=False, compress=False, max_msg_size=_MAX_MESSAGE
        )
        try:
            await here.prepare(request)
            connection = recorder.opened(request.raw_path)
            by, code = await self._converse(connection, here, there)
            recorder.closed(connection, by, code)
            await (there if by == "client" else here).close(code=_sendable(code))
        finally:
            await there.close()
            await here.close()
        return here

    async def _converse(
        self, connection: int, here: web.WebSocketResponse, there: aiohttp.ClientWebSocketResponse
    ) -> tuple[Who, int]:
        """Hand messages on until one side is gone; who that was, and with which code."""
        up = asyncio.create_task(self._hand_on(connection, here, there, "client"))
        down = asyncio.create_task(self._hand_on(connection, there, here, "server"))
        done, waiting = await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.wait([up, down])
        return ("client", up.result()) if up in done else ("server", down.result())

    async def _hand_on(self, connection: int, source: Any, sink: Any, who: Who) -> int:
        """Everything that `who` says, until the end, whose code is returned."""
        note = self._recorder.sent if who == "client" else self._recorder.received
        while True:
            message = await source.receive()
            try:
                if message.type is WSMsgType.TEXT:
                    note(connection, message.data.encode())
                    await sink.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    note(connection, inflated(message.data))
                    await sink.send_bytes(message.data)
                elif message.type is WSMsgType.PING:
                    await sink.ping(message.data)
                elif message.type is WSMsgType.PONG:
                    await sink.pong(message.data)
                elif message.type is WSMsgType.CLOSE:
                    return message.data or 1000
                else:
                    return source.close_code or _NO_FAREWELL
            except (ConnectionError, aiohttp.ClientError):
                return _NO_FAREWELL  # the other side is gone, and its own task says so


def inflated(data: bytes) -> bytes:
    """What is in a gzip member; other data, and members without end, as they are."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(_GZIP).decompress(data, _MAX_INFLATED)
    except zlib.error:
        return data


def _handed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in headers if name.lower() not in _OWN and not _of_websocket(name)]


def _of_websocket(name: str) -> bool:
    return name.lower().startswith("sec-websocket-")


def _sendable(code: int) -> int:
    """A code that may be sent; 1005 and 1006 only describe (RFC 6455 §7.4.1)."""
    return code if code >= 1000 and code not in (1004, 1005, _NO_FAREWELL, 1015) else 1000
