"""How what JSON does not know travels over the link."""

from typing import Any

from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.hmac_key import HmacKey


def encoded(value: object) -> object:
    """Msgspec's `enc_hook`."""
    if isinstance(value, AllowList):
        return value.texts
    if isinstance(value, HmacKey):
        return None  # made again from the secret
    raise TypeError(f"{type(value).__name__} does not travel over the link")


def decoded(kind: type, value: Any) -> object:
    """Msgspec's `dec_hook`."""
    if kind is AllowList:
        return AllowList(value)
    if kind is HmacKey:
        return HmacKey(b"")  # a key record makes its own
    raise TypeError(f"{kind.__name__} does not travel over the link")
