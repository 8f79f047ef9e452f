"""The baseline of every HTTP figure: the venue's own server stack with a handler that does nothing.

uvicorn, our connection class, the ASGI application, the router and the check of the signature are those of
the venue; the answer is a constant of the size of an order. `python -m benchmarks.empty_server FILE` serves
until Ctrl-C and writes port and key to FILE.
"""

import asyncio
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.scratch import publish
from openbourse.accounts.accounts import Accounts
from openbourse.accounts.opening import open_accounts
from openbourse.wire.coinex.auth import authenticate
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Router
from openbourse.wire.http.server import HttpServer

# Answers to orders have about so many bytes.
_ANSWER: Final = b'{"code":0,"data":{"order_id":1,"padding":"%s"},"message":"OK"}' % (b"x" * 520)
_FRAME: Final = b'{"code":0,"data":"%s","message":"OK"}'
_MAX_BODY: Final = 1024 * 1024


class EmptyDialect:
    """See `Dialect`; whoever signs correctly gets the answer.

    Anybody gets one to a GET, of as many bytes as the last parameter of its query says.
    """

    max_body = _MAX_BODY

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._public: dict[bytes, Response] = {}

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        if request.method == "GET":
            if request.query not in self._public:
                self._public[request.query] = Response(constant(int(request.query.rpartition(b"=")[2])))
            return self._public[request.query]
        authenticate(
            request.method,
            request.target,
            request.headers,
            request.body,
            client_ip=request.client_ip,
            now=time.time_ns() // 1_000_000,
            lookup=self._accounts.find_key,
        )
        return Response(_ANSWER)

    def too_large(self, request: Request) -> Response:
        return self.internal_error(request)

    def too_slow(self, request: Request) -> Response:
        return self.internal_error(request)

    def internal_error(self, request: Request) -> Response:
        """The benchmark counts everything but 200 as a failure."""
        del request
        return Response(b"{}", 500)


def constant(size: int) -> bytes:
    """An answer of so many bytes, or of the fewest that an answer has."""
    return _FRAME % (b"x" * (size - len(_FRAME) + 2))


async def _serve(file: Path) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopping.set)
    with tempfile.TemporaryDirectory() as folder:
        accounts = open_accounts("sqlite://", Path(folder) / "master.key", {})
        now = time.time_ns() // 1_000_000
        user = accounts.create_user("load", now=now)
        key = accounts.create_key(user.id, protocol="coinex", now=now)
        async with HttpServer(Application(Router({"/v2": EmptyDialect(accounts)}))) as server:
            text = json.dumps({"port": server.port, "key_id": key.key_id, "secret": key.secret})
            await asyncio.to_thread(publish, file, text.encode())
            await stopping.wait()
        accounts.close()


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1])))
