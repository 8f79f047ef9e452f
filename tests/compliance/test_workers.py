"""An unmodified ccxt, over HTTP and WebSocket, on a venue whose clients are spread over two gateways."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import ccxt
import pytest

from tests.cli.processes import started
from tests.compliance.test_ccxt_pro import BTC, Make, Served, furnish, pro_clients
from tests.waiting import until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("workers") / "data"
    keys = asyncio.run(furnish(directory))
    with started("serve", "--data-dir", directory, "--workers", "2") as server:
        yield Served(server, directory, keys)
        assert server.stop() == 0


@pytest.fixture
async def pro(served: Served) -> AsyncIterator[Make]:
    async with pro_clients(served) as make:
        yield make


async def test_many_clients_trade_and_watch(pro: Make) -> None:
    """Eight connections of everybody are on both gateways: what one of them does all of them see."""
    watchers = [pro("watcher") for _ in range(8)]
    seen: list[set[str]] = [set() for _ in watchers]

    async def watch(exchange: Any, ids: set[str]) -> None:
        while True:
            ids |= {trade["id"] for trade in await exchange.watch_trades(BTC)}

    watching = [asyncio.create_task(watch(*each)) for each in zip(watchers, seen, strict=True)]
    makers, takers = ([pro(user) for _ in range(4)] for user in ("maker", "taker"))
    try:
        for count in range(1, 9):
            made = await makers[count % 4].create_order(BTC, "limit", "sell", 0.01, 100 + count)
            await takers[count % 4].create_order(BTC, "limit", "buy", 0.01, 100 + count)
            # Whichever gateway is asked, what is private is that of now.
            other = makers[(count + 1) % 4]
            assert (await other.fetch_order(made["id"], BTC))["remaining"] == 0.0
            assert await other.fetch_open_orders(BTC) == []
        traded = {trade["id"] for trade in await makers[0].fetch_my_trades(BTC, limit=100)}
        assert len(traded) == 8
        await until(lambda: all(traded <= ids for ids in seen))
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def test_own_orders_are_pushed_whichever_gateway_took_them(pro: Make) -> None:
    watchers = [pro("seller") for _ in range(4)]
    pushed: list[list[str]] = [[] for _ in watchers]

    async def watch(exchange: Any, statuses: list[str]) -> None:
        while True:
            statuses += [order["status"] for order in await exchange.watch_orders(BTC)]

    watching = [asyncio.create_task(watch(*each)) for each in zip(watchers, pushed, strict=True)]
    trader = pro("seller")
    try:
        # Nothing tells when a subscription is there but its first push.
        while not all(pushed):
            order = await trader.create_order(BTC, "limit", "buy", 0.01, 50)
            await trader.cancel_order(order["id"], BTC)
            await asyncio.sleep(0.1)
        await until(lambda: all(statuses[-1] == "closed" for statuses in pushed))
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def test_an_account_is_one_whichever_gateway_is_asked(pro: Make) -> None:
    """Money that was moved, a new key and its end are known to both gateways with the answer."""
    clients = [pro("seller") for _ in range(6)]
    for count, client in enumerate(clients, start=1):
        await client.transfer("USDT", 1, "spot", "swap")
        other = clients[count % 6]
        assert (await other.fetch_balance({"type": "swap"}))["USDT"]["free"] == count
        assert len(await other.fetch_transfers("USDT")) == count
    await clients[0].v2_private_post_account_subs({"sub_user_name": "desk"})
    wanted = {"sub_user_name": "desk", "ip_whitelist": [], "trade_enabled": True}
    made = (await clients[1].v2_private_post_account_subs_api(wanted))["data"]
    desks = [pro("seller") for _ in range(6)]
    for desk in desks:
        desk.apiKey, desk.secret = made["access_id"], made["secret_key"]
        assert (await desk.v2_private_get_account_subs_info())["data"]["sub_user_name"] == "desk"
    await clients[2].v2_private_post_account_subs_frozen({"sub_user_name": "desk"})
    for desk in desks:
        with pytest.raises(ccxt.PermissionDenied, match="user is forbidden"):
            await desk.fetch_balance()
    await clients[3].v2_private_post_account_subs_delete_api({"api_id": made["api_id"]})
    for desk in desks:
        with pytest.raises(ccxt.AuthenticationError, match="access_id not exists"):
            await desk.fetch_balance()
