"""The credentials file: how a program finds a sandbox and its users."""

from typing import Any

import msgspec

from openbourse.sandbox.setup import Trader
from openbourse.wire.coinex import credentials as coinex
from openbourse.wire.coinw import credentials as coinw


def credentials(base_url: str, traders: list[Trader]) -> dict[str, Any]:
    """Addresses and keys, in the shape of the file."""
    return {
        "base_url": base_url,
        "coinex": coinex.addresses(base_url),
        "coinw": coinw.addresses(base_url),
        "users": [
            {
                "name": trader.user.name,
                "coinex": coinex.key_fields(trader.keys["coinex"]),
                "coinw": coinw.key_fields(trader.keys["coinw"]),
            }
            for trader in traders
        ],
    }


def as_file(base_url: str, traders: list[Trader]) -> bytes:
    """The content of the file: JSON."""
    return msgspec.json.format(msgspec.json.encode(credentials(base_url, traders))) + b"\n"
