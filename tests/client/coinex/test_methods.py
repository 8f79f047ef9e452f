"""How the client feels in the hand."""

import inspect
from decimal import Decimal
from typing import assert_type

from openbourse.client import coinex
from openbourse.client.coinex import types
from openbourse.client.coinex.calls import spot_orders
from openbourse.client.coinex.groups import Spot
from openbourse.client.methods import Method
from tests.client.coinex.world import BTC, World


def test_a_method_explains_itself(world: World) -> None:
    method = world.client.spot.place_order
    assert inspect.signature(method) == inspect.signature(spot_orders.place_order)
    assert "Needs a key that may trade." in (inspect.getdoc(method) or "")
    assert isinstance(Spot.place_order, Method)


def is_checked(client: coinex.Client, stream: coinex.AsyncStream) -> None:
    """Never run: the type checker has to find these mistakes, or it complains of needless comments."""
    spot = client.spot
    spot.place_order(market=BTC, side="bye", type="limit", amount=1)  # type: ignore[arg-type]
    spot.place_order(market=BTC, side="buy", type="limit", amount=0.1)  # type: ignore[arg-type]
    spot.place_order(market=BTC, side="buy")  # type: ignore[call-arg]
    spot.place_order(market=BTC, side="buy", type="limit", amount=1, prize=1)  # type: ignore[call-arg]
    assert_type(spot.pending_orders(), coinex.Page[types.Order])
    assert_type(spot.place_orders(orders=[]), list[coinex.Item[types.Order]])
    assert_type(spot.order_status(market=BTC, order_id=1).last_fill_price, Decimal | None)
    assert_type(spot.cancel_all_orders(market=BTC), None)
    assert_type(stream.orders(BTC), coinex.Subscription[types.OrderUpdate | coinex.Gap])
    assert_type(stream.book(BTC), coinex.Subscription[coinex.BookView])


def test_all_rows_of_a_list(world: World) -> None:
    for _ in range(5):
        world.resting(client_id="paged")
    spot = world.client.spot
    rows = list(coinex.all_rows(spot.pending_orders, market=BTC, client_id="paged", limit=2))
    assert [row.order_id for row in rows] == [
        row.order_id for row in spot.pending_orders(client_id="paged", limit=100)
    ]
    assert len(rows) == 5


def test_a_secret_is_not_shown(world: World) -> None:
    key = world.key_of_desk()
    assert key.secret_key
    assert key.secret_key not in repr(key)
    assert key.access_id in repr(key)
