"""A sandbox with a recorder before it, and the replay of what was recorded."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import ccxt.async_support
import ccxt.pro

from openbourse.sandbox.recording.comparison import Finding
from openbourse.sandbox.recording.fresh import Fresh, fresh_venue
from openbourse.sandbox.recording.keys import Keys
from openbourse.sandbox.recording.lines import Header, Line, SandboxState
from openbourse.sandbox.recording.proxy import RecordingProxy
from openbourse.sandbox.recording.reader import read_lines
from openbourse.sandbox.recording.recorder import Recorder
from openbourse.sandbox.recording.session import replay
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.wire.coinex.recorded import CoinexRequests
from openbourse.wire.coinw.recorded import CoinwRequests
from openbourse.wire.recorded import RecordedRequest, Signer

NOW = 1_795_000_020_000
STATE = SandboxState(began=NOW, time=NOW, sequence=0)
MARKET = "BTC/USDT"


@dataclass
class Scene:
    """`url` is that of the recorder."""

    fresh: Fresh
    url: str
    file: Path
    recorder: Recorder

    def client(self, user: int = 0, library: Any = ccxt.async_support) -> Any:
        """An unmodified ccxt; only its address, its key and its clock are set."""
        key = self.fresh.traders[user].keys["coinex"]
        exchange = library.coinex({"apiKey": key.key_id, "secret": key.secret})
        sockets = self.url.replace("http", "ws", 1)
        exchange.urls["api"] = {
            "public": self.url,
            "private": self.url,
            "ws": {"spot": f"{sockets}/v2/spot/", "swap": f"{sockets}/v2/futures/"},
        }
        exchange.nonce = exchange.milliseconds = self.fresh.playground.clock.now
        return exchange

    async def coinw(self, action: str, user: int = 0, **parameters: str) -> Any:
        """An answer of the other protocol."""
        key = self.fresh.traders[user].keys["coinw"]
        target = f"/appApi.html?action={action}&api_key=&sign=" + "".join(
            f"&{name}={value}" for name, value in parameters.items()
        )
        request = CoinwRequests().signed(
            RecordedRequest("POST", target, {}, ""), Signer(key.key_id, key.secret), 0
        )
        return json.loads(await self.ask("POST", request.target))

    async def ask(self, method: str, target: str, body: bytes | None = None) -> str:
        """The body of any answer."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + target, data=body) as answer,
        ):
            return await answer.text()

    async def coinex(self, method: str, path: str, user: int = 0, **fields: Any) -> Any:
        """A signed answer, as the library would get it, without the library."""
        key = self.fresh.traders[user].keys["coinex"]
        return await self.signed(method, path, Signer(key.key_id, key.secret), fields)

    async def signed(self, method: str, path: str, signer: Signer, fields: Mapping[str, Any]) -> Any:
        """As `coinex`, for any key."""
        query = "?" + urlencode(fields) if fields and method == "GET" else ""
        body = json.dumps(fields) if fields and method != "GET" else ""
        stamp = str(self.fresh.playground.clock.now())
        headers = {"x-coinex-key": "", "x-coinex-sign": "", "x-coinex-timestamp": stamp}
        request = CoinexRequests().signed(RecordedRequest(method, path + query, headers, body), signer, 0)
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method, self.url + request.target, headers=dict(request.headers), data=body or None
            ) as answer,
        ):
            return await answer.json()


@contextlib.asynccontextmanager
async def recorded(
    folder: Path, state: SandboxState = STATE, target: str = "", **limits: int
) -> AsyncIterator[Scene]:
    """Inside the block all is written to `Scene.file`."""
    async with fresh_venue(state, folder / "recorded") as fresh:
        ground = fresh.playground
        names = {key.key_id: trader.user.name for trader in fresh.traders for key in trader.keys.values()}
        file = folder / "recording.jsonl"
        recorder = Recorder(
            file, fresh.url, VirtualClock(ground.clock.now(), 0), ground.state(), names, **limits
        )
        async with RecordingProxy(recorder, target or fresh.url) as proxy:
            yield Scene(fresh, proxy.url, file, recorder)
        recorder.close()


@contextlib.asynccontextmanager
async def clients(scene: Scene, library: Any = ccxt.async_support) -> AsyncIterator[tuple[Any, Any]]:
    """Two traders."""
    one, other = scene.client(0, library), scene.client(1, library)
    try:
        yield one, other
    finally:
        await one.close()
        await other.close()


def keys_of(fresh: Fresh) -> dict[str, Keys]:
    """For a replay against this venue."""
    return {
        trader.user.name: {protocol: (key.key_id, key.secret) for protocol, key in trader.keys.items()}
        for trader in fresh.traders
    }


async def replayed(
    file: Path,
    notes: list[str] | None = None,
    against: str = "",
    users: Mapping[str, Keys] | None = None,
    values: bool | None = None,
) -> list[Finding]:
    """All differences."""
    told = notes if notes is not None else []
    return [
        finding
        async for finding in replay(file, tell=told.append, against=against, users=users, values=values)
    ]


def lines(file: Path) -> list[Line]:
    return [line for _, line in read_lines(file) if not isinstance(line, Header)]


def edit(file: Path, number: int, old: str, new: str) -> None:
    """Change a line of a recording, numbered from 1."""
    texts = file.read_text().splitlines(keepends=True)
    assert old in texts[number - 1], texts[number - 1]
    texts[number - 1] = texts[number - 1].replace(old, new, 1)
    file.write_text("".join(texts))
