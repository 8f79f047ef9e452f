"""Clients of the CoinW protocol on `openbourse demo`, over a socket: one of our own, and known ones.

The requests of the known ones are replayed byte for byte, as reference/coinw/legacy.md §11 lists them.
"""

import contextlib
import gzip
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from tests.cli.processes import started
from tests.compliance.coinw_client import CoinwClient, exchange_bytes
from tests.waiting import SECONDS

# Somebody's outside of the venue.
ADDRESS = format_of("BTC").encode(bytes(20))


@dataclass
class Demo:
    """The sandbox, and its two traders as the credentials file tells them."""

    content: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.content["coinw"]["legacy"])

    def coinw(self, number: int) -> CoinwClient:
        return CoinwClient(self.url, **self.content["users"][number]["coinw"])

    def coinex(self, number: int) -> "CoinexUser":
        return CoinexUser(self.content["coinex"], **self.content["users"][number]["coinex"])

    def trade(self) -> None:
        """One of BTC for USDT at 60000, where no bot makes any."""
        for number, side in enumerate(("buy", "sell")):
            self.coinw(number).get("trade", symbol=78, type=side, amount="0.1", price="60000")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    file: Path = folder / "credentials.json"
    verify_address(folder / "data")
    arguments = ("--no-bots", "--no-rate-limits", "--data-dir", folder / "data", "--credentials", file)
    with started("demo", *arguments) as server:
        yield Demo(json.loads(file.read_text()))
        assert server.stop() == 0


def verify_address(data: Path) -> None:
    """What an operator does for a user, before the demo starts: allow an address for their keys."""
    venue = Venue.open(VenueOptions(data, mode="sandbox"))
    user = venue.accounts.create_user("trader1", now=venue.clock.now())
    venue.wallet.allow_list.add(user.id, AllowedAddress("BTC", ADDRESS))
    venue.close()


