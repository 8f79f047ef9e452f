"""Decimal text to the core's integers and back; the only place where `Decimal` is met."""

from decimal import Decimal

from openbourse.core.units import MONEY_DECIMALS, UNIT_DECIMALS

_MAX_DIGITS = 40
_MAX_PLAIN = 30


def parse_decimal(text: str) -> Decimal:
    """The number that a person or a program wrote; ValueError unless finite and of sane length."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise ValueError(f"not a decimal number: {text[:40]!r}") from None
    if "_" in text or not number.is_finite():
        raise ValueError(f"not a decimal number: {text[:40]!r}")
    return number


def read_scaled(text: str, decimals: int, keep: int | None = None) -> int:
    """`scaled(parse_decimal(text), decimals, keep)`; the plain texts of every order without a `Decimal`."""
    whole, _, fraction = text.partition(".")
    if len(text) > _MAX_PLAIN or not text.isascii() or not (whole.isdigit() and (whole + fraction).isdigit()):
        return scaled(parse_decimal(text), decimals, keep)
    places = decimals if keep is None or keep > decimals else keep
    return int(whole + fraction[:places].ljust(decimals, "0"))


def scaled(number: Decimal, decimals: int, keep: int | None = None) -> int:
    """`number` as an integer of 10^-decimals, truncated toward zero after `keep` decimals.

    Raises ValueError for numbers of more than some forty digits, before they can cost anything.
    """
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        if number == 0:
            return 0
        raise ValueError("number out of range")
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) > 2 * _MAX_DIGITS:
        raise ValueError("number out of range")
    value = 0
    for digit in digits:
        value = value * 10 + digit
    value = _shift(value, exponent + decimals)
    if keep is not None and keep < decimals:
        step = 10 ** (decimals - keep)
        value -= value % step
    return -value if sign else value


def _shift(value: int, places: int) -> int:
    if places >= 0:
        return value * int(10**places)
    return value // int(10 ** (-places))


def decimals_of(number: Decimal) -> int:
    """How many decimals a finite number needs; trailing zeros do not count."""
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def unit_text(value: int) -> str:
    """A price, quantity or rate (10^-12) as plain decimal text."""
    return plain(value, UNIT_DECIMALS)


def money_text(value: int) -> str:
    """Money (10^-24) as plain decimal text."""
    return plain(value, MONEY_DECIMALS)


def plain(value: int, decimals: int) -> str:
    """An integer of 10^-decimals as plain decimal text: no exponent, no trailing zeros."""
    if value == 0:
        return "0"
    if value < 0:
        return "-" + plain(-value, decimals)
    digits = str(value)
    point = len(digits) - decimals
    if point <= 0:
        return "0." + digits.rjust(decimals, "0").rstrip("0")
    whole, fraction = digits[:point], digits[point:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
