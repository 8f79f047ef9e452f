"""Orders over the wire do what reference/coinex/spot.md §4 says, in numbers."""

from typing import Any

import pytest

from tests.wire.coinex.bench import Bench, Client

SPOT = {"market": "BTCUSDT", "market_type": "SPOT"}


def part(whole: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """The fields of `whole` that `like` names."""
    return {name: whole[name] for name in like}


async def asks(bench: Bench, *levels: tuple[str, str]) -> None:
    for price, amount in levels:
        assert (await bench.bob.order("sell", "limit", amount, price)).code == 0


async def bids(bench: Bench, *levels: tuple[str, str]) -> None:
    for price, amount in levels:
        assert (await bench.bob.order("buy", "limit", amount, price)).code == 0


async def finished(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.get("/spot/finished-order", market_type="SPOT")).data
    return rows


# -- the worked cases of §4.5 ----------------------------------------------------------------------


async def test_a_limit_buy_that_is_taken_in_part(bench: Bench) -> None:
    await asks(bench, ("59990.5", "0.004"))
    order = (await bench.alice.order("buy", "limit", "0.01", "60000", client_id="bot-7")).data
    expected = {
        "ccy": "BTC",
        "amount": "0.01",
        "price": "60000",
        "filled_amount": "0.004",
        "filled_value": "239.962",
        "unfilled_amount": "0.006",
        "base_fee": "0.000008",
        "quote_fee": "0",
        "discount_fee": "0",
        "client_id": "bot-7",
        "last_filled_amount": "0.004",
        "last_filled_price": "59990.5",
        "last_fill_amount": "0.004",
        "last_fill_price": "59990.5",
        "maker_fee_rate": "0.002",
        "taker_fee_rate": "0.002",
    }
    assert part(order, expected) == expected
    assert (await bench.alice.balance())["USDT"] == ("999400.038", "360")


async def test_a_market_buy_counts_its_amount_in_quote(bench: Bench) -> None:
    await asks(bench, ("60010", "0.0012"), ("60020.5", "0.5"))
    order = (await bench.alice.order("buy", "market", "100")).data
    expected = {
        "ccy": "USDT",
        "amount": "100",
        "price": "0",
        "filled_amount": "0.0016663",
        "filled_value": "99.99955915",
        "unfilled_amount": "0",
        "base_fee": "0.0000033326",
        "maker_fee_rate": "0",
    }
    assert part(order, expected) == expected
    balance = await bench.alice.balance()
    assert balance["BTC"] == ("10.0016629674", "0")
    assert balance["USDT"] == ("999900.00044085", "0")


async def test_a_market_sell_counts_its_amount_in_base(bench: Bench) -> None:
    await bids(bench, ("59990.5", "1"))
    order = (await bench.alice.order("sell", "market", "0.0025")).data
    expected = {"ccy": "BTC", "filled_value": "149.97625", "quote_fee": "0.2999525", "base_fee": "0"}
    assert part(order, expected) == expected
    assert (await bench.alice.balance())["USDT"] == ("1000149.6762975", "0")


async def test_the_fee_in_the_house_token(bench: Bench) -> None:
    await bench.bob.order("sell", "limit", "100", "0.075", market="CETUSDT")
    await bench.bob.order("buy", "limit", "100", "0.075", market="CETUSDT")
    await bids(bench, ("59990.5", "1"))
    assert (await bench.alice.post("/account/settings", cet_discount_enabled=True)).data == {}
    order = (await bench.alice.order("sell", "market", "0.0025")).data
    expected = {"base_fee": "0", "quote_fee": "0", "discount_fee": "3.19949333"}
    assert part(order, expected) == expected
    balance = await bench.alice.balance()
    assert balance["USDT"] == ("1000149.97625", "0")
    assert balance["CET"] == ("99996.80050667", "0")
    deal = (await bench.alice.get("/spot/user-deals", **SPOT)).data[0]
    assert (deal["fee"], deal["fee_ccy"]) == ("3.19949333", "CET")


# -- types, currencies, precision -------------------------------------------------------------------


async def test_a_market_order_in_the_currency_it_names(bench: Bench) -> None:
    await asks(bench, ("60000", "1"))
    await bids(bench, ("50000", "1"))
    bought = (await bench.alice.order("buy", "market", "0.01", ccy="BTC")).data
    assert (bought["ccy"], bought["filled_amount"], bought["filled_value"]) == ("BTC", "0.01", "600")
    sold = (await bench.alice.order("sell", "market", "100", ccy="USDT")).data
    assert (sold["ccy"], sold["filled_amount"], sold["filled_value"]) == ("USDT", "0.002", "100")
    assert (await bench.alice.order("buy", "market", "1", ccy="ETH")).code == 3639


async def test_the_currency_of_other_orders_is_ignored(bench: Bench) -> None:
    assert (await bench.alice.order("buy", "limit", "0.01", "50000", ccy="USDT")).data["ccy"] == "BTC"


async def test_an_ioc_order_without_a_fill_is_no_failure_and_not_kept(bench: Bench) -> None:
    order = (await bench.alice.order("buy", "ioc", "0.01", "50000")).data
    assert (order["filled_amount"], order["unfilled_amount"]) == ("0", "0.01")
    status = await bench.alice.get("/spot/order-status", market="BTCUSDT", order_id=order["order_id"])
    assert status.code == 3600
    assert await finished(bench.alice) == []


async def test_extra_decimals_are_cut_off(bench: Bench) -> None:
    order = (await bench.alice.order("buy", "limit", "0.0123456789999", "50000.999")).data
    assert (order["amount"], order["price"]) == ("0.01234567", "50000.99")
    assert (await bench.alice.order("buy", "limit", "0.000000001", "50000")).code == 3639
    assert (await bench.alice.order("buy", "limit", "0.01", "0.001")).code == 3639


async def test_numbers_may_be_numbers(bench: Bench) -> None:
    body = b'{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":0.01,"price":1e4}'
    order = (await bench.alice.send("/spot/order", body)).data
    assert (order["amount"], order["price"]) == ("0.01", "10000")


@pytest.mark.parametrize(
    ("side", "kind", "amount", "price", "code"),
    [
        ("buy", "limit", "100", "50000", 3109),
        ("buy", "limit", "0.00004999", "50000", 3127),
        ("buy", "maker_only", "0.01", "60000", 3622),
        ("buy", "fok", "2", "60000", 3621),
        ("sell", "market", "0.01", "", 3620),
        ("buy", "market", "1", "", 3127),
        ("buy", "ioc", "0.01", "", 3639),
    ],
)
async def test_refused(bench: Bench, side: str, kind: str, amount: str, price: str, code: int) -> None:
    await asks(bench, ("60000", "1"))
    before = bench.fingerprint()
    answer = await bench.alice.order(side, kind, amount, price)
    assert (answer.code, answer.json["data"]) == (code, {})
    assert bench.fingerprint() == before


async def test_hidden_orders_are_not_in_the_depth(bench: Bench) -> None:
    await bench.alice.order("buy", "limit", "0.01", "50000", is_hide=True)
    depth = (await bench.get("/spot/depth", market="BTCUSDT", limit=5, interval="0")).data["depth"]
    assert depth["bids"] == []
    assert (await bench.bob.order("sell", "ioc", "0.01", "50000")).data["filled_amount"] == "0.01"


@pytest.mark.parametrize(
    ("mode", "filled", "resting"), [("", "0.01", 0), ("ct", "0", 1), ("cm", "0", 1), ("both", "0", 0)]
)
async def test_self_trade_modes(bench: Bench, mode: str, filled: str, resting: int) -> None:
    await bench.alice.order("sell", "limit", "0.01", "60000")
    order = (await bench.alice.order("buy", "limit", "0.01", "60000", stp_mode=mode)).data
    assert order["filled_amount"] == filled
    pending = await bench.alice.get("/spot/pending-order", market_type="SPOT")
    assert pending.pagination["total"] == resting


# -- life of an order -------------------------------------------------------------------------------


async def test_status_of_an_order_from_open_to_filled(bench: Bench) -> None:
    order_id = (await bench.alice.order("buy", "limit", "0.01", "50000")).data["order_id"]

    async def status() -> tuple[str, str, str]:
        found = (await bench.alice.get("/spot/order-status", market="BTCUSDT", order_id=order_id)).data
        assert found["last_filled_amount"] == found["last_fill_amount"]
        return found["status"], found["unfilled_amount"], found["last_fill_amount"]

    assert await status() == ("open", "0.01", "0")
    await bench.bob.order("sell", "limit", "0.004", "50000")
    assert await status() == ("part_filled", "0.006", "0.004")
    await bench.bob.order("sell", "limit", "0.006", "50000")
    assert await status() == ("filled", "0", "")
    theirs = await bench.bob.get("/spot/order-status", market="BTCUSDT", order_id=order_id)
    elsewhere = await bench.alice.get("/spot/order-status", market="ETHUSDT", order_id=order_id)
    assert (theirs.code, elsewhere.code) == (3600, 3600)


async def test_cancelled_orders_stay_only_with_a_fill(bench: Bench) -> None:
    untouched = (await bench.alice.order("buy", "limit", "0.01", "50000")).data["order_id"]
    taken = (await bench.alice.order("buy", "limit", "0.01", "51000")).data["order_id"]
    await bench.bob.order("sell", "limit", "0.004", "51000")
    cancelled = (await bench.alice.post("/spot/cancel-order", order_id=taken, **SPOT)).data
    assert (cancelled["unfilled_amount"], "status" in cancelled) == ("0.006", False)
    assert (await bench.alice.post("/spot/cancel-order", order_id=untouched, **SPOT)).code == 0
    assert (await bench.alice.post("/spot/cancel-order", order_id=untouched, **SPOT)).code == 3600
    assert [row["order_id"] for row in await finished(bench.alice)] == [taken]
    ids = f"{taken},{untouched}"
    found = (await bench.alice.get("/spot/batch-order-status", market="BTCUSDT", order_ids=ids)).data
    assert (found[0]["code"], found[0]["data"]["status"]) == (0, "part_canceled")
    assert found[1] == {"code": 3600, "data": None, "message": "Order not found"}


async def test_modifying_keeps_the_id_and_what_is_not_said(bench: Bench) -> None:
    order_id = (await bench.alice.order("buy", "limit", "0.01", "50000")).data["order_id"]
    bench.clock.time += 1000
    changed = (await bench.alice.post("/spot/modify-order", order_id=order_id, price="49000", **SPOT)).data
    expected = {"order_id": order_id, "amount": "0.01", "price": "49000", "status": "open"}
    assert part(changed, expected) == expected
    assert changed["updated_at"] == changed["created_at"] + 1000
    assert (await bench.alice.balance())["USDT"] == ("999510", "490")
    assert (await bench.alice.post("/spot/modify-order", order_id=order_id, **SPOT)).code == 3639
    assert (await bench.bob.post("/spot/modify-order", order_id=order_id, price="1", **SPOT)).code == 3600


async def test_client_ids_need_not_be_unique(bench: Bench) -> None:
    for price in ("50000", "51000"):
        await bench.alice.order("buy", "limit", "0.01", price, client_id="twin")
    pending = await bench.alice.get("/spot/pending-order", market_type="SPOT", client_id="twin")
    assert [row["price"] for row in pending.data] == ["51000", "50000"]
    cancel = "/spot/cancel-order-by-client-id"
    items = (await bench.alice.post(cancel, client_id="twin")).data
    assert [item["data"]["price"] for item in items] == ["50000", "51000"]
    assert [item["order_id"] for item in items] == [item["data"]["order_id"] for item in items]
    nothing = await bench.alice.post(cancel, client_id="twin")
    assert (nothing.code, nothing.json["data"]) == (3600, {})


async def test_cancel_all_takes_one_side_of_one_market_and_no_stops(bench: Bench) -> None:
    await bench.alice.order("buy", "limit", "0.01", "50000")
    await bench.alice.order("sell", "limit", "0.01", "70000")
    await bench.alice.order("buy", "limit", "1", "3000", market="ETHUSDT")
    stop = SPOT | {"side": "buy", "type": "limit", "amount": "0.01", "price": "1", "trigger_price": "1"}
    await bench.alice.post("/spot/stop-order", **stop)
    assert (await bench.alice.post("/spot/cancel-all-order", side="buy", **SPOT)).data == {}
    left = (await bench.alice.get("/spot/pending-order", market_type="SPOT")).data
    assert [(row["market"], row["side"]) for row in left] == [("ETHUSDT", "buy"), ("BTCUSDT", "sell")]
    stops = await bench.alice.get("/spot/pending-stop-order", market_type="SPOT")
    assert stops.pagination == {"total": 1, "has_next": False}


async def test_pages(bench: Bench) -> None:
    for price in range(1, 6):
        await bench.alice.order("buy", "limit", "0.01", str(price))
    first = await bench.alice.get("/spot/pending-order", market_type="SPOT", limit=2)
    assert [row["price"] for row in first.data] == ["5", "4"]
    assert first.pagination == {"total": 5, "has_next": True}
    last = await bench.alice.get("/spot/pending-order", market_type="SPOT", limit=2, page=3)
    assert [row["price"] for row in last.data] == ["1"]
    assert last.pagination == {"total": 5, "has_next": False}
    beyond = await bench.alice.get("/spot/pending-order", market_type="SPOT", limit=99999, page=9)
    assert (beyond.data, beyond.pagination["has_next"]) == ([], False)
    assert (await bench.alice.get("/spot/pending-order", market_type="SPOT", page=0)).code == 3639
    sells = await bench.alice.get("/spot/pending-order", market_type="SPOT", order_side="sell")
    assert sells.pagination["total"] == 0


# -- batches ----------------------------------------------------------------------------------------


async def test_one_bad_item_does_not_stop_the_others(bench: Bench) -> None:
    good = SPOT | {"side": "buy", "type": "limit", "amount": "0.01", "price": "50000"}
    orders: list[object] = [
        good | {"client_id": "a"},
        good | {"amount": "1000"},
        good | {"market": "XYZUSDT"},
        17,
        good | {"client_id": "b"},
    ]
    answer = await bench.alice.post("/spot/batch-order", market="BTCUSDT", orders=orders)
    assert [item["code"] for item in answer.data] == [0, 3109, 3639, 3639, 0]
    assert [item.get("client_id") for item in answer.data] == ["a", None, None, None, "b"]
    assert answer.data[1] == {"code": 3109, "data": None, "message": "balance not enough"}
    assert answer.data[2]["message"] == "Invalid Parameter: market XYZUSDT not found"
    wrong: list[object] = [[], [good] * 51, "x", {}]
    for bad in wrong:
        assert (await bench.alice.post("/spot/batch-order", orders=bad)).code == 3639


async def test_batches_of_changes_and_cancels(bench: Bench) -> None:
    ids = [(await bench.alice.order("buy", "limit", "0.01", price)).data["order_id"] for price in "12"]
    changes = [SPOT | {"order_id": number, "amount": "0.02"} for number in (ids[0], 999_999)]
    changed = (await bench.alice.post("/spot/batch-modify-order", orders=changes)).data
    assert [item["code"] for item in changed] == [0, 3600]
    assert changed[0]["data"]["amount"] == "0.02"
    answer = await bench.alice.post(
        "/spot/cancel-batch-order", market="BTCUSDT", order_ids=[ids[1], 5, ids[0]]
    )
    assert [item["code"] for item in answer.data] == [0, 3600, 0]
    assert (await bench.alice.balance())["USDT"] == ("1000000", "0")


# -- margin is not there yet ------------------------------------------------------------------------


async def test_margin(bench: Bench) -> None:
    assert (await bench.alice.order("buy", "limit", "0.01", "50000", market_type="MARGIN")).code == 4117
    assert (await bench.alice.order("buy", "limit", "0.01", "50000", market_type="FUTURES")).code == 3639
    assert (await bench.alice.get("/spot/pending-order", market_type="MARGIN")).code == 3639
    listed = await bench.alice.get("/spot/finished-order", market_type="MARGIN", market="BTCUSDT")
    assert listed.data == []
    order_id = (await bench.alice.order("buy", "limit", "0.01", "50000")).data["order_id"]
    other = SPOT | {"market_type": "MARGIN"}
    assert (await bench.alice.post("/spot/cancel-order", order_id=order_id, **other)).code == 3600


async def test_deals_of_an_order_under_the_wrong_market_type_have_no_pages(bench: Bench) -> None:
    order_id = (await bench.alice.order("buy", "limit", "0.02", "50000")).data["order_id"]
    for _ in range(2):
        await bench.bob.order("sell", "limit", "0.01", "50000")
    shown = {"order_id": order_id, "market": "BTCUSDT", "limit": 1}
    spot = await bench.alice.get("/spot/order-deals", market_type="SPOT", **shown)
    assert (len(spot.data), spot.pagination) == (1, {"has_next": True})
    margin = await bench.alice.get("/spot/order-deals", market_type="MARGIN", **shown)
    assert (margin.data, margin.pagination) == ([], {"has_next": False})
