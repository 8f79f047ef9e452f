"""Ordering what a sandbox does, from another process: the client of the control API."""

import http.client
import urllib.error
import urllib.request
from typing import Any, Final

import msgspec

DEFAULT_URL: Final = "http://127.0.0.1:8080"
PATIENCE_SECONDS: Final = 600.0  # a long step of the clock takes its time


class ControlClientError(Exception):
    """The sandbox refused, is not done yet, or there is none; the text is a sentence for the user."""


class ControlClient:
    """Talks to the sandbox at `url` (`http://127.0.0.1:8080`). Blocks until it is answered."""

    def __init__(self, url: str, seconds: float = PATIENCE_SECONDS) -> None:
        """`seconds` is how long an answer may take. Raises ControlClientError for no address of a sandbox."""
        if not url.startswith("http://"):
            raise ControlClientError(f"{url} is not the address of a sandbox: those begin with http://")
        self._url = url.rstrip("/")
        self._seconds = seconds

    def get(self, path: str) -> Any:
        """What is at `path` below `/sandbox`: "clock", "faults", ... Raises ControlClientError."""
        return self._ask("GET", path, None)

    def post(self, path: str, order: dict[str, Any]) -> Any:
        """Order something. Raises ControlClientError."""
        return self._ask("POST", path, msgspec.json.encode(order))

    def delete(self, path: str) -> Any:
        """Take something back. Raises ControlClientError."""
        return self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - http only, see above
            f"{self._url}/sandbox/{path}", data=body, method=method
        )
        # No proxy: it is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self._seconds) as response:
                return msgspec.json.decode(response.read())
        except urllib.error.HTTPError as error:
            raise ControlClientError(_why(error, path)) from None
        except OSError as error:
            raise ControlClientError(self._why_not(error)) from None
        except (msgspec.MsgspecError, UnicodeDecodeError, http.client.HTTPException) as error:
            raise ControlClientError(f"what is at {self._url} is no sandbox: {error!r}") from None

    def _why_not(self, error: OSError) -> str:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, TimeoutError):
            return f"{self._url} has not answered in {self._seconds:g} s; it may still be at it"
        why = getattr(reason, "strerror", None) or reason
        return f"there is no sandbox at {self._url}: {why}"


def _why(error: urllib.error.HTTPError, path: str) -> str:
    try:
        answer = msgspec.json.decode(error.read())
        return str(answer["error"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return f"HTTP {error.code} for /sandbox/{path}: is this a sandbox?"
