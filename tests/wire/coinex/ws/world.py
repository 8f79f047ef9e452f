"""An exchange with the WebSocket side on top, without sockets: connections collect what they are sent."""

import gzip
import hashlib
import hmac
import itertools
import json
from decimal import Decimal
from typing import Any

from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.records import KeyRecord, User
from openbourse.core import commands as c
from openbourse.core.commands import AnyCommand, MarketSpec, OrderRequest, OrderType, Side
from openbourse.core.events import AnyEvent, Applied, OrderChanged, Refused, StopChanged
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.market_data.market_data import MarketData
from openbourse.wire.coinex.ws.errors import CloseCode
from openbourse.wire.coinex.ws.hub import Hub
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.session import Session

START = 1_760_000_000_000
SECRET = "8F2C6A1E0B7D4C53A9E1F06B2D7C8A45"
RATE = UNIT // 500
MARKETS = ("BTCUSDT", "ETHUSDT")
ASSETS = ("BTC", "ETH", "USDT")


def units(text: str) -> int:
    return int(Decimal(text) * UNIT)


class FakeConnection:
    """Keeps the messages it is sent."""

    def __init__(self) -> None:
        self.closed: CloseCode | None = None
        self.frames: list[bytes] = []

    def send(self, frames: bytes) -> None:
        assert self.closed is None, "nothing is sent after the close"
        self.frames.append(frames)

    def close(self, code: CloseCode, reason: str) -> None:
        del reason
        self.closed = code

    def take(self) -> list[dict[str, Any]]:
        """All messages since the last call."""
        data, self.frames = b"".join(self.frames), []
        return messages(data)


def messages(data: bytes) -> list[dict[str, Any]]:
    """What a client reads from these bytes: each frame one binary message, each of them one gzip member."""
    found = []
    while data:
        assert data[0] == 0x82, "one final, unmasked binary frame"
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
            assert size >= 126
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
            assert size >= 65536
        payload = data[start : start + size]
        assert payload[:3] == b"\x1f\x8b\x08"
        assert payload[4:8] == bytes(4), "no time in the header: equal messages are equal bytes"
        found.append(json.loads(gzip.decompress(payload)))
        data = data[start + size :]
    return found


class Client:
    """One connection and the session on top of it."""

    def __init__(self, world: "World", endpoint: str, address: str) -> None:
        self.world = world
        self.socket = FakeConnection()
        channels = world.hub.spot if endpoint == "spot" else world.hub.futures
        self.session: Session = world.hub.join(self.socket, channels, address)
        self._ids = itertools.count(1)

    def raw(self, text: str | bytes) -> list[dict[str, Any]]:
        """Send this very text; everything that comes at once."""
        data = text.encode() if isinstance(text, str) else text
        self.session.receive(data, self.world.elapsed)
        self.world.hub.desk.flush()
        return self.socket.take()

    def ask(self, method: str, params: object = None) -> list[dict[str, Any]]:
        """Send a request; the answer and what follows it."""
        body: dict[str, object] = {"method": method, "id": next(self._ids)}
        if params is not None:
            body["params"] = params
        return self.raw(json.dumps(body))

    def subscribe(self, channel: str, *names: str, key: str = "market_list") -> list[dict[str, Any]]:
        """Subscribe and check the answer; the first pushes."""
        answer, *pushes = self.ask(f"{channel}.subscribe", {key: list(names)})
        assert (answer["code"], answer["message"]) == (0, "OK"), answer
        assert set(answer) == {"id", "code", "message"}
        return pushes

    def depth(self, market: str, limit: int, interval: str, always_full: bool) -> list[dict[str, Any]]:
        entry = [market, limit, interval, always_full]
        answer, *pushes = self.ask("depth.subscribe", {"market_list": [entry]})
        assert answer["code"] == 0, answer
        return pushes

    def sign(self, key: KeyRecord, **changes: object) -> dict[str, Any]:
        """The answer to a signature, by default a good one."""
        timestamp = self.world.now
        signed = hmac.new(key.secret.encode(), str(timestamp).encode(), hashlib.sha256).hexdigest()
        params = {"access_id": key.key_id, "timestamp": timestamp, "signed_str": signed} | changes
        (answer,) = self.ask("server.sign", params)
        return answer

    def take(self, method: str = "") -> list[Any]:
        """What has been pushed since, or only the data of one method."""
        found = self.socket.take()
        for message in found:
            assert message["id"] is None
            assert set(message) == {"method", "data", "id"}
        return [message["data"] for message in found if message["method"] == method] if method else found


