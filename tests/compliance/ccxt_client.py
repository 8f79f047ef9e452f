"""ccxt as it is, with its URLs and keys set and nothing else."""

from typing import Any

import ccxt

from openbourse.accounts.records import KeyRecord

BTC = "BTC/USDT"


def client(url: str, key: KeyRecord | None = None) -> Any:
    exchange = ccxt.coinex({"apiKey": key.key_id, "secret": key.secret} if key else {})
    exchange.urls["api"] = {"public": url, "private": url}
    return exchange
