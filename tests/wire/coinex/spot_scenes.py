"""Scenes of trading, of the public endpoints, and of the caller's own account."""

from typing import Any

from tests.wire.calling import Answer
from tests.wire.coinex import samples
from tests.wire.coinex.bench import Bench
from tests.wire.coinex.samples import sample
from tests.wire.coinex.scenes import public, read, scene, trade

SPOT = {"market": "BTCUSDT", "market_type": "SPOT"}
NEW = SPOT | {"side": "buy", "type": "limit", "amount": "0.01", "price": "50000", "client_id": "c-1"}
STOP = NEW | {"trigger_price": "70000", "client_id": "s-1"}


def batch_of(text: str, flat: bool = False) -> list[dict[str, Any]]:
    data = sample(text)
    return [{"code": 0, "message": "OK", "data": data} | (data if flat else {})]


public("/ping", {"result": "pong"})
public("/time", {"timestamp": 1})
public("/maintain/info", [])
public("/maintain-info", [])
public("/spot/market", [sample(samples.MARKET)])
public("/spot/ticker", [sample(samples.TICKER)])
public("/spot/depth", sample(samples.DEPTH), market="BTCUSDT", limit=5, interval="0")
public("/spot/deals", [sample(samples.DEAL)], market="BTCUSDT")
public("/spot/kline", [sample(samples.KLINE)], market="BTCUSDT", period="1min")
public("/spot/index", [sample(samples.INDEX)])
public("/assets/all-deposit-withdraw-config", [sample(samples.CONFIG)])
public("/assets/deposit-withdraw-config", sample(samples.CONFIG), ccy="USDT")
public("/assets/info", [sample(samples.INFO)], ccy="USDT")
public("/futures/market", [])
read("/assets/spot/balance", [sample(samples.BALANCE)])
read("/account/info", {"user_id": "7F3A91C2"})
read("/account/trade-fee-rate", sample(samples.FEE_RATE), **SPOT)
trade("/account/settings", {}, cet_discount_enabled=True)
trade("/spot/order", sample(samples.ORDER), **NEW)
trade("/spot/batch-order", batch_of(samples.ORDER, flat=True), market="BTCUSDT", orders=[NEW, NEW])
trade("/spot/stop-order", {"stop_id": 1}, **STOP)
trade("/spot/batch-stop-order", [{"code": 0, "message": "OK", "data": {"stop_id": 1}}], orders=[STOP])
trade("/spot/cancel-all-order", {}, **SPOT)
trade("/spot/cancel-order-by-client-id", batch_of(samples.ORDER, flat=True), client_id="rest", **SPOT)
trade("/spot/cancel-stop-order-by-client-id", batch_of(samples.STOP, flat=True), client_id="wait", **SPOT)
read("/spot/pending-order", [sample(samples.ORDER)], market_type="SPOT")
read("/spot/finished-order", [samples.FINISHED], market_type="SPOT")
read("/spot/pending-stop-order", [sample(samples.STOP)], market_type="SPOT")
read("/spot/finished-stop-order", [sample(samples.STOP)], market_type="SPOT")
read("/spot/user-deals", [sample(samples.USER_DEAL)], **SPOT)


async def resting(bench: Bench) -> int:
    return int((await bench.alice.get("/spot/pending-order", market_type="SPOT")).data[0]["order_id"])


async def waiting(bench: Bench) -> int:
    return int((await bench.alice.get("/spot/pending-stop-order", market_type="SPOT")).data[0]["stop_id"])


async def done(bench: Bench) -> int:
    return int((await bench.alice.get("/spot/finished-order", market_type="SPOT")).data[0]["order_id"])


@scene("GET", "/spot/order-status", samples.STATUS)
async def _(bench: Bench) -> Answer:
    return await bench.alice.get("/spot/order-status", market="BTCUSDT", order_id=await resting(bench))


@scene("GET", "/spot/batch-order-status", [{"code": 0, "message": "OK", "data": samples.STATUS}])
async def _(bench: Bench) -> Answer:
    ids = f"{await resting(bench)},{await done(bench)}"
    return await bench.alice.get("/spot/batch-order-status", market="BTCUSDT", order_ids=ids)


@scene("GET", "/spot/order-deals", [sample(samples.USER_DEAL)])
async def _(bench: Bench) -> Answer:
    return await bench.alice.get("/spot/order-deals", order_id=await done(bench), **SPOT)


@scene("POST", "/spot/modify-order", samples.STATUS)
async def _(bench: Bench) -> Answer:
    return await bench.alice.post("/spot/modify-order", order_id=await resting(bench), amount="0.02", **SPOT)


@scene("POST", "/spot/batch-modify-order", [{"code": 0, "message": "OK", "data": samples.STATUS}])
async def _(bench: Bench) -> Answer:
    change = SPOT | {"order_id": await resting(bench), "price": "40000"}
    return await bench.alice.post("/spot/batch-modify-order", orders=[change])


@scene("POST", "/spot/modify-stop-order", {"stop_id": 1})
async def _(bench: Bench) -> Answer:
    stop_id = await waiting(bench)
    return await bench.alice.post("/spot/modify-stop-order", stop_id=stop_id, trigger_price="71000", **SPOT)


@scene("POST", "/spot/cancel-order", sample(samples.ORDER))
async def _(bench: Bench) -> Answer:
    return await bench.alice.post("/spot/cancel-order", order_id=await resting(bench), **SPOT)


@scene("POST", "/spot/cancel-batch-order", batch_of(samples.ORDER))
async def _(bench: Bench) -> Answer:
    ids = [await resting(bench)]
    return await bench.alice.post("/spot/cancel-batch-order", market="BTCUSDT", order_ids=ids)


@scene("POST", "/spot/cancel-stop-order", sample(samples.STOP))
async def _(bench: Bench) -> Answer:
    return await bench.alice.post("/spot/cancel-stop-order", stop_id=await waiting(bench), **SPOT)


@scene("POST", "/spot/cancel-batch-stop-order", batch_of(samples.STOP))
async def _(bench: Bench) -> Answer:
    ids = [await waiting(bench)]
    return await bench.alice.post("/spot/cancel-batch-stop-order", market="BTCUSDT", stop_ids=ids)


async def populate(bench: Bench) -> None:
    """For alice: trades, a filled and a resting order, a fired and a waiting stop; levels on both sides."""
    await bench.bob.order("sell", "limit", "1", "60000")
    await bench.bob.order("buy", "limit", "1", "59000")
    assert (await bench.alice.order("buy", "limit", "0.1", "60000")).code == 0
    assert (await bench.alice.order("buy", "limit", "0.1", "55000", client_id="rest")).code == 0
    stop = STOP | {"trigger_price": "60000", "client_id": "now"}
    assert (await bench.alice.post("/spot/stop-order", **stop)).code == 0
    assert (await bench.alice.post("/spot/stop-order", **(STOP | {"client_id": "wait"}))).code == 0
