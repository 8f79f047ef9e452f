"""Single parameters, from text to what they mean; what cannot be read raises 10003."""

import re
from typing import Final

from openbourse.core.commands import Side
from openbourse.core.decimals import decimals_of, parse_decimal, scaled
from openbourse.wire.coinw.errors import wrong
from openbourse.wire.coinw.numbers import SIDES
from openbourse.wire.coinw.parameters import Parameters

_MAX_NUMBER: Final = 2**53 - 1
_MAX_DIGITS: Final = 16
# Programs print small floats with an exponent: Python 1e-05, Java 1.0E-5.
_DECIMAL: Final = re.compile(r"([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?", re.ASCII)


def required(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    if not value:
        raise wrong(f"{name} is missing")
    return value


def whole(text: str, name: str) -> int:
    """A non-negative integer below 2^53."""
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS or int(text) > _MAX_NUMBER:
        raise wrong(f"{name} is not a whole number")
    return int(text)


def clamped(text: str, name: str, most: int) -> int:
    """A non-negative integer, or `most` for any that is larger, however many digits it has."""
    if not (text.isascii() and text.isdigit()):
        raise wrong(f"{name} is not a whole number")
    return min(int(text), most)


def order_id(parameters: Parameters, name: str = "id") -> int:
    return whole(required(parameters, name), name)


def side(parameters: Parameters) -> Side:
    found = SIDES.get(required(parameters, "type").lower())
    if found is None:
        raise wrong("type is 0 (buy) or 1 (sell)")
    return found


def amount(parameters: Parameters, name: str, scale: int, precision: int, most: int) -> int:
    """A positive decimal as an integer of 10^-scale; too many decimals are refused, not cut (§8 `trade`)."""
    text = required(parameters, name)
    if not _DECIMAL.fullmatch(text):
        raise wrong(f"{name} is not a decimal number")
    number = parse_decimal(text)
    if decimals_of(number) > precision:
        raise wrong(f"{name} has more than {precision} decimals")
    try:
        value = scaled(number, scale)
    except ValueError:
        raise wrong(f"{name} is out of range") from None
    if not 0 < value <= most:
        raise wrong(f"{name} is out of range")
    return value
