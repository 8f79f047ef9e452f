"""A day with a client in it: `python -m tests.wire.coinex.simulated_day HOURS SEED` prints its digests.

A process of its own, so that days of different processes can be compared.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from openbourse.accounts.records import KeyRecord
from openbourse.core.commands import encode_commands
from openbourse.core.events import Applied, Trade, encode_events
from openbourse.core.snapshot import state_hash
from openbourse.sandbox.catalogue import MARKETS
from openbourse.sandbox.house import House
from openbourse.sandbox.past import STEP_SECONDS, live_through
from openbourse.sandbox.setup import set_up
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.testing.thread import quiet_log
from openbourse.venue.front import VenueFront
from openbourse.venue.venue import Venue
from openbourse.wire.application import application
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.coinw.settings import CoinwSettings
from tests.sandbox.venues import START, running
from tests.wire.calling import call
from tests.wire.coinex.ws.world import FakeConnection

LIVING = MARKETS[:2]
PUBLIC = (
    "/v2/spot/depth?market={0}&limit=50&interval=0",
    "/v2/spot/deals?market={0}&limit=1000",
    "/v2/spot/kline?market={0}&period=1min&limit=60",
    "/v2/spot/kline?market={0}&period=1hour&limit=100",
    "/v2/spot/ticker?market={0}",
    "/appApi.html?action=depth&symbol={1}",
    "/appApi.html?action=market&symbol={1}",
)
PRIVATE = (
    "/v2/assets/spot/balance",
    "/v2/spot/pending-order?market={0}&market_type=SPOT&limit=100",
    "/v2/spot/finished-order?market={0}&market_type=SPOT&limit=100",
    "/v2/spot/user-deals?market={0}&market_type=SPOT&limit=100",
    "/v2/assets/deposit-address?ccy=USDT&chain=TRC20",
)
SUBSCRIPTIONS = (
    ("depth", [[market.name, 20, "0", False] for market in LIVING]),
    *((name, [market.name for market in LIVING]) for name in ("deals", "bbo", "state")),
    *((name, [market.name for market in LIVING]) for name in ("order", "user_deals")),
)


class Client:
    """A user who trades a little, and keeps every byte that comes back."""

    def __init__(self, venue: Venue, sockets: WebSocketService, key: KeyRecord) -> None:
        self.answers: list[bytes] = []
        self.codes: Counter[int] = Counter()
        self.socket = FakeConnection()
        self._venue = venue
        self._app = application(
            VenueFront(venue), CoinexSettings(rate_limits=False), CoinwSettings(rate_limits=False)
        )
        self._key = key
        self._hub = sockets.hub
        self._session = self._hub.join(self.socket, self._hub.spot, "127.0.0.1")
        self._ids = itertools.count(1)
        now = venue.now()
        self._ask("server.sign", access_id=key.key_id, timestamp=now, signed_str=self._signature(f"{now}"))
        for channel, names in SUBSCRIPTIONS:
            self._ask(f"{channel}.subscribe", market_list=names)
        self._ask("balance.subscribe", ccy_list=[])

    def tick(self) -> None:
        """The moment at which public pushes leave."""
        self._hub.tick()

    async def look_and_trade(self, hour: int) -> None:
        for market in LIVING:
            number = self._venue.listing.number("market", market.name)
            for target in PUBLIC:
                await self._request("GET", target.format(market.name, number))
            side = "buy" if hour % 2 else "sell"
            body = {
                "market": market.name,
                "market_type": "SPOT",
                "side": side,
                "type": "market" if hour % 3 else "limit",
                "amount": "0.01",
                "ccy": market.base,
                "price": "2500.5",
            }
            await self._request("POST", "/v2/spot/order", json.dumps(body).encode())
            for target in PRIVATE:
                await self._request("GET", target.format(market.name))

    async def _request(self, method: str, target: str, body: bytes = b"") -> None:
        now = self._venue.now()
        headers = {
            "x-coinex-key": self._key.key_id,
            "x-coinex-timestamp": str(now),
            "x-coinex-sign": self._signature(f"{method}{target}{body.decode()}{now}"),
        }
        answer = await call(self._app, method, target, body, headers)
        assert answer.status == 200, (target, answer.body)
        self.codes[answer.code] += 1
        self.answers.append(f"{target} {answer.status} ".encode() + answer.body)

    def _ask(self, method: str, **params: Any) -> None:
        request = {"method": method, "params": params, "id": next(self._ids)}
        self._session.receive(json.dumps(request).encode(), 0.0)
        self._hub.desk.flush()

    def _signature(self, text: str) -> str:
        return hmac.new(self._key.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


async def day(directory: Path, hours: int, seed: int) -> dict[str, Any]:
    """What is left of so many hours: digests of everything that anybody could have seen, and some counts."""
    clock = VirtualClock(START, 0)
    async with running(directory, clock=clock) as venue:
        tapes: dict[str, list[Trade]] = {market.name: [] for market in LIVING}
        venue.listen(lambda batch: read(batch, tapes))
        traders = await set_up(venue)
        client = Client(venue, WebSocketService(VenueFront(venue)), traders[0].keys["coinex"])
        house = House(venue, seed, clock.sleep, markets=LIVING)
        for minute in range(hours * 3600 // STEP_SECONDS):
            await live_through(venue, clock, house, STEP_SECONDS)
            client.tick()
            if minute % 60 == 30:
                await client.look_and_trade(minute // 60)
        async with house:  # the bots as they live beside real clients
            await clock.advance(10)
        client.tick()
        commands = [command for _, batch in venue.log.read(0) for command in batch]
        return {
            "state": state_hash(venue.exchange),
            "log": digest(encode_commands(commands)),
            "tapes": {name: digest(encode_events(list(trades))) for name, trades in tapes.items()},
            "http": digest(b"\n".join(client.answers)),
            "websocket": digest(b"".join(client.socket.frames)),
            "trades": {name: len(trades) for name, trades in tapes.items()},
            "codes": client.codes,
            "pushed": sum(map(len, client.socket.frames)),
        }


def read(batch: list[Applied], tapes: dict[str, list[Trade]]) -> None:
    for applied in batch:
        for event in applied.events:
            if isinstance(event, Trade):
                tapes[event.market].append(event)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    quiet_log()
    hours, seed = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(asyncio.run(day(Path(folder) / "venue", hours, seed))))


if __name__ == "__main__":
    main()
