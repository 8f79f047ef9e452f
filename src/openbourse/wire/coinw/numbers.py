"""Numbers and words of the protocol, to and from those of the house.

A number is printed from its integer, in plain decimal notation: never through a float, never with an exponent
(reference/coinw/legacy.md §1). It is a `Raw` where the JSON has a number, text where it has a string.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Raw

from openbourse.core.commands import Side
from openbourse.core.decimals import money_text, unit_text
from openbourse.core.events import OrderStatus

# A price or quantity (10^-12) as text without trailing zeros.
text: Final = unit_text

SIDES: Final[Mapping[str, Side]] = MappingProxyType({"0": "buy", "buy": "buy", "1": "sell", "sell": "sell"})
SIDE_NUMBERS: Final[Mapping[Side, int]] = MappingProxyType({"buy": 0, "sell": 1})
SIDE_WORDS: Final[Mapping[Side, str]] = MappingProxyType({"buy": "买入", "sell": "卖出"})
TAKER_WORDS: Final[Mapping[Side, str]] = MappingProxyType({"buy": "bid", "sell": "ask"})

STATUS_NUMBERS: Final[Mapping[OrderStatus, int]] = MappingProxyType(
    {"open": 1, "partially_filled": 2, "filled": 3, "partially_cancelled": 4, "cancelled": 4}
)
STATUS_WORDS: Final[Mapping[int, str]] = MappingProxyType(
    {1: "未成交", 2: "部分成交", 3: "完全成交", 4: "用户撤销"}
)


def number(value: int) -> Raw:
    """A price, quantity or rate (10^-12) as a JSON number."""
    return Raw(unit_text(value).encode())


def money(value: int) -> Raw:
    """Money (10^-24) as a JSON number."""
    return Raw(money_text(value).encode())


def dotted(value: int) -> str:
    """As `text`, with at least one decimal: "100.0"."""
    shown = unit_text(value)
    return shown if "." in shown else f"{shown}.0"


def padded(value: int, decimals: int) -> str:
    """As `text`, padded with zeros to this many decimals: "12000.000". Further ones are kept."""
    whole, _, fraction = unit_text(value).partition(".")
    fraction = fraction.ljust(decimals, "0")
    return f"{whole}.{fraction}" if fraction else whole
