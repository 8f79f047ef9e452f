"""Public answers in numbers, and how parameters are read."""

import json

from openbourse.wire.coinw.numbers import dotted, padded
from openbourse.wire.coinw.times import milliseconds, time_of_day
from tests.wire.coinw.bench import START, Bench, literal

MINUTE = 60_000


async def test_currencies(bench: Bench) -> None:
    found = (await bench.post("action=currencys")).data
    assert set(found) == {"BTC", "ETH", "LTC", "USDT"}
    assert found["BTC"] | {"minQty": None, "maxQty": None} == {
        "shortName": "BTC",
        "lastUpdateTime": START,
        "name": "The BTC coin",
        "id": 50,
        "withDraw": "1",
        "recharge": "1",
        "maxQty": None,
        "minQty": None,
        "txFee": 0.0004,
    }
    assert [found[name]["id"] for name in ("ETH", "USDT", "LTC")] == [16, 33, 1001]


async def test_pairs(bench: Bench) -> None:
    bench.clock.time += MINUTE
    await bench.trades(("buy", "1", "63010"), ("sell", "2.5", "64980.7"), ("buy", "1", "64000"))
    rows = (await bench.post("action=symbols")).data
    assert [row["symbol"] for row in rows] == [78, 79, 1001]
    assert rows[0] == {
        "symbol": 78,
        "base-currency": "BTC",
        "quote-currency": "USDT",
        "lastUpdateTime": START + MINUTE,
        "latestDealPrice": "64000.0",
        "lowestPrice": "63010.0",
        "highestPrice": "64980.7",
        "24Total": "4.5",
        "fStatus": "1",
    }
    assert (rows[1]["latestDealPrice"], rows[1]["24Total"]) == ("0.0", "0.0")


async def test_the_texts_of_numbers(bench: Bench) -> None:
    reply = await bench.post("action=getSymbol&symbol=BTC/USDT")
    assert reply.data == {
        "币种symbol": "16-ETH  33-USDT  50-BTC  1001-LTC",
        "交易对symbol": "78:BTC/USDT  79:ETH/USDT  1001:LTC/BTC",
    }
    assert "币种symbol".encode() in reply.answer.body


async def test_depth(bench: Bench) -> None:
    for step in range(15):
        await bench.alice.trade("buy", "0.42", str(64210 - step))
        await bench.bob.trade("sell", "0.115", f"{64210 + step}.5")
    full = (await bench.post("action=depth&symbol=78")).data
    assert list(full) == ["bids", "asks"]
    assert full["bids"][0] == {"id": 1, "price": "64210", "amount": "0.4200"}
    assert full["asks"][0] == {"id": 1, "price": "64210.5", "amount": "0.1150"}
    for side in ("bids", "asks"):
        assert [level["id"] for level in full[side]] == list(range(1, 11))
    assert [level["price"] for level in full["bids"]][:3] == ["64210", "64209", "64208"]
    assert [level["price"] for level in full["asks"]][:3] == ["64210.5", "64211.5", "64212.5"]
    for size in ("20", "30", "10", "", "9223372036854775807", "9" * 1000):
        assert (await bench.post(f"action=depth&symbol=78&size={size}")).data == full
    small = (await bench.post("action=depth&symbol=78&size=3")).data
    assert small == {side: levels[:3] for side, levels in full.items()}
    for size in ("0", "-1", "1.5", "x", "٣", "0" * 30):
        assert (await bench.post(f"action=depth&symbol=78&size={size}")).code == 10003
    assert (await bench.post("action=depth&symbol=79")).data == {"bids": [], "asks": []}


async def test_the_market(bench: Bench) -> None:
    empty = (await bench.post("action=market&symbol=78")).json
    assert (empty["buy"], empty["sell"]) == (0, 0)
    assert empty["data"] == {"last": 0, "high": 0, "low": 0, "vol": 0}
    await bench.trades(("buy", "1", "63010"), ("sell", "2.5", "64980.7"), ("buy", "1", "64210.5"))
    await bench.alice.trade("buy", "1", "64210")
    await bench.bob.trade("sell", "1", "64210.5")
    found = await bench.post("action=market&symbol=78")
    assert list(found.json) == ["code", "msg", "time", "buy", "sell", "data"]
    assert (found.json["buy"], found.json["sell"]) == (64210, 64210.5)
    assert found.data == {"last": 64210.5, "high": 64980.7, "low": 63010, "vol": 4.5}
    assert literal(found.answer.body, "buy") == "64210"


