"""The public market endpoints: depth, tape, tickers, klines, index (reference/coinex/spot.md §5)."""

import zlib
from typing import Any

import pytest

from openbourse.wire.coinex.settings import CoinexSettings
from tests.wire.coinex.bench import START, Bench, open_bench


async def test_the_depth_and_its_checksum(bench: Bench) -> None:
    for side, price, amount in (
        ("sell", "60010", "0.0012"),
        ("sell", "60020.5", "0.5"),
        ("sell", "60031", "2"),
        ("buy", "59990.5", "0.31"),
        ("buy", "59990", "1.2045"),
    ):
        assert (await bench.alice.order(side, "limit", amount, price)).code == 0
    found = (await bench.get("/spot/depth", market="BTCUSDT", limit=5, interval="0")).data["depth"]
    assert found["asks"] == [["60010", "0.0012"], ["60020.5", "0.5"], ["60031", "2"]]
    assert found["bids"] == [["59990.5", "0.31"], ["59990", "1.2045"]]
    assert found["checksum"] == 2176114997  # the reference's own example
    merged = (await bench.get("/spot/depth", market="BTCUSDT", limit=5, interval="10")).data["depth"]
    assert merged["asks"] == [["60010", "0.0012"], ["60030", "0.5"], ["60040", "2"]]
    assert merged["bids"] == [["59990", "1.5145"]]
    text = "59990:1.5145:60010:0.0012:60030:0.5:60040:2"
    assert merged["checksum"] == zlib.crc32(text.encode())


async def test_the_depth_is_fresh_after_every_change(bench: Bench) -> None:
    async def best() -> list[list[str]]:
        answer = await bench.get("/spot/depth", market="BTCUSDT", limit=5, interval="0")
        found: list[list[str]] = answer.data["depth"]["bids"]
        return found

    assert await best() == []
    order_id = (await bench.alice.order("buy", "limit", "0.01", "50000")).data["order_id"]
    assert await best() == [["50000", "0.01"]]
    await bench.alice.post("/spot/cancel-order", market="BTCUSDT", market_type="SPOT", order_id=order_id)
    assert await best() == []


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 5},
        {"interval": "0"},
        {"limit": 6, "interval": "0"},
        {"limit": 5, "interval": "0.5"},
        {"limit": 5, "interval": "10000"},
        {"limit": 5, "interval": "0.0000000000001"},
        {"limit": 5, "interval": "-1"},
        {"limit": "five", "interval": "0"},
    ],
)
async def test_depth_parameters(bench: Bench, params: dict[str, object]) -> None:
    assert (await bench.get("/spot/depth", market="BTCUSDT", **params)).code == 3639


async def test_tape_ticker_index_and_klines_tell_the_same_trades(bench: Bench) -> None:
    assert (await bench.get("/spot/index", market="BTCUSDT")).data == []
    quiet = (await bench.get("/spot/ticker", market="BTCUSDT")).data[0]
    assert (quiet["last"], quiet["volume"], quiet["period"]) == ("0", "0", 86400)
    await bench.alice.order("sell", "limit", "1", "60000")
    await bench.bob.order("buy", "limit", "0.5", "60000")
    bench.clock.time += 60_000
    await bench.alice.order("buy", "limit", "1", "50000")
    await bench.bob.order("sell", "limit", "0.25", "50000")

    deals = (await bench.get("/spot/deals", market="BTCUSDT")).data
    assert [(row["side"], row["price"], row["amount"], row["created_at"]) for row in deals] == [
        ("sell", "50000", "0.25", START + 60_000),
        ("buy", "60000", "0.5", START),
    ]
    newer = (await bench.get("/spot/deals", market="BTCUSDT", last_id=deals[1]["deal_id"])).data
    assert newer == deals[:1]
    assert (await bench.get("/spot/deals", market="BTCUSDT", limit=1)).data == deals[:1]

    (ticker,) = (await bench.get("/spot/ticker", market="BTCUSDT")).data
    assert ticker == {
        "market": "BTCUSDT",
        "last": "50000",
        "open": "60000",
        "close": "50000",
        "high": "60000",
        "low": "50000",
        "volume": "0.75",
        "value": "42500",
        "volume_sell": "0.25",
        "volume_buy": "0.5",
        "period": 86400,
    }
    (index,) = (await bench.get("/spot/index", market="BTCUSDT")).data
    assert index["price"] == "50000"
    assert [(each["exchange"], each["index_weight"]) for each in index["sources"]] == [("openbourse", "1")]

    klines = (await bench.get("/spot/kline", market="BTCUSDT", period="1min")).data
    assert [(row["created_at"], row["open"], row["volume"], row["value"]) for row in klines] == [
        (START, "60000", "0.5", "30000"),
        (START + 60_000, "50000", "0.25", "12500"),
    ]
    index_klines = await bench.get(
        "/spot/kline", market="BTCUSDT", period="1min", price_type="index_price", start_time=START + 1
    )
    assert [(row["close"], row["volume"]) for row in index_klines.data] == [("50000", "0")]
    assert (
        await bench.get("/spot/kline", market="BTCUSDT", period="1min", price_type="mark_price")
    ).code == 3639
    assert (await bench.get("/spot/kline", market="BTCUSDT", period="2min")).code == 3639


