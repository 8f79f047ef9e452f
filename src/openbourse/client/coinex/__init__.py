"""A typed client of CoinEx API v2: `Client` and `AsyncClient` over HTTP.

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

ORIGINAL_URL: Final = "https://api.coinex.com"
"""The original exchange. It is no default: whoever trades with real money says so."""

__all__ = ["ORIGINAL_URL", "AsyncClient", "Client", "Item", "Page", "types"]
