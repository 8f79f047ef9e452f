"""A venue on a thread of its own: its event loop, its files, its server."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
import uvloop

from openbourse.sandbox.house import House
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.setup import set_up_markets
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.folder import passing_folder
from openbourse.venue.front import VenueFront
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wire.application import application
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.server import HttpServer

START_SECONDS: Final = 60.0
CALL_SECONDS: Final = 60.0

T = TypeVar("T")


class VenueThread:
    """Serves a fresh sandbox venue between `start` and `stop`."""

    def __init__(self, clock: VirtualClock, seed: int, *, rate_limits: bool, bots: bool) -> None:
        self.url = ""
        self.playground: Playground
        self._clock = clock
        self._seed = seed
        self._rate_limits = rate_limits
        self._bots = bots
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, name="openbourse-sandbox", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    def start(self) -> None:
        """Returns when requests are answered."""
        self._thread.start()
        self._ready.result(START_SECONDS)

    def stop(self) -> None:
        """End the venue and throw its files away."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(START_SECONDS)

    def run(self, coroutine: Coroutine[Any, Any, T], *, patient: bool = False) -> T:
        """The result of a coroutine that runs in the venue's loop.

        TimeoutError after CALL_SECONDS, unless one is `patient`. It does not go on when nobody waits for it.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(None if patient else CALL_SECONDS)
        except BaseException as error:
            if future.cancel() and isinstance(error, TimeoutError):
                raise TimeoutError(f"the sandbox was not done within {CALL_SECONDS:g} s") from None
            raise

    def call(self, function: Callable[[], T]) -> T:
        """The result of a function that runs on the venue's thread."""

        async def calling() -> T:
            return function()

        return self.run(calling())

    def _main(self) -> None:
        try:
            with passing_folder() as folder:
                uvloop.run(self._serve(Path(folder) / "venue"))
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self, directory: Path) -> None:
        venue = Venue.open(VenueOptions(directory, mode="sandbox"), self._clock)
        await venue.start()
        try:
            await set_up_markets(venue)
            self.playground = Playground(venue, self._clock, self._seed)
            app = application(
                VenueFront(venue),
                CoinexSettings(rate_limits=self._rate_limits),
                CoinwSettings(rate_limits=self._rate_limits),
            )
            ground = self.playground
            house = House(venue, self._seed, self._clock.sleep, ground.regimes)
            limits = WsLimits() if self._rate_limits else WsLimits().without_rates()
            living = house if self._bots else contextlib.nullcontext()
            async with living, ground.websockets(limits) as sockets:
                server = HttpServer(ground.around(app), websocket=sockets.protocol)
                async with server:
                    self.url = server.url
                    self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
                    self._ready.set_result(None)
                    await self._stop.wait()
        finally:
            await venue.stop()


def quiet_log() -> None:
    """A test's output is the test's: the venue's own log lines are only for warnings."""
    if not structlog.is_configured():
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
