"""Every example of the documentation, as it prints them: the request is understood, the answer has the shape.

Its pair and its currency have the number 1, as in the examples.
"""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openbourse.core.units import MONEY_UNIT
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wire.coinw.settings import CoinwSettings
from tests.wire.coinw.bench import Bench, Client, ManualClock, Reply, address_outside, open_bench, sign
from tests.wire.coinw.seed import EXAMPLES, printed, shape

PUBLIC = ["currencys", "symbols", "getSymbol", "depth", "kline", "market", "trades"]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    before = Venue.open(VenueOptions(tmp_path / "venue", mode="sandbox"), ManualClock())
    before.listing.assign("market", "BTCUSDT", 1)
    before.listing.assign("asset", "BTC", 1)
    before.close()
    async with open_bench(tmp_path) as bench:
        yield bench


def requests(action: str) -> list[str]:
    """The printed requests, from the path on; only the words and blanks before it are left out."""
    example = EXAMPLES[action]
    return [re.sub(r"^(POST |BTC )+", "", line) for line in (example.link, example.request)]


async def ask(client: Client, target: str, signed: bool) -> Reply:
    if not signed:
        return await client.bench.send("POST", target)
    pairs = re.findall(r"[?&](?!action=)(\w+)=([^&]*)", target)
    params = dict(pairs) | {"api_key": client.key.key_id}
    more = f"&api_key={client.key.key_id}&sign={sign(params, client.key.secret)}"
    return await client.bench.send("POST", target + more)


def same_shape(action: str, reply: Reply) -> None:
    """The members in their order, how they nest, and their types."""
    wanted = shape(printed(EXAMPLES[action].response))
    found = shape(reply.json)
    if action == "currencys":
        wanted, found = ({**whole, "data": list(whole["data"].values())[:1]} for whole in (wanted, found))
    if action == "userinfo":
        for whole in (wanted, found):
            assert list(whole["data"]["free"]) == list(whole["data"]["frozen"])
            assert set(whole["data"]["free"].values()) == {"number"}
            whole["data"] = list(whole["data"])
    if action == "withdraw_record":
        # What the documentation lacks, and cannot be done without: legacy.md §9.
        assert found["data"][0].pop("id") == "number"
    assert json.dumps(found) == json.dumps(wanted)


async def test_the_examples_are_all_there() -> None:
    assert len(EXAMPLES) == 16


@pytest.mark.parametrize("action", PUBLIC)
@pytest.mark.parametrize("line", [0, 1])
async def test_public_actions(bench: Bench, action: str, line: int) -> None:
    await bench.alice.trade("buy", "1", "4900", "1")
    await bench.alice.trade("sell", "2", "5100", "1")
    await bench.trades(("buy", "0.5", "5000"))
    reply = await ask(bench.alice, requests(action)[line], signed=False)
    same_shape(action, reply)
    if action == "kline":
        rows = json.loads(reply.data)
        assert shape(rows) == shape(json.loads(printed(EXAMPLES[action].response)["data"])) == [["number"]]
        assert len(rows[0]) == 6


@pytest.mark.parametrize("line", [0, 1])
async def test_placing_an_order(bench: Bench, line: int) -> None:
    reply = await ask(bench.alice, requests("trade")[line], signed=True)
    same_shape("trade", reply)
    (order,) = bench.venue.exchange.open_orders(bench.alice.user.id)
    assert order.order_id == reply.data
    assert (order.request.market, order.request.side) == ("BTCUSDT", "buy")
    assert (order.price, order.amount) == (5000 * 10**12, 10**12)


@pytest.mark.parametrize("action", ["entrust", "lastentrust", "userinfo", "order"])
@pytest.mark.parametrize("line", [0, 1])
async def test_what_a_user_has(bench: Bench, action: str, line: int) -> None:
    await bench.trades(("buy", "0.5", "5000"), ("sell", "0.25", "5000"))
    order = await bench.alice.trade("buy", "1", "5000", "1")
    request = requests(action)[line]
    assert (await ask(bench.alice, request, signed=True)).code == 200
    same_shape(action, await ask(bench.alice, request.replace("id=1", f"id={order}"), signed=True))


@pytest.mark.parametrize("line", [0, 1])
async def test_cancelling_an_order(bench: Bench, line: int) -> None:
    request = requests("cancel_entrust")[line]
    # Understood, but nobody has an order with the number 1 here.
    assert (await ask(bench.alice, request, signed=True)).code == 500
    order = await bench.alice.trade("buy", "1", "5000", "1")
    same_shape("cancel_entrust", await ask(bench.alice, request.replace("id=1", f"id={order}"), signed=True))
    assert bench.venue.exchange.open_orders(bench.alice.user.id) == []
    assert bench.venue.exchange.balances(bench.alice.user.id, "spot")["USDT"] == (1_000_000 * MONEY_UNIT, 0)


@pytest.mark.parametrize("line", [0, 1])
async def test_withdrawing(bench: Bench, line: int) -> None:
    for action in ("withdraw", "cancel_withdraw", "withdraw_record"):
        # Understood, but nobody has verified the address 123456, and nothing has the number 1.
        found = await ask(bench.alice, requests(action)[line], signed=True)
        assert found.code == (200 if action == "withdraw_record" else 500)
    bench.verify(bench.alice, address_outside())
    request = requests("withdraw")[line].replace("123456", address_outside())
    same_shape("withdraw", await ask(bench.alice, request, signed=True))
    records = await ask(bench.alice, requests("withdraw_record")[line], signed=True)
    same_shape("withdraw_record", records)
    number = records.data[0]["id"]
    cancel = requests("cancel_withdraw")[line].replace("id=1", f"id={number}")
    same_shape("cancel_withdraw", await ask(bench.alice, cancel, signed=True))


async def test_texts_are_those_of_the_documentation(bench: Bench) -> None:
    await bench.alice.trade("buy", "1", "4900", "1")
    for action in ("currencys", "symbols", "getSymbol", "depth", "market", "trades", "entrust", "userinfo"):
        reply = await ask(bench.alice, requests(action)[1], signed=action not in PUBLIC)
        assert reply.json["msg"] == printed(EXAMPLES[action].response)["msg"]


async def test_older_places_of_the_market_s_members(bench: Bench) -> None:
    bench.serve(CoinwSettings(rate_limits=False, market_copies=True))
    found = (await ask(bench.alice, requests("market")[0], signed=False)).json
    members = {"buy", "sell", "high", "low", "vol"}
    assert members <= set(found)
    assert members | {"last"} == set(found["data"])
