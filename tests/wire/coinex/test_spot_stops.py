"""Stop orders over the wire (reference/coinex/spot.md §4.11, §4.12)."""

from typing import Any

from tests.wire.coinex.bench import Bench, Client

SPOT = {"market": "BTCUSDT", "market_type": "SPOT"}


async def trade_at(bench: Bench, price: str) -> None:
    await bench.bob.order("sell", "limit", "0.01", price)
    assert (await bench.bob.order("buy", "limit", "0.01", price)).data["unfilled_amount"] == "0"


async def stop(client: Client, trigger: str, **more: object) -> int:
    params: dict[str, object] = {"side": "buy", "type": "limit", "amount": "0.01", "price": "50000"}
    answer = await client.post("/spot/stop-order", trigger_price=trigger, **(SPOT | params | more))
    return int(answer.data["stop_id"])


async def rows(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(path, market_type="SPOT")).data
    return found


async def test_a_stop_freezes_nothing_and_knows_its_direction(bench: Bench) -> None:
    await trade_at(bench, "55000")
    above = await stop(bench.carol, "60000")
    below = await stop(bench.carol, "50000")
    waiting = await rows(bench.carol, "/spot/pending-stop-order")
    assert [(row["stop_id"], row["trigger_direction"]) for row in waiting] == [
        (below, "lower"),
        (above, "higher"),
    ]
    assert (await bench.carol.balance()) == {}


async def test_a_fired_stop_places_its_order(bench: Bench) -> None:
    await trade_at(bench, "55000")
    fired = await stop(bench.alice, "60000", client_id="sl-1")
    unfunded = await stop(bench.carol, "60000")
    await trade_at(bench, "60000")
    assert [row["client_id"] for row in await rows(bench.alice, "/spot/pending-order")] == ["sl-1"]
    assert [row["stop_id"] for row in await rows(bench.alice, "/spot/finished-stop-order")] == [fired]
    assert [row["stop_id"] for row in await rows(bench.carol, "/spot/finished-stop-order")] == [unfunded]
    assert await rows(bench.carol, "/spot/pending-order") == []


async def test_a_market_stop_counts_as_a_market_order_does(bench: Bench) -> None:
    await stop(bench.alice, "60000", type="market", amount="250.5", price="")
    (row,) = await rows(bench.alice, "/spot/pending-stop-order")
    assert (row["ccy"], row["amount"], row["price"]) == ("USDT", "250.5", "0")


async def test_modifying_makes_a_new_stop(bench: Bench) -> None:
    old = await stop(bench.alice, "60000", client_id="sl-1")
    answer = await bench.alice.post("/spot/modify-stop-order", stop_id=old, price="49000", **SPOT)
    (row,) = await rows(bench.alice, "/spot/pending-stop-order")
    assert row["stop_id"] == answer.data["stop_id"] != old
    assert (row["price"], row["amount"], row["client_id"]) == ("49000", "0.01", "sl-1")
    again = await bench.alice.post("/spot/modify-stop-order", stop_id=old, price="49000", **SPOT)
    nothing = await bench.alice.post("/spot/modify-stop-order", stop_id=row["stop_id"], **SPOT)
    assert (again.code, nothing.code) == (3600, 3639)


async def test_modifying_a_market_stop_counts_its_amount_in_its_currency(bench: Bench) -> None:
    old = await stop(bench.alice, "60000", type="market", amount="250.5")
    await bench.alice.post("/spot/modify-stop-order", stop_id=old, amount="300.25", price="1", **SPOT)
    (row,) = await rows(bench.alice, "/spot/pending-stop-order")
    assert (row["amount"], row["price"]) == ("300.25", "0")


async def test_cancelled_stops_are_gone(bench: Bench) -> None:
    one, two, three = [await stop(bench.alice, "60000", client_id="twin") for _ in range(3)]
    assert (await bench.alice.post("/spot/cancel-stop-order", stop_id=one, **SPOT)).data["stop_id"] == one
    cancelled = await bench.alice.post("/spot/cancel-batch-stop-order", market="BTCUSDT", stop_ids=[one, two])
    assert [item["code"] for item in cancelled.data] == [3600, 0]
    items = (await bench.alice.post("/spot/cancel-stop-order-by-client-id", client_id="twin")).data
    assert [item["stop_id"] for item in items] == [three]
    assert (await bench.alice.post("/spot/cancel-stop-order-by-client-id", client_id="twin")).code == 3600
    assert await rows(bench.alice, "/spot/finished-stop-order") == []


async def test_refused_stops(bench: Bench) -> None:
    base = SPOT | {"side": "buy", "type": "limit", "amount": "0.01", "price": "50000"}
    path = "/spot/stop-order"
    assert (await bench.alice.post(path, **base)).code == 3639
    assert (await bench.alice.post(path, trigger_price="0", **base)).code == 3639
    assert (await bench.alice.post(path, trigger_price="1", **(base | {"amount": "0.00001"}))).code == 3127
    good = base | {"trigger_price": "60000"}
    answer = await bench.alice.post("/spot/batch-stop-order", orders=[good, base, good])
    assert [item["code"] for item in answer.data] == [0, 3639, 0]
