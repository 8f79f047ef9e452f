"""Orders and balances in numbers: the reference's examples, and what becomes of requests that are wrong."""

from typing import Any

from openbourse.core.commands import MarketStatus, ModifyOrder, OrderRequest
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.trading import Trading
from tests.wire.coinw.bench import START, Bench, literal


async def code(bench: Bench, action: str, **params: object) -> int:
    return (await bench.alice.post(action, **params)).code


def order(bench: Bench, **changes: object) -> dict[str, object]:
    return {"symbol": 78, "type": 0, "amount": "0.25", "price": "64200.5"} | changes


async def test_the_life_of_an_order_as_the_reference_shows_it(bench: Bench) -> None:
    order_id = await bench.alice.trade("buy", "0.25", "64200.5")
    await bench.bob.trade("sell", "0.1", "64200.5")
    row = {
        "prize": 64200.5,
        "count": 0.25,
        "success_count": 0.1,
        "amount": 16050.125,
        "success_amount": 6420.05,
        "type": 0,
        "type_s": "买入",
        "status": 2,
        "status_s": "部分成交",
        "createTime": START,
        "id": order_id,
    }
    reply = await bench.alice.post("entrust", symbol=78)
    assert reply.data == [row]
    assert list(reply.data[0]) == list(row)
    single = row | {"success_count": "0.1000"}
    del single["createTime"]
    assert (await bench.alice.post("order", id=order_id)).data == [single]
    assert (await bench.bob.post("order", id=order_id)).data == []
    assert (await bench.alice.post("lastentrust", symbol=78)).data == []
    assert (await bench.alice.post("cancel_entrust", id=order_id)).data is None
    assert (await bench.alice.post("entrust", symbol=78)).data == []
    assert (await bench.alice.post("order", id=order_id)).data == [
        single | {"status": 4, "status_s": "用户撤销"}
    ]
    assert await code(bench, "cancel_entrust", id=order_id) == 500


async def test_the_last_filled_orders(bench: Bench) -> None:
    await bench.bob.trade("sell", "0.05", "64210.5")
    await bench.alice.trade("buy", "0.05", "64300")
    (row,) = (await bench.alice.post("lastentrust", symbol=78)).data
    assert row == {
        "prize": 64300,
        "count": 0.05,
        "success_count": 0.05,
        "amount": 3215,
        "success_amount": 3210.525,
        "type": 0,
        "type_s": "买入",
        "status": 3,
        "status_s": "完全成交",
    }
    for _ in range(11):
        await bench.trades(("sell", "0.01", "60000"))
    rows = (await bench.alice.post("lastentrust", symbol=78)).data
    assert [found["type_s"] for found in rows] == ["卖出"] * 10
    assert (await bench.alice.post("lastentrust", symbol=79)).data == []


async def test_balances_name_every_currency(bench: Bench) -> None:
    await bench.alice.trade("buy", "0.15", "64200.5")
    reply = await bench.alice.post("userinfo")
    assert reply.data == {
        "frozen": {"ETH": 0, "USDT": 9630.075, "BTC": 0, "LTC": 0},
        "free": {"ETH": 100, "USDT": 990369.925, "BTC": 10, "LTC": 0},
    }
    assert list(reply.data) == ["frozen", "free"]


async def test_numbers_are_plain_and_exact(bench: Bench) -> None:
    await bench.operations.deposit(bench.alice.user, "LTC", 123_456_789 * 10**16 + 120 * 10**15)
    await bench.operations.deposit(bench.alice.user, "ETH", 10**8)
    body = (await bench.alice.post("userinfo")).answer.body
    free = body[body.index(b'"free"') :]
    assert literal(free, "LTC") == "1.23456801"
    assert literal(free, "ETH") == "100.0000000000000001"
    await bench.alice.trade("buy", "200", "0.000012", "LTC_BTC")
    reply = await bench.alice.post("entrust", symbol="ltc-btc")
    assert literal(reply.answer.body, "prize") == "0.000012"
    assert literal(reply.answer.body, "amount") == "0.0024"


async def test_spellings(bench: Bench) -> None:
    sides = {"0": 0, "buy": 0, "BUY": 0, "Buy": 0, "1": 1, "sell": 1, "SELL": 1}
    for symbol in ("78", "BTC_USDT", "BTC/USDT", "BTC-USDT", "btc_usdt"):
        for side, number in sides.items():
            order_id = await bench.alice.trade(side, "0.01", "30000" if number == 0 else "50000", symbol)
            newest, *_ = (await bench.alice.post("entrust", symbol=symbol)).data
            assert (newest["id"], newest["type"]) == (order_id, number)


WRONG: list[dict[str, Any]] = [
    {"symbol": ""},
    {"symbol": "0"},
    {"symbol": "50"},
    {"symbol": "12345678901234567890"},
    {"symbol": "BTC"},
    {"symbol": "BTCUSDT"},
    {"symbol": "BTC_ETH"},
    {"symbol": "BTC_USDT_"},
    {"symbol": "-78"},
    {"symbol": "78.0"},
    {"symbol": "٧٨"},
    {"type": ""},
    {"type": "2"},
    {"type": "b"},
    {"amount": ""},
    {"amount": "0"},
    {"amount": "0.0000"},
    {"amount": "-1"},
    {"amount": "+1"},
    {"amount": "1,5"},
    {"amount": "abc"},
    {"amount": "NaN"},
    {"amount": "Infinity"},
    {"amount": "1e99"},
    {"amount": "1" * 41},
    {"amount": "1_000"},
    {"amount": " 1"},
    {"amount": "١"},
    {"amount": "0.00001"},
    {"amount": "0.25001"},
    {"amount": "10000000000000000"},
    {"price": ""},
    {"price": "0"},
    {"price": "64200.55"},
    {"price": "-64200"},
    {"price": "1e16"},
]