async def test_klines_are_read_anew_when_something_happened(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    ask = bench.venue.ask

    async def counted(query: Any) -> Any:
        asked.append(query)
        return await ask(query)

    monkeypatch.setattr(bench.venue, "ask", counted)

    async def closes(**more: object) -> list[str]:
        answer = await bench.get("/spot/kline", market="BTCUSDT", period="1min", **more)
        return [row["close"] for row in answer.data]

    async def trade(price: str) -> None:
        await bench.alice.order("sell", "limit", "0.01", price)
        await bench.bob.order("buy", "limit", "0.01", price)

    await trade("60000")
    assert [await closes(), await closes(), len(asked)] == [["60000"], ["60000"], 1]
    await trade("61000")
    assert [await closes(), await closes(), len(asked)] == [["61000"], ["61000"], 2]
    bench.clock.time += 60_000
    assert [await closes(), await closes(), len(asked)] == [["61000"] * 2, ["61000"] * 2, 3]
    assert [await closes(limit=1), await closes(end_time=START), len(asked)] == [["61000"], ["61000"], 5]


async def test_the_volume_of_klines_can_be_swapped(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = CoinexSettings(rate_limits=False, kline_volume_in_quote=True)
    async with open_bench(tmp_path_factory.mktemp("swapped"), settings) as bench:
        await bench.alice.order("sell", "limit", "1", "60000")
        await bench.bob.order("buy", "limit", "0.5", "60000")
        (row,) = (await bench.get("/spot/kline", market="BTCUSDT", period="1day")).data
        assert (row["volume"], row["value"]) == ("30000", "0.5")


async def test_lists_of_markets(bench: Bench) -> None:
    every = [row["market"] for row in (await bench.get("/spot/market")).data]
    assert every == ["BTCUSDT", "ETHUSDT", "CETUSDT"]
    assert [row["market"] for row in (await bench.get("/spot/market", market="")).data] == every
    two = (await bench.get("/spot/ticker", market="CETUSDT,BTCUSDT")).data
    assert [row["market"] for row in two] == ["CETUSDT", "BTCUSDT"]
    unknown = await bench.get("/spot/ticker", market="BTCUSDT,XYZUSDT")
    assert (unknown.code, unknown.json["data"]) == (3639, {})
    assert unknown.message == "Invalid Parameter: market XYZUSDT not found"
    eleven = ",".join(f"M{number}" for number in range(11))
    assert (await bench.get("/spot/market", market=eleven)).code == 3639
    assert (await bench.get("/futures/market", market="BTCUSDT")).code == 3639


async def test_the_states_of_a_market(bench: Bench) -> None:
    for status, shown, order, cancel in (
        ("pre_open", "counting_down", 4117, 0),
        ("auction", "bidding", 0, 3610),
        ("post_only", "online", 3638, 0),
        ("halted", "online", 4117, 0),
    ):
        await bench.operations.set_market_status("ETHUSDT", "open")
        params: dict[str, object] = {"market": "ETHUSDT", "market_type": "SPOT"}
        resting = (await bench.alice.order("buy", "limit", "1", "3000", **params)).data["order_id"]
        await bench.operations.set_market_status("ETHUSDT", status)  # type: ignore[arg-type]
        assert (await bench.get("/spot/market", market="ETHUSDT")).data[0]["status"] == shown
        assert (await bench.alice.order("buy", "limit", "1", "3000", **params)).code == order
        assert (await bench.alice.post("/spot/cancel-order", order_id=resting, **params)).code == cancel


async def test_assets(bench: Bench) -> None:
    assert (await bench.get("/assets/deposit-withdraw-config", ccy="XYZ")).code == 3639
    assert (await bench.get("/assets/deposit-withdraw-config")).code == 3639
    (info,) = (await bench.get("/assets/info", ccy="USDT")).data
    assert info["chain_info"][0]["chain_name"] == "Tron (TRC20)"
    every = (await bench.get("/assets/all-deposit-withdraw-config")).data
    assert [row["asset"]["ccy"] for row in every] == ["BTC", "CET", "ETH", "USDT"]
