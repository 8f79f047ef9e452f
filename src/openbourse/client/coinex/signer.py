"""Signer: from a request to what is sent, with the signature over it (reference/coinex/conventions.md §2)."""

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from openbourse.client.request import Request, Sent, given, query

T = TypeVar("T")


class Signer:
    """Holds the key and the clock. `offset` (ms) is how much the exchange's clock is ahead of ours."""

    def __init__(
        self, key: str, secret: str, now: Callable[[], int] | None = None, window: int | None = None
    ) -> None:
        """`now` gives Unix ms, the computer's by default; `window` (ms) is how old a request may get."""
        self.key = key
        self.offset = 0
        self._secret = secret.encode()
        self._now = now or _computer_time
        self._window = window

    def __repr__(self) -> str:
        return f"Signer({self.key!r})"  # never the secret

    def now(self) -> int:
        """The exchange's time in Unix ms, as far as is known."""
        return self._now() + self.offset

    def signature(self, text: bytes) -> str:
        """Hex HMAC-SHA256 under the secret."""
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def prepared(self, request: Request[T]) -> Sent:
        """What is to be sent. ValueError when the request needs a key and there is none."""
        target, body = request.path, b""
        if request.method == "GET":
            if text := query(request.params):
                target = f"{target}?{text}"
        else:
            body = msgspec.json.encode(given(request.params))
        headers = {"content-type": "application/json"} if body else {}
        if request.signed:
            headers |= self._signed(request.method, target, body)
        return Sent(request.method, target, body, headers)

    def _signed(self, method: str, target: str, body: bytes) -> dict[str, str]:
        if not self.key:
            raise ValueError("this request needs a key: give the client `key` and `secret`")
        timestamp = str(self.now())
        headers = {
            "X-COINEX-KEY": self.key,
            "X-COINEX-SIGN": self.signature(f"{method}{target}".encode() + body + timestamp.encode()),
            "X-COINEX-TIMESTAMP": timestamp,
        }
        if self._window is not None:
            headers["X-COINEX-WINDOWTIME"] = str(self._window)
        return headers


def _computer_time() -> int:
    return time.time_ns() // 1_000_000
