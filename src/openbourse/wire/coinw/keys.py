"""Who sends this request? Keys, their signatures and what they may do (reference/coinw/legacy.md §3, §4)."""

from collections.abc import Callable
from typing import Final

from openbourse.accounts.records import KeyRecord
from openbourse.wire.coinw.errors import Access, ApiError, Code, denied
from openbourse.wire.coinw.parameters import Parameters
from openbourse.wire.coinw.signature import signed_by

_MAX_KEY_TEXT: Final = 64

KeyLookup = Callable[[str], KeyRecord | None]


def authenticate(parameters: Parameters, now: int, lookup: KeyLookup) -> KeyRecord:
    """The key that signed this request, which is not ambiguous; `now` is Unix ms. Raises 10006, 10007."""
    text = parameters.get("api_key")
    key = lookup(text) if 0 < len(text) <= _MAX_KEY_TEXT else None
    if key is None or key.protocol != "coinw" or key.revoked or key.expired(now):
        raise ApiError(Code.KEY)
    if not signed_by(parameters, key.secret):
        raise ApiError(Code.SIGNATURE)
    return key


def require_rights(key: KeyRecord, access: Access, client_ip: str) -> None:
    """Raises 10004, or 10005 for withdrawals, when this key may not do this from there."""
    if not key.owner.admitted or not key.allow_list.allows(client_ip):
        raise ApiError(denied(access))
    if (access == "trade" and not key.trade_allowed) or (access == "withdraw" and not key.withdraw_allowed):
        raise ApiError(denied(access))
