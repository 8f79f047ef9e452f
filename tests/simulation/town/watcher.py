"""A client that listens over WebSocket, breaks off, comes back, and sometimes does not read.

What it hears on the private channels must be what happened: everything from some moment on, in order,
nothing twice. Its books must have the checksums that come with them.
"""

import asyncio
import hashlib
import hmac
from decimal import Decimal
from typing import Any

from openbourse.wire.coinex.ws.orders import EVENTS
from openbourse.wire.coinex.ws.stops import WORDS
from tests.core.dice import Dice
from tests.simulation.town.claims import MONEY, UNITS, number
from tests.simulation.town.coinex_caller import CoinexCaller
from tests.simulation.town.customer import MARKETS
from tests.simulation.town.life import Life
from tests.simulation.town.record import Push, Record
from tests.simulation.town.socket import Connection
from tests.wire.coinex.ws.book_keeper import BookKeeper

PRIVATE = ("order", "stop", "user_deals", "balance")
_ORDER_CHANGES = {word: change for change, word in EVENTS.items()}
_STOP_CHANGES = {status: change for change, (_, status) in WORDS.items()}


class Heard:
    """What came over one connection since its subscriptions.

    `asked` is the venue's newest command when a channel was subscribed, `granted` when that was answered.
    """

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.granted: dict[str, int] = {}
        self.pushes: list[tuple[str, tuple[object, ...]]] = []

    def wrong(self, record: Record, user: int, *, to_the_end: bool) -> list[str]:
        """What of it is not so; `to_the_end`: nothing was lost on the way."""
        found: list[str] = []
        places: dict[str, list[int]] = {}
        for channel, asked in self.asked.items():
            mine = [content for name, content in self.pushes if name == channel]
            expected = record.pushes.get((user, channel), [])
            begin = _begin(expected, mine, asked, self.granted.get(channel))
            if begin is None:
                found.append(f"{channel} pushes of {user} are not what happened: {mine[:5]} ...")
                continue
            if to_the_end and channel in self.granted and begin + len(mine) != len(expected):
                found.append(f"{channel} pushes of {user} end before their time")
            places[channel] = [push.sequence for push in expected[begin : begin + len(mine)]]
        if not found and _is_shuffled(self.pushes, places):
            found.append(f"pushes of {user} come in another order than the commands that caused them")
        return found


def _begin(
    expected: list[Push], heard: list[tuple[object, ...]], asked: int, granted: int | None
) -> int | None:
    """Where in what was to be expected the pushes begin; None when they fit nowhere."""
    first = next((i for i, push in enumerate(expected) if push.sequence > asked), len(expected))
    end = len(expected)
    last = end if granted is None else next((i for i, p in enumerate(expected) if p.sequence > granted), end)
    for place in range(first, last + 1):
        if [push.content for push in expected[place : place + len(heard)]] == heard:
            return place
    return None


def _is_shuffled(pushes: list[tuple[str, tuple[object, ...]]], places: dict[str, list[int]]) -> bool:
    """Do pushes of later commands come before those of earlier ones?"""
    iterators = {channel: iter(sequences) for channel, sequences in places.items()}
    sequences = [next(iterators[channel]) for channel, _ in pushes]
    return sequences != sorted(sequences)


