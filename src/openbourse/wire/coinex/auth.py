"""Who sends this request? Signatures of HTTP requests (reference/coinex/conventions.md §2).

Pure: bytes, a time and a way to look keys up go in, a key record or an `ApiError` comes out.
"""

import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from openbourse.accounts.records import KeyRecord, Permission, User
from openbourse.wire.coinex.errors import ApiError, Code

KEY_HEADER: Final = b"x-coinex-key"
SIGNATURE_HEADER: Final = b"x-coinex-sign"
TIMESTAMP_HEADER: Final = b"x-coinex-timestamp"
WINDOW_HEADER: Final = b"x-coinex-windowtime"

DEFAULT_WINDOW_MS: Final = 5_000
MAX_WINDOW_MS: Final = 60_000
FUTURE_TOLERANCE_MS: Final = 1_000
_SIGNATURE_DIGITS: Final = 64
_MAX_KEY_TEXT: Final = 64
_MAX_NUMBER_TEXT: Final = 16

KeyLookup = Callable[[str], KeyRecord | None]


def authenticate(
    method: str,
    target: bytes,
    headers: Mapping[bytes, bytes],
    body: bytes,
    *,
    client_ip: str,
    now: int,
    lookup: KeyLookup,
    plain_sha256: bool = True,
) -> KeyRecord:
    """The key that signed this request, of a user who may come in.

    `target` is the raw request target (path and query as sent), `headers` have lower-case names,
    `now` is Unix ms. `plain_sha256` also admits SHA256(prepared + secret), ccxt's form. Raises
    ApiError, checking in the order of §2.6: 4005, 4007, 4010, 4008, 4006, 4011.
    """
    key = _known_key(headers.get(KEY_HEADER, b""), now, lookup)
    if not key.allow_list.allows(client_ip):
        raise ApiError(Code.IP_NOT_ALLOWED)
    timestamp = headers.get(TIMESTAMP_HEADER, b"")
    _check_clock(timestamp, headers.get(WINDOW_HEADER, b""), now)
    signature = _digest_of(headers.get(SIGNATURE_HEADER, b""))
    _check_signature(key, signature, method.encode(), target, body + timestamp, plain_sha256)
    if not key.owner.admitted:
        raise ApiError(Code.USER_FORBIDDEN)
    return key


def require_permission(key: KeyRecord, permission: Literal["trade", "withdraw"]) -> None:
    """Raises 158 when the key lacks the permission; reading needs none (§2.7)."""
    if not (key.trade_allowed if permission == "trade" else key.withdraw_allowed):
        raise ApiError(Code.KEY_LACKS_PERMISSION)


def require_main_account(key: KeyRecord) -> None:
    """Raises 4512 when the key belongs to a sub-account."""
    if key.owner.parent:
        raise ApiError(Code.SUB_ACCOUNT_LACKS_PERMISSION)


def require_granted(user: User, permission: Permission) -> None:
    """Raises 4512 when this is a sub-account without this permission; main accounts need none."""
    if user.parent and permission not in user.permissions:
        raise ApiError(Code.SUB_ACCOUNT_LACKS_PERMISSION)


def _known_key(text: bytes, now: int, lookup: KeyLookup) -> KeyRecord:
    key = None
    if 0 < len(text) <= _MAX_KEY_TEXT and text.isascii():
        key = lookup(text.decode("ascii"))
    # To a client an expired key is one that never was: the real server says the same.
    if key is None or key.protocol != "coinex" or key.revoked or key.expired(now):
        raise ApiError(Code.UNKNOWN_KEY)
    return key


def _check_clock(timestamp: bytes, window_text: bytes, now: int) -> None:
    """The clock rule of §2.5; a missing or malformed timestamp is a clock failure as well."""
    sent = _number(timestamp)
    window = min(_number(window_text) or DEFAULT_WINDOW_MS, MAX_WINDOW_MS)
    if sent is None or now - sent > window or sent - now > max(window, FUTURE_TOLERANCE_MS):
        raise ApiError(Code.REQUEST_EXPIRED)


def _number(text: bytes) -> int | None:
    # isdigit of bytes knows only ASCII digits: no sign, no blanks, no underscores.
    return int(text) if len(text) <= _MAX_NUMBER_TEXT and text.isdigit() else None


def _digest_of(signature: bytes) -> bytes:
    """The 32 bytes behind the hex digits; clients send them in either case (§2.3)."""
    if len(signature) == _SIGNATURE_DIGITS:
        try:
            return binascii.unhexlify(signature)
        except binascii.Error:
            pass
    raise ApiError(Code.MALFORMED_SIGNATURE)


def _check_signature(
    key: KeyRecord, signature: bytes, method: bytes, target: bytes, ending: bytes, plain_sha256: bool
) -> None:
    if _signs(key, signature, method + target + ending, plain_sha256):
        return
    # Who puts an empty query behind its question mark signs that mark, which is gone here.
    respelt = _decoded(target) if b"?" in target else target + b"?"
    if respelt is None or not _signs(key, signature, method + respelt + ending, plain_sha256):
        raise ApiError(Code.WRONG_SIGNATURE)


def _signs(key: KeyRecord, signature: bytes, prepared: bytes, plain_sha256: bool) -> bool:
    if hmac.compare_digest(key.hmac.digest(prepared), signature):
        return True
    if not plain_sha256:
        return False
    return hmac.compare_digest(hashlib.sha256(prepared + key.secret.encode()).digest(), signature)


def _decoded(target: bytes) -> bytes | None:
    """The target with its query decoded, where a client may have signed that.

    Some clients sign the plain text and let their HTTP library encode it afterwards (§2.3). Decoding
    must not change what the query says, though: an encoded `&`, `=` or `%` is only valid as signed.
    """
    path, question, query = target.partition(b"?")
    if b"%" not in query and b"+" not in query:
        return None
    decoded = unquote_to_bytes(query.replace(b"+", b" "))
    same_fields = decoded.count(b"&") == query.count(b"&") and decoded.count(b"=") == query.count(b"=")
    if not same_fields or b"%" in decoded:
        return None
    return path + question + decoded
