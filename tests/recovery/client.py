"""A signed client that knows whether it got an answer, which is all that matters when servers die."""

import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import urlencode

# The engine behind a gateway has gone: nobody knows, or nothing was done.
_UNKNOWN = (3008, 4002)


class Unanswered(Exception):  # noqa: N818 - what became of the request is not known
    """The connection broke before the whole answer was there."""


class Refused(Exception):  # noqa: N818 - a word of the protocol
    """The venue has answered that it did nothing."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code


class Client:
    """One connection of one user; a broken one stays broken."""

    def __init__(self, port: int, key_id: str, secret: str, timeout: float = 30.0) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._key_id = key_id
        self._secret = secret.encode()
        try:
            self._connection.connect()
        except OSError:
            raise Unanswered("nobody listens") from None
        self._connection.auto_open = 0
        self.wrong_by_ms = 0  # its own clock, against the one of this computer
        self.window_ms = 0  # for how long its requests are good; 0: as the protocol says

    def get(self, path: str, **parameters: object) -> dict[str, Any]:
        """The whole envelope."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._call("GET", f"/v2{path}{query}", b"")

    def post(self, path: str, **parameters: object) -> Any:
        """The data of the answer."""
        return self._call("POST", f"/v2{path}", json.dumps(parameters).encode())["data"]

    def pages(self, path: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of all pages."""
        rows: list[dict[str, Any]] = []
        page = 0
        more = True
        while more:
            page += 1
            answer = self.get(path, page=page, limit=1000, **parameters)
            rows += answer["data"]
            more = answer["pagination"]["has_next"]
        return rows

    def close(self) -> None:
        self._connection.close()

    def _call(self, method: str, target: str, body: bytes) -> dict[str, Any]:
        timestamp = str(time.time_ns() // 1_000_000 + self.wrong_by_ms)
        text = method.encode() + target.encode() + body + timestamp.encode()
        headers = {
            "X-COINEX-KEY": self._key_id,
            "X-COINEX-SIGN": hmac.new(self._secret, text, hashlib.sha256).hexdigest(),
            "X-COINEX-TIMESTAMP": timestamp,
        }
        if self.window_ms:
            headers["X-COINEX-WINDOWTIME"] = str(self.window_ms)
        try:
            self._connection.request(method, target, body, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(repr(error)) from None
        assert response.status == 200, f"{method} {target}: {response.status} {content[:200]!r}"
        answer: dict[str, Any] = json.loads(content)
        if answer["code"] in _UNKNOWN:
            raise Unanswered(answer["message"])
        if answer["code"]:
            raise Refused(answer["code"], answer["message"])
        return answer