class Watcher:
    """One user's ear. `heard` has an entry for every connection since it was last asked."""

    def __init__(self, caller: CoinexCaller, dice: Dice) -> None:
        self.caller = caller
        self.heard: list[Heard] = []
        self.open: Heard | None = None
        self.books: dict[str, BookKeeper] = {}
        self._dice = dice
        self._connection: Connection | None = None

    @property
    def is_complete(self) -> bool:
        """Has every channel of the open connection been granted?"""
        return self.open is not None and set(self.open.granted) == set(PRIVATE)

    async def live(self, life: Life) -> None:
        """Connect over and over."""
        while True:
            await asyncio.sleep(self._dice.random())
            await self._connect(life)

    async def _connect(self, life: Life) -> None:
        self.open = heard = Heard()
        self.books = {market: BookKeeper() for market in MARKETS}
        self.heard.append(heard)
        conversation = _Conversation(life, heard, self.books)
        connection = Connection(life.service, life.network, self._dice, conversation.hear)
        self._connection = conversation.connection = connection
        try:
            life.counts["WebSocket connections"] += 1
            await self._converse(life, conversation)
            while not connection.over.done():
                await asyncio.wait([connection.over], timeout=1 + 3 * self._dice.random())
                if life.network.strikes("connection broken", 0.05):
                    connection.break_off()
                elif life.network.strikes("client does not read", 0.06):
                    connection.stall(1 + 20 * self._dice.random())
                else:
                    connection.send({"id": 0, "method": "server.ping", "params": {}})
        finally:
            connection.break_off()
            self.open = None

    async def _converse(self, life: Life, conversation: "_Conversation") -> None:
        who, now = self.caller.who, self.caller.now(life)
        signed = hmac.new(who.secret.encode(), str(now).encode(), hashlib.sha256).hexdigest()
        signature = {"access_id": who.key, "signed_str": signed, "timestamp": now}
        if not await conversation.ask("server.sign", signature):
            await self.caller.get(life, "/assets/spot/balance", {})  # finds out about the venue's clock
            conversation.connection.break_off()
            return
        for channel in PRIVATE:
            conversation.heard.asked[channel] = life.sequence
            names: dict[str, object] = {"ccy_list" if channel == "balance" else "market_list": []}
            await conversation.ask(f"{channel}.subscribe", names, channel)
        books = [[market, 50, "0", False] for market in MARKETS]
        await conversation.ask("depth.subscribe", {"market_list": books})


class _Conversation:
    """Requests and answers on one connection, and what is heard between them."""

    def __init__(self, life: Life, heard: Heard, books: dict[str, BookKeeper]) -> None:
        self.heard = heard
        self.connection: Connection
        self._life = life
        self._books = books
        self._waiting: dict[int, tuple[str, asyncio.Future[bool]]] = {}
        self._ids = 0

    async def ask(self, method: str, params: dict[str, object], channel: str = "") -> bool:
        """Whether it was granted; False as well when no answer came."""
        if self.connection.over.done():
            return False
        self._ids += 1
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[self._ids] = (channel, future)
        self.connection.send({"id": self._ids, "method": method, "params": params})
        either: list[asyncio.Future[Any]] = [future, self.connection.over]
        await asyncio.wait(either, timeout=8, return_when=asyncio.FIRST_COMPLETED)
        return future.done() and future.result()

    def hear(self, message: dict[str, Any]) -> None:
        self._life.counts["WebSocket messages"] += 1
        if message.get("method") is None:
            channel, future = self._waiting.pop(message["id"], ("", None))
            if channel and message["code"] == 0:
                self.heard.granted[channel] = self._life.sequence
            if future is not None and not future.done():
                future.set_result(message["code"] == 0)
            return
        data = message["data"]
        if message["method"] == "depth.update":
            try:
                self._books[data["market"]].take(data)
            except (AssertionError, KeyError) as error:
                self._life.accuse(f"a book of {data['market']} cannot be kept: {error!r}, {data}")
        else:
            self.heard.pushes.append(_content(message["method"], data))


def _content(method: str, data: dict[str, Any]) -> tuple[str, tuple[object, ...]]:
    """A private push in the house's terms."""
    if method == "order.update":
        row = data["order"]
        # Nothing in the push says in what a market order counts: what is left of it is compared as a number.
        left = Decimal(row["unfilled_amount"])
        change = _ORDER_CHANGES[data["event"]]
        return "order", (change, row["order_id"], number(row["filled_amount"], UNITS), left)
    if method == "stop.update":
        return "stop", (_STOP_CHANGES[data["stop"]["status"]], data["stop"]["stop_id"])
    if method == "user_deals.update":
        fill = (data["deal_id"], data["order_id"], number(data["price"], UNITS))
        return "user_deals", (*fill, number(data["amount"], UNITS), data["role"])
    (row,) = data["balance_list"]
    return "balance", (row["ccy"], number(row["available"], MONEY), number(row["frozen"], MONEY))
