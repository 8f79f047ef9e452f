"""Signatures: MD5 over the parameters with the secret at the end (reference/coinw/legacy.md §3).

Clients disagree about the text that is signed; four variants are known to work with the real server and are
tried one after another.
"""

import hashlib
import hmac
from collections.abc import Iterator

from openbourse.wire.coinw.parameters import Parameters


def signed_by(parameters: Parameters, secret: str) -> bool:
    """Is the request's `sign` that of the owner of `secret`?"""
    sign = parameters.get("sign").lower().encode()
    return any(hmac.compare_digest(digest(text, secret), sign) for text in _texts(parameters))


def ambiguous(parameters: Parameters) -> bool:
    """Could the signed text be read in two ways? `a=1&b=2` is one value's text, or two parameters."""
    return any("&" in name or "=" in name or "&" in field.value for name, field in parameters.fields.items())


def digest(text: str, secret: str) -> bytes:
    """MD5 of the text with the secret behind it, 32 lower-case hex digits."""
    signed = f"{text}&secret_key={secret}"
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().encode()


def _texts(parameters: Parameters) -> Iterator[str]:
    """What clients sign: raw values; values as encoded; with the action; without blank values."""
    fields = sorted(
        (name.encode(), name, field) for name, field in parameters.fields.items() if name != "sign"
    )
    plain = [f"{name}={field.value}" for _, name, field in fields]
    yield "&".join(plain)
    if not any("%" in field.value for _, _, field in fields):
        yield "&".join(f"{name}={field.raw}" for _, name, field in fields)
    before = [pair for pair, (key, _, _) in zip(plain, fields, strict=True) if key < b"action"]
    yield "&".join([*before, f"action={parameters.action}", *plain[len(before) :]])
    yield "&".join(f"{name}={field.value}" for _, name, field in fields if field.value)
