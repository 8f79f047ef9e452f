"""The async client is the sync one with await before it."""

import asyncio
from decimal import Decimal

import pytest

from openbourse.client import coinex, errors
from openbourse.client.coinex import types
from tests.client.coinex.world import BTC, World


async def test_orders_side_by_side(world: World) -> None:
    bob = world.bob
    async with world.sandbox.coinex_async(bob) as client:
        await client.sync_clock()
        assert (await client.ping()).result == "pong"
        placed = await asyncio.gather(
            *(
                client.spot.place_order(
                    market=BTC, side="sell", type="limit", amount=Decimal("0.01"), price=70_000 + step
                )
                for step in range(5)
            )
        )
        assert sorted(order.price for order in placed) == [Decimal(70_000 + step) for step in range(5)]
        page: coinex.Page[types.Order] = await client.spot.pending_orders(market=BTC, side="sell")
        assert {order.order_id for order in page} >= {order.order_id for order in placed}
        rows = coinex.all_rows_async(client.spot.pending_orders, market=BTC, side="sell", limit=2)
        assert len([row async for row in rows]) == page.total
        await client.spot.cancel_all_orders(market=BTC)
        with pytest.raises(errors.OrderNotFound):
            await client.spot.cancel_order(market=BTC, order_id=placed[0].order_id)


async def test_an_unknown_outcome(world: World) -> None:
    bob = world.bob
    world.sandbox.faults.add("reset", route="POST /v2/spot/order", count=1)
    async with world.sandbox.coinex_async(bob) as client:
        with pytest.raises(errors.OutcomeUnknown):
            await client.spot.place_order(market=BTC, side="buy", type="limit", amount=1, price=1)
    async with coinex.AsyncClient("http://127.0.0.1:1") as client:
        with pytest.raises(errors.Unreachable):
            await client.time()