async def test_orders_that_are_wrong(bench: Bench) -> None:
    for changes in WRONG:
        assert await code(bench, "trade", **order(bench, **changes)) == 10003, changes
    assert bench.venue.exchange.open_orders(bench.alice.user.id) == []


async def test_spellings_of_numbers_that_programs_print(bench: Bench) -> None:
    for amount in ("2.5e-1", ".25", "0.250000", "1.0E0", "1."):
        assert await code(bench, "trade", **order(bench, amount=amount, price="1000")) == 200


async def test_orders_that_cannot_be(bench: Bench) -> None:
    assert await code(bench, "trade", **order(bench, amount="100")) == 500
    assert await code(bench, "trade", **order(bench, type=1, amount="10.0001")) == 500
    await bench.operations.set_market_status("BTCUSDT", "halted")
    assert await code(bench, "trade", **order(bench)) == 500
    (pair,) = [row for row in (await bench.post("action=symbols")).data if row["symbol"] == 78]
    assert pair["fStatus"] == "2"


async def test_what_is_wrong_with_a_request_is_told_before_the_state_of_things(bench: Bench) -> None:
    """Parameters come before business in the order of checks (§4)."""
    poor = await bench.client("poor", funds={})
    below = order(bench, symbol="LTC_BTC", amount="0.0099", price="0.05")
    least = below | {"amount": "0.01"}
    assert (await poor.post("trade", **below)).code == 10003
    assert (await poor.post("trade", **least)).code == 500
    await bench.operations.set_market_status("LTCBTC", "halted")
    assert await code(bench, "trade", **below) == 10003
    assert await code(bench, "trade", **least) == 500


async def test_a_pair_that_takes_no_order_of_this_protocol_is_not_tradable(bench: Bench) -> None:
    phases: list[tuple[MarketStatus, str]] = [
        ("post_only", "2"),
        ("auction", "1"),
        ("pre_open", "2"),
        ("open", "1"),
    ]
    for status, tradable in phases:
        await bench.operations.set_market_status("BTCUSDT", status)
        (pair,) = [row for row in (await bench.post("action=symbols")).data if row["symbol"] == 78]
        assert pair["fStatus"] == tradable
        assert (await code(bench, "trade", **order(bench)) == 200) == (tradable == "1")


async def test_a_number_listed_later_is_found(bench: Bench) -> None:
    spec = bench.venue.exchange.market_spec("LTCBTC")
    assert spec is not None
    assert (await bench.post("action=depth&symbol=1002")).code == 10003
    await bench.operations.add_market(
        type(spec)("ETHBTC", "ETH", "BTC", 4, 6, UNIT // 100, spec.maker_rate, spec.taker_rate)
    )
    assert (await bench.post("action=depth&symbol=1002")).code == 200
    assert (await bench.post("action=depth&symbol=eth_btc")).code == 200


async def test_order_ids_that_are_wrong(bench: Bench) -> None:
    for order_id in ("", "abc", "-1", "1.0", "9007199254740992", "9" * 30):
        for action in ("order", "cancel_entrust"):
            assert await code(bench, action, id=order_id) == 10003


async def test_orders_that_are_not_there(bench: Bench) -> None:
    theirs = await bench.bob.trade("buy", "1", "100")
    for order_id in (theirs, 9007199254740991, 0):
        assert (await bench.alice.post("order", id=order_id)).data == []
        assert await code(bench, "cancel_entrust", id=order_id) == 500
    assert len(bench.venue.exchange.open_orders(bench.bob.user.id)) == 1


async def test_orders_of_another_protocol(bench: Bench) -> None:
    """Market orders and changed orders exist on the same books, though not in this protocol."""
    trading, user = Trading(bench.venue), bench.alice.user.id
    await bench.bob.trade("sell", "1", "50000")
    spent = 100 * MONEY_UNIT
    bought = await trading.place(OrderRequest(user, "spot", "BTCUSDT", "buy", "market", spent, in_quote=True))
    (row,) = (await bench.alice.post("order", id=bought.order_id)).data
    assert (row["prize"], row["count"], row["amount"], row["success_amount"]) == (0, 0.002, 0, 100)
    assert (row["success_count"], row["status"]) == ("0.0020", 3)
    resting = await bench.alice.trade("buy", "1", "40000")
    await trading.modify(
        ModifyOrder(bench.venue.now(), user, "spot", "BTCUSDT", resting, 2 * UNIT, 41_000 * UNIT)
    )
    (row,) = (await bench.alice.post("entrust", symbol=78)).data
    assert (row["id"], row["prize"], row["count"], row["amount"]) == (resting, 41000, 2, 82000)


async def test_open_orders_are_all_there_newest_first(bench: Bench) -> None:
    placed = [await bench.alice.trade("buy", "0.01", str(1000 + step)) for step in range(30)]
    await bench.alice.trade("buy", "0.01", "1000", "ETH_USDT")
    rows = (await bench.alice.post("entrust", symbol=78)).data
    assert [row["id"] for row in rows] == placed[::-1]