class World:
    """Two markets, three users with money, a clock to move, and a hub that follows."""

    def __init__(self, limits: WsLimits | None = None) -> None:
        self.now = START
        self.elapsed = 1000.0
        self.exchange = Exchange()
        self.data = MarketData()
        self.keys: dict[str, KeyRecord] = {}
        self.hub = Hub(
            self.data, self.keys.get, lambda: self.now, lambda: self.now, ASSETS.__contains__, limits
        )
        for name in MARKETS:
            spec = MarketSpec(name, name[:3], "USDT", 8, 2, UNIT // 10**8, RATE, RATE)
            self.do(c.DefineMarket(self.now, spec))
        for user in (1, 2, 3):
            self.do(c.OpenUser(self.now, user))
            for asset in ASSETS:
                self.do(c.Deposit(self.now, f"{user}:{asset}", user, asset, 10**8 * MONEY_UNIT))

    def client(self, endpoint: str = "spot", address: str = "127.0.0.1") -> Client:
        return Client(self, endpoint, address)

    def signed(self, user: int) -> Client:
        client = self.client()
        assert client.sign(self.key(user))["code"] == 0
        return client

    def key(self, user: int, **changes: Any) -> KeyRecord:
        """A new key of a user; the changes are fields of the record."""
        owner = User(user, f"u{user}", "", 0, (), "active", "", START)
        secret = changes.pop("secret", SECRET)
        fields: dict[str, Any] = {
            "id": len(self.keys) + 1,
            "owner": owner,
            "key_id": f"KEY{len(self.keys) + 1}",
            "protocol": "coinex",
            "trade_allowed": True,
            "withdraw_allowed": False,
            "allow_list": AllowList(),
            "created_at": START,
            "expires_at": 0,
            "remark": "",
            "revoked": False,
            "secret": secret,
        }
        key = KeyRecord(**(fields | changes))
        self.keys[key.key_id] = key
        return key

    # -- trading -----------------------------------------------------------------------------------

    def do(self, *commands: AnyCommand) -> list[AnyEvent]:
        """One durable batch; the events of its last command."""
        batch = []
        for command in commands:
            events = self.exchange.apply(command)
            assert not isinstance(events[0], Refused), events
            batch.append(Applied(self.exchange.sequence, command, events))
        self.data.apply(batch)
        self.hub.applied(batch)
        return batch[-1].events

    def place(
        self, user: int, side: Side, amount: str, price: str = "0", kind: OrderType = "limit", **more: Any
    ) -> int:
        """An order on BTCUSDT unless `more` says otherwise; its id."""
        self.now += 1
        market = more.pop("market", "BTCUSDT")
        request = OrderRequest(user, "spot", market, side, kind, units(amount), units(price), **more)
        events = self.do(c.PlaceOrder(self.now, request))
        return next(
            event.order.order_id
            for event in events
            if isinstance(event, OrderChanged) and event.order.request is request
        )

    def stop(self, user: int, side: Side, amount: str, price: str, trigger: str) -> int:
        """A stop limit order on BTCUSDT; its id."""
        self.now += 1
        request = OrderRequest(user, "spot", "BTCUSDT", side, "limit", units(amount), units(price))
        (event,) = self.do(c.PlaceStop(self.now, request, units(trigger)))
        assert isinstance(event, StopChanged)
        return event.stop.stop_id

    def cancel(self, user: int, order_id: int) -> None:
        self.now += 1
        self.do(c.CancelOrder(self.now, user, "spot", "", order_id))

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now += 200
            self.hub.tick()
