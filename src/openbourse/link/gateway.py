"""One gateway as the engine sees it."""

import asyncio
from typing import Any

from msgspec import Raw

from openbourse.link.messages import FromGateway
from openbourse.link.protocol import LinkProtocol


class Gateway:
    """One gateway that is connected."""

    def __init__(self, link: LinkProtocol[FromGateway]) -> None:
        self.link = link
        self.name = ""
        self.follows = False  # it gets the stream
        self.serving = False
        self.known = 0
        self.metrics: dict[int, asyncio.Future[Raw]] = {}
        self.under_way: set[asyncio.Future[Any]] = set()  # what its calls wait for

    def start(self, work: Any) -> None:
        """Let a coroutine run for this gateway."""
        task = asyncio.get_running_loop().create_task(work)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
