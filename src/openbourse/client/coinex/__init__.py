"""A typed client of CoinEx API v2: `Client` and `AsyncClient` over HTTP, `Stream` and
`AsyncStream` over WebSocket.

    with coinex.Client(url, key, secret) as client:
        order = client.spot.place_order(
            market="BTCUSDT", side="buy", type="limit", amount=Decimal("0.1"), price=Decimal(60_000)
        )

Names are the protocol's, amounts are Decimals, times are Unix ms.
"""

from typing import Final

from openbourse.client.coinex import types
from openbourse.client.coinex.answers import Item, Page
from openbourse.client.coinex.client import AsyncClient, Client
from openbourse.client.coinex.paging import all_rows, all_rows_async
from openbourse.client.coinex.stream.async_stream import AsyncStream
from openbourse.client.coinex.stream.blocking import Stream
from openbourse.client.coinex.stream.book import BookView, OrderBook
from openbourse.client.coinex.stream.flows import Gap
from openbourse.client.coinex.stream.patience import Patience
from openbourse.client.coinex.stream.subscription import Subscription

ORIGINAL_URL: Final = "https://api.coinex.com"
"""The original exchange. It is no default: whoever trades with real money says so."""

ORIGINAL_STREAM_URL: Final = "wss://socket.coinex.com"
"""The same over WebSocket. Here one address serves both."""

__all__ = [
    "ORIGINAL_STREAM_URL",
    "ORIGINAL_URL",
    "AsyncClient",
    "AsyncStream",
    "BookView",
    "Client",
    "Gap",
    "Item",
    "OrderBook",
    "Page",
    "Patience",
    "Stream",
    "Subscription",
    "all_rows",
    "all_rows_async",
    "types",
]
