"""A bench whose requests go over a link: an engine and a gateway, both in this process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from openbourse.link.remote import RemoteFront
from openbourse.link.server import EngineLink
from openbourse.market_data.market_data import MarketData, MarketState
from openbourse.wire.coinex.app import CoinexApp
from openbourse.wire.coinex.desk import Desk
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.router import Router
from tests.waiting import until
from tests.wire.calling import Answer, call
from tests.wire.coinex.bench import Bench, open_bench


@contextlib.asynccontextmanager
async def gateway(bench: Bench, name: str = "gateway-1") -> AsyncIterator[RemoteFront]:
    """A gateway of the bench's engine, in touch with it."""
    front = RemoteFront(bench.venue.directory.gateway_socket, name, bench.clock)
    running = asyncio.create_task(front.run())
    try:
        async with asyncio.timeout(30):
            await front.first_touch.wait()
        yield front
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def open_linked_bench(directory: Path, settings: CoinexSettings | None = None) -> AsyncIterator[Bench]:
    """As `open_bench`, but the protocol is served by a gateway."""
    chosen = settings or CoinexSettings(rate_limits=False)
    async with open_bench(directory, chosen) as bench, EngineLink(bench.venue), gateway(bench) as front:
        serve(bench, front, chosen)
        yield bench


def serve(bench: Bench, front: RemoteFront, settings: CoinexSettings) -> None:
    """Let the bench's clients reach the venue through that gateway.

    A key that a test has made reaches a gateway a moment later: its first request waits for that.
    """

    async def calling(app: Application, *arguments: Any, **more: Any) -> Answer:
        keys = bench.venue.accounts.living_keys()
        await until(lambda: not front.in_touch or all(front.find_key(key.key_id) == key for key in keys))
        return await call(app, *arguments, **more)

    bench.calling = calling
    bench.front = front
    bench.dialect = CoinexApp(Desk(front, settings, lambda: bench.milliseconds))
    bench.app = Application(Router({"/v2": bench.dialect}))


def has_seen(front: RemoteFront, sequence: int) -> bool:
    return front.market_data.sequence == sequence


def states(data: MarketData) -> list[MarketState]:
    return [data.state(name) for name in data.markets()]
