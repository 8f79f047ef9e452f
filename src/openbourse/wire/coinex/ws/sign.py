"""server.sign: whose connection is this? (ws §5)"""

import binascii
import hmac
from typing import Final

from openbourse.accounts.records import KeyRecord
from openbourse.wire.coinex.auth import KeyLookup
from openbourse.wire.coinex.ws.errors import WsCode, WsError
from openbourse.wire.coinex.ws.messages import Params
from openbourse.wire.coinex.ws.params import invalid

TOLERANCE_MS: Final = 60_000
_MAX_KEY_TEXT: Final = 64
_MAX_DIGITS: Final = 16


def verified(params: Params, address: str, now: int, find_key: KeyLookup) -> KeyRecord:
    """The key that signed. Raises WsError: 20001 for missing parameters, 21002 for all the rest.

    What is signed is the decimal text of the timestamp and nothing else. Clients send the hex digits
    in either case.
    """
    access_id, signature = params.get("access_id"), params.get("signed_str")
    timestamp = _digits(params.get("timestamp"))
    if not isinstance(access_id, str) or not isinstance(signature, str) or timestamp is None:
        raise invalid()
    key = find_key(access_id) if len(access_id) <= _MAX_KEY_TEXT else None
    if key is None or not usable(key, address, now) or abs(int(timestamp) - now) > TOLERANCE_MS:
        raise WsError(WsCode.WRONG_SIGNATURE)
    try:
        digest = binascii.unhexlify(signature)
    except ValueError:
        raise WsError(WsCode.WRONG_SIGNATURE) from None
    if not hmac.compare_digest(key.hmac.digest(timestamp.encode()), digest):
        raise WsError(WsCode.WRONG_SIGNATURE)
    return key


def usable(key: KeyRecord, address: str, now: int) -> bool:
    """May somebody at `address` use this key at `now` (Unix ms)? Reading needs no permission."""
    return (
        key.protocol == "coinex"
        and not key.revoked
        and not key.expired(now)
        and key.owner.admitted
        and key.allow_list.allows(address)
    )


def _digits(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if 0 <= value < 10**_MAX_DIGITS else ""
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and value.isascii() and value.isdigit():
        return value
    return None
