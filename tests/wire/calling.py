"""Calling an ASGI application in this process, as a server would."""

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """A response, its JSON envelope opened."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found

    @property
    def code(self) -> int:
        return int(self.json["code"])

    @property
    def message(self) -> str:
        return str(self.json["message"])

    @property
    def data(self) -> Any:
        assert self.code == 0, self.json
        return self.json["data"]

    @property
    def pagination(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["pagination"]
        return found


async def call(
    app: Asgi,
    method: str,
    target: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    client_ip: str = "127.0.0.1",
    chunks: list[bytes] | None = None,
) -> Answer:
    """One request; `chunks` sends the body in several parts."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": (client_ip, 50000),
    }
    parts = [body] if chunks is None else list(chunks)
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, end = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    assert int(found["content-length"]) == len(end["body"])
    data = gzip.decompress(end["body"]) if found.get("content-encoding") == "gzip" else end["body"]
    return Answer(start["status"], found, data)