class CoinexUser:
    """As much of a client of the other protocol as is needed to look at the same account."""

    def __init__(self, addresses: dict[str, str], access_id: str, secret_key: str) -> None:
        self.addresses = addresses
        self.access_id = access_id
        self.secret_key = secret_key

    def signature(self, text: str) -> str:
        return hmac.new(self.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()

    def post(self, path: str, **params: object) -> Any:
        return self._send("POST", path, json.dumps(params))

    def get(self, path: str) -> Any:
        return self._send("GET", path, "")

    def _send(self, method: str, path: str, body: str) -> Any:
        now = str(time.time_ns() // 1_000_000)
        where = urlsplit(self.addresses["http"])
        target = f"{where.path}{path}"
        headers = {
            "X-COINEX-KEY": self.access_id,
            "X-COINEX-SIGN": self.signature(method + target + body + now),
            "X-COINEX-TIMESTAMP": now,
        }
        connection = http.client.HTTPConnection(where.netloc, timeout=SECONDS)
        try:
            connection.request(method, target, body, headers)
            found = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        assert found["code"] == 0, found
        return found["data"]

    @contextlib.contextmanager
    def watch(self) -> "Iterator[Watcher]":
        """A socket that is told of this account's orders and deals."""
        with connect(self.addresses["ws_spot"]) as socket:
            watcher = Watcher(socket)
            now = time.time_ns() // 1_000_000
            sign = {"access_id": self.access_id, "signed_str": self.signature(str(now)), "timestamp": now}
            watcher.ask("server.sign", sign)
            for channel in ("order", "user_deals"):
                watcher.ask(f"{channel}.subscribe", {"market_list": ["BTCUSDT"]})
            yield watcher


class Watcher:
    """One WebSocket; pushes are kept until somebody wants them."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.pushes: list[dict[str, Any]] = []

    def ask(self, method: str, params: dict[str, object]) -> None:
        self.socket.send(json.dumps({"method": method, "params": params, "id": 1}))
        while (found := self._next()).get("id") != 1:
            self.pushes.append(found)
        assert found["code"] == 0, found

    def push(self, method: str) -> Any:
        """The data of the next push of this kind."""
        while True:
            for at, found in enumerate(self.pushes):
                if found["method"] == method:
                    return self.pushes.pop(at)["data"]
            self.pushes.append(self._next())

    def _next(self) -> dict[str, Any]:
        message = self.socket.recv(timeout=SECONDS)
        assert isinstance(message, bytes)
        found: dict[str, Any] = json.loads(gzip.decompress(message))
        return found


def md5(text: str, client: CoinwClient) -> str:
    return hashlib.md5(f"{text}&secret_key={client.secret_key}".encode()).hexdigest()


# -- the client from the page -----------------------------------------------------------------------


def test_all_actions_of_a_trader(demo: Demo) -> None:
    buyer, seller, public = demo.coinw(0), demo.coinw(1), CoinwClient(demo.url)
    pair = public.pair("BTC", "USDT")
    assert (pair, public.currency("BTC")) == (78, 50)
    assert "78:BTC/USDT" in public.get("getSymbol")["交易对symbol"].split("  ")
    before = buyer.get("userinfo")
    order = buyer.get("trade", symbol=pair, type="buy", amount="0.5", price="60000")
    assert buyer.get("entrust", symbol=pair)[0]["id"] == order
    assert public.get("depth", symbol=pair)["bids"][0]["price"] == "60000"
    seller.get("trade", symbol=pair, type=1, amount="0.2", price="59000.5")
    assert public.get("trades", symbol=pair)[0]["price"] == 60000
    assert public.get("market", symbol=pair)["last"] == 60000
    assert json.loads(public.get("kline", symbol=pair, step=60))[-1][5] == 0.2
    assert seller.get("lastentrust", symbol=pair)[0]["success_amount"] == 12000
    assert buyer.get("order", id=order)[0]["success_count"] == "0.20000000"
    assert buyer.get("cancel_entrust", id=order) is None
    after = buyer.get("userinfo")
    assert after["frozen"] == before["frozen"]
    assert after["free"]["USDT"] == before["free"]["USDT"] - 12000
    assert after["free"]["BTC"] == pytest.approx(before["free"]["BTC"] + 0.2 * 0.998)


def test_errors(demo: Demo) -> None:
    client, stranger = demo.coinw(0), CoinwClient(demo.url, "c821db84-6fbd-11e4-a9e3-c86000d26d7c", "x")
    assert CoinwClient(demo.url).call("nothing")["code"] == 10002
    assert client.call("trade", symbol=78)["code"] == 10003
    assert stranger.call("userinfo")["code"] == 10006
    assert CoinwClient(demo.url, client.api_key, "wrong").call("userinfo")["code"] == 10007
    assert client.call("trade", symbol=78, type=0, amount="100000", price="60000")["code"] == 500


# -- one venue, two protocols -----------------------------------------------------------------------


def test_an_order_of_one_protocol_on_the_other(demo: Demo) -> None:
    one, other = demo.coinw(0), demo.coinex(1)
    mine = demo.coinex(0)
    with mine.watch() as watcher:
        order = one.get("trade", symbol=78, type=0, amount="0.3", price="50000")
        seen = watcher.push("order.update")
        assert (seen["event"], seen["order"]["order_id"], seen["order"]["price"]) == ("put", order, "50000")
        other.post(
            "/spot/order",
            market="BTCUSDT",
            market_type="SPOT",
            side="sell",
            type="limit",
            amount="0.1",
            price="50000",
        )
        deal = watcher.push("user_deals.update")
        assert (deal["order_id"], deal["amount"], deal["price"]) == (order, "0.1", "50000")
        assert watcher.push("order.update")["order"]["filled_amount"] == "0.1"
        (row,) = one.get("order", id=order)
        assert (row["status"], row["success_count"], row["success_amount"]) == (2, "0.10000000", 5000)
        balance = {found["ccy"]: found for found in mine.get("/assets/spot/balance")}
        assert float(balance["USDT"]["frozen"]) == one.get("userinfo")["frozen"]["USDT"] == 10000
        mine.post("/spot/cancel-order", market="BTCUSDT", market_type="SPOT", order_id=order)
        assert watcher.push("order.update")["event"] == "finish"
    assert one.get("entrust", symbol=78) == []
    (row,) = one.get("order", id=order)
    assert (row["status"], row["status_s"]) == (4, "用户撤销")
    assert one.call("cancel_entrust", id=order)["code"] == 500


def test_trades_have_the_same_numbers_on_both(demo: Demo) -> None:
    demo.trade()
    rows = demo.coinw(0).get("trades", symbol=78)
    assert rows
    deals = demo.coinex(0).get("/spot/deals?market=BTCUSDT&limit=100")
    assert [row["id"] for row in rows] == [deal["deal_id"] for deal in deals]


def test_a_withdrawal_of_one_protocol_on_the_other(demo: Demo) -> None:
    one, other = demo.coinw(0), demo.coinex(0)
    currency = one.currency("BTC")
    fee = one.get("currencys")["BTC"]["txFee"]
    before = one.get("userinfo")["free"]["BTC"]
    assert one.call("withdraw", symbol=currency, amount="0.5", withdrawaddress="1elsewhere")["code"] == 500
    one.get("withdraw", symbol=currency, amount="0.5", withdrawaddress=ADDRESS)
    (row,) = one.get("withdraw_record", symbol=currency)
    assert (row["amount"], row["fees"]) == (pytest.approx(0.5 - fee), fee)
    assert row["withdraw_virtual_address"] == ADDRESS
    started = time.monotonic()
    while row["status"] in (1, 2) and time.monotonic() - started < 30:
        time.sleep(0.2)
        (row,) = one.get("withdraw_record", symbol=currency)
    assert (row["status"], row["status_s"]) == (3, "提现成功")
    assert one.get("userinfo")["free"]["BTC"] == pytest.approx(before - 0.5)
    found = other.get("/assets/spot/transcation-history?type=withdraw&ccy=BTC")
    assert sum(float(entry["change"]) for entry in found) == pytest.approx(-0.5)
    assert one.call("cancel_withdraw", id=row["id"])["code"] == 500


# -- the clients that are known, byte for byte ------------------------------------------------------


def test_the_gateway_of_2019_sends_all_in_the_address(demo: Demo) -> None:
    client = demo.coinw(0)

    def ask(path: str, action: str, **params: str) -> Any:
        texts = dict(sorted({**params, "api_key": client.api_key}.items()))
        text = "&".join(f"{name}={value}" for name, value in texts.items())
        sign = md5(text, client).upper()
        request = (
            f"POST {path}?action={action}&{text}&sign={sign} HTTP/1.1\n"
            "Host: api.coinw.ai\nUser-Agent: python-requests/2.22.0\nAccept-Encoding: gzip, deflate\n"
            "Accept: */*\nConnection: keep-alive\nContent-Type: application/json\nContent-Length: 0\n\n"
        )
        found = exchange_bytes(demo.url, request)
        assert found["code"] == 200, found
        assert found["time"] / 1000 == pytest.approx(time.time(), abs=60)
        return found["data"]

    texts = ask("/appApi.html", "getSymbol")["交易对symbol"]
    pairs = dict(item.split(":") for item in texts.split("  "))
    assert pairs["78"] == "BTC/USDT"
    order = ask("/appApi.html", "trade", symbol="78", type="0", amount="0.01", price="40000")
    (row,) = ask("/appApi.html", "entrust", symbol="78")
    assert (row["id"], row["type"], row["count"] - row["success_count"]) == (order, 0, 0.01)
    assert [float(level["price"]) for level in ask("/appApi.html", "depth", symbol="78")["bids"]] == [40000]
    info = ask("/appApi.html", "userinfo")
    assert all(name in info["frozen"] for name in info["free"])
    ask("/appApi.html", "cancel_entrust", id=str(order))
    assert ask("/appApi.html", "order", id=str(order))[0]["status"] == 4


def test_the_java_service_sends_the_action_in_the_body(demo: Demo) -> None:
    client = demo.coinw(0)
    text = f"amount=0.01&api_key={client.api_key}&price=40000.0&symbol=78&type=0"
    body = f"action=trade&{text}&sign={md5(text, client).upper()}"
    request = (
        "POST /appApi.html HTTP/1.1\nHost: www.coinw.com\nConnection: Keep-Alive\n"
        "User-Agent: Apache-HttpClient/4.5.3 (Java/1.8.0_161)\nAccept-Encoding: gzip,deflate\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\n"
        f"Content-Length: {len(body)}\n\n{body}"
    )
    found = exchange_bytes(demo.url, request)
    assert found["code"] == 200
    client.get("cancel_entrust", id=found["data"])
    market = exchange_bytes(
        demo.url, "GET /appApi.html?action=market&symbol=78 HTTP/1.1\nHost: www.coinw.com\n\n"
    )
    assert {type(market[name]) for name in ("buy", "sell")} <= {int, float}


def test_the_client_that_gets_everything_and_signs_what_is_encoded(demo: Demo) -> None:
    client = demo.coinw(0)

    def ask(action: str, **params: str) -> dict[str, Any]:
        texts = sorted({**params, "api_key": client.api_key}.items())
        text = "&".join(f"{name}={quote_plus(value)}" for name, value in texts)
        return exchange_bytes(
            demo.url,
            f"GET /appApi.html?action={action}&{text}&sign={md5(text, client).upper()} HTTP/1.1\n"
            "Host: coinw.me\nUser-Agent: python-requests/2.18.4\nAccept: */*\n\n",
        )

    order = ask("trade", symbol="BTC/USDT", type="0", amount="0.01", price="40000")["data"]
    assert [row["id"] for row in ask("entrust", symbol="BTC/USDT")["data"]] == [order]
    assert ask("cancel_entrust", id=str(order))["code"] == 200


def test_a_signed_public_request_and_no_body_at_all(demo: Demo) -> None:
    client = demo.coinw(0)
    text = f"api_key={client.api_key}&symbol=78"
    for sign in (md5(text, client).upper(), "whatever"):
        found = exchange_bytes(
            demo.url,
            f"POST /appApi.html?action=depth&{text}&sign={sign} HTTP/1.1\nHost: api.coinw.ai\n\n",
        )
        assert (found["code"], set(found["data"])) == (200, {"bids", "asks"})


def test_the_web_client_that_looks_one_pair_up(demo: Demo) -> None:
    for method in ("GET", "POST"):
        found = exchange_bytes(
            demo.url,
            f"{method} /appApi.html?action=getSymbol&symbol=BTC%2FUSDT HTTP/1.1\nHost: www.coinw.com\n"
            "User-Agent: Java/1.8.0_212\nAccept: */*\nContent-Length: 0\n\n",
        )
        text = found["data"]["交易对symbol"]
        before = text[: text.index("BTC/USDT") - 1]
        assert before[before.rfind(" ") + 1 :] == "78"


def test_the_go_client_that_leaves_blank_values_out(demo: Demo) -> None:
    client = demo.coinw(0)
    text = f"api_key={client.api_key}&id=1"
    sign = md5(text, client).upper()
    found = exchange_bytes(
        demo.url,
        f"GET /appApi.html?action=order&{text}&symbol=&sign={sign}"
        " HTTP/1.1\nHost: api.coinw.ai\nUser-Agent: Go-http-client/1.1\nAccept-Encoding: gzip\n\n",
    )
    assert (found["code"], found["data"]) == (200, [])
    for action in ("depth", "trades"):
        found = exchange_bytes(
            demo.url,
            f"GET /appApi.html?action={action}&symbol=78 HTTP/1.1\nHost: api.coinw.ai\n"
            "User-Agent: Go-http-client/1.1\nAccept-Encoding: gzip\n\n",
        )
        assert found["code"] == 200


def test_the_sister_s_clients(demo: Demo) -> None:
    client = demo.coinw(0)
    text = f"api_key={client.api_key}"
    found = exchange_bytes(
        demo.url,
        f"POST /appApi.json?action=userinfo&{text}&sign={md5(text, client)} HTTP/1.1\nHost: a\n"
        "Content-Length: 0\n\n",
    )
    assert found["code"] == 200
    found = exchange_bytes(demo.url, "GET /appApi.json?action=depth&symbol=78&size=20 HTTP/1.1\nHost: a\n\n")
    assert len(found["data"]["bids"]) <= 10


def test_the_poller(demo: Demo) -> None:
    demo.trade()
    found = exchange_bytes(demo.url, "GET /appApi.html?action=market&symbol=78 HTTP/1.1\nHost: a\n\n")
    assert float(found["data"]["last"]) == 60000