async def test_trades(bench: Bench) -> None:
    bench.clock.time = 1_752_479_998_999
    await bench.trades(*[("buy", "0.01", "64000")] * 50, ("sell", "0.02", "64210"))
    bench.clock.time += 8000
    await bench.trades(("buy", "0.115", "64210.5"))
    rows = (await bench.post("action=trades?&symbol=78")).data
    assert len(rows) == 50
    newest = {"amount": 0.115, "price": 64210.5, "time": "16:00:06", "en_type": "bid", "type": "买入"}
    assert rows[0] == newest | {"id": rows[0]["id"]}
    assert (rows[1]["time"], rows[1]["en_type"], rows[1]["type"]) == ("15:59:58", "ask", "卖出")
    ids = [row["id"] for row in rows]
    assert ids == sorted(set(ids), reverse=True)


async def test_klines(bench: Bench) -> None:
    first = START - START % MINUTE
    bench.clock.time = first
    await bench.trades(("buy", "1", "64195.1"), ("buy", "2", "64214"), ("sell", "0.8125", "64190"))
    bench.clock.time = first + 2 * MINUTE
    await bench.trades(("buy", "1.2044", "64210.5"))

    async def rows(**params: object) -> list[list[float]]:
        query = "&".join(f"{name}={value}" for name, value in ({"symbol": 78, "step": 60} | params).items())
        data = (await bench.post(f"action=kline&{query}")).data
        assert isinstance(data, str)
        return list(json.loads(data))

    everything = [
        [first, 64195.1, 64214, 64190, 64190, 3.8125],
        [first + MINUTE, 64190, 64190, 64190, 64190, 0],
        [first + 2 * MINUTE, 64210.5, 64210.5, 64210.5, 64210.5, 1.2044],
    ]
    assert await rows() == await rows(type=0) == await rows(step="60*1") == everything
    assert await rows(type=1) == everything[2:]
    assert await rows(type=1, startdate=5, enddate=6) == everything[2:]
    assert await rows(startdate=first + 1) == everything[1:]
    assert await rows(startdate=first // 1000 + 60, enddate=first // 1000 + 60) == everything[1:2]
    assert await rows(enddate=first + MINUTE) == everything[:2]
    assert await rows(startdate=first + 9 * MINUTE) == []
    assert await rows(enddate=1533723498) == []
    assert (await bench.post("action=kline&symbol=79&step=60")).data == "[]"
    day = (await bench.post("action=kline&symbol=BTC_USDT&type=1day")).data
    assert json.loads(day) == [[first - first % 86_400_000, 64195.1, 64214, 64190, 64210.5, 5.0169]]
    assert json.loads((await bench.post("action=kline&symbol=78&step=60*60*24")).data) == json.loads(day)


async def test_how_many_klines(bench: Bench) -> None:
    await bench.trades(("buy", "1", "64000"))
    bench.clock.time += 2000 * MINUTE
    assert len(json.loads((await bench.post("action=kline&symbol=78&step=60")).data)) == 300
    found = json.loads((await bench.post("action=kline&symbol=78&step=60&startdate=1")).data)
    assert (len(found), found[-1][0]) == (1000, bench.clock.time - bench.clock.time % MINUTE)


async def test_klines_that_there_are_not(bench: Bench) -> None:
    for query in (
        "",
        "step=61",
        "step=0",
        "step=-60",
        "step=1min",
        "step=60*",
        "step=*60",
        "step=60**2",
        f"step={'1*' * 50}60",
        "step=60&type=2",
        "step=60&type=1day",
        "type=2day",
        "type=1month",
        "type=1",
        "step=60&startdate=x",
        "step=60&enddate=-1",
        "step=60&enddate=1.5",
    ):
        assert (await bench.post(f"action=kline&symbol=78&{query}")).code == 10003, query


async def test_a_pair_has_to_be_named(bench: Bench) -> None:
    for action in ("depth", "kline", "market", "trades"):
        for query in ("", "&symbol=", "&symbol=50", "&symbol=BTC", "&symbol=BTCUSDT"):
            assert (await bench.post(f"action={action}&step=60{query}")).code == 10003


def test_texts_of_numbers() -> None:
    unit = 10**12
    assert [dotted(value) for value in (0, 100 * unit, unit // 8)] == ["0.0", "100.0", "0.125"]
    assert [padded(value, 3) for value in (0, 12000 * unit, unit // 8, unit // 16)] == [
        "0.000",
        "12000.000",
        "0.125",
        "0.0625",
    ]
    assert padded(5 * unit, 0) == "5"


def test_times() -> None:
    assert time_of_day(0) == "08:00:00"
    assert time_of_day(1_752_479_998_999) == "15:59:58"
    assert time_of_day(1_752_508_799_999) == "23:59:59"
    assert time_of_day(1_752_508_800_000) == "00:00:00"
    assert [milliseconds(stamp) for stamp in (0, 1533723498, 99_999_999_999, 100_000_000_000)] == [
        0,
        1_533_723_498_000,
        99_999_999_999_000,
        100_000_000_000,
    ]
