"""A typed client of CoinW's `/appApi.html`: `Client` and `AsyncClient`. The protocol has no WebSocket.

with coinw.Client(url, key, secret) as client:
order_id = client.place_order("BTC_USDT", side="buy", amount=Decimal("0.1"), price=Decimal(60_000))
"""

from typing import Final

from openbourse.client.coinw import types
from openbourse.client.coinw.client import AsyncClient, Client

ORIGINAL_URL: Final = "https://www.coinw.com"
"""The original exchange. It is no default: whoever trades with real money says so."""

__all__ = ["ORIGINAL_URL", "AsyncClient", "Client", "types"]
