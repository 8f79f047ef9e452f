"""Numbers as the operator gives them: decimal text to integers of the core."""

from decimal import Decimal
from typing import Final

from openbourse.core.decimals import decimals_of, parse_decimal, scaled
from openbourse.core.units import MONEY_DECIMALS, RATE_DECIMALS, UNIT_DECIMALS
from openbourse.venue.control import ControlError

_MOST_MONEY_DECIMALS: Final = 18


def quantity(what: str, text: str) -> int:
    """In 10^-12; `what` it is for the sentence of a ControlError."""
    return _number(what, text, UNIT_DECIMALS, UNIT_DECIMALS)


def rate(what: str, text: str) -> int:
    """In 10^-12, with the decimals that rates may have."""
    return _number(what, text, UNIT_DECIMALS, RATE_DECIMALS)


def money(what: str, text: str) -> int:
    """In 10^-24, with up to 18 decimals."""
    return _number(what, text, MONEY_DECIMALS, _MOST_MONEY_DECIMALS)


def _number(what: str, text: str, scale: int, most_decimals: int) -> int:
    """Decimal text as an integer of 10^-scale; more decimals than the venue counts are refused, not cut."""
    try:
        number: Decimal = parse_decimal(text)
        value = scaled(number, scale)
    except ValueError as error:
        raise ControlError(f"{what}: {error}") from None
    if decimals_of(number) > most_decimals:
        raise ControlError(f"{what} has more than {most_decimals} decimals: {text[:40]}")
    return value
