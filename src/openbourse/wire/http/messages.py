"""Requests and responses as the protocols see them: plain values, whole bodies."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

JSON = b"application/json; charset=utf-8"
TEXT = b"text/plain; charset=utf-8"


class Request(Struct, frozen=True, gc=False):
    """One request. `target` is the raw path and query as sent, header names are lower-case."""

    id: str
    method: str
    path: str
    target: bytes
    query: bytes
    headers: Mapping[bytes, bytes]
    client_ip: str
    body: bytes = b""


class Form(Struct, frozen=True, gc=False):
    """An answer as it is sent: its headers, the same as lines, and its body.

    Without what differs between two answers that say the same, the request's id: `lines` begin with the end
    of its line, and end with the empty one.
    """

    headers: list[tuple[bytes, bytes]]
    lines: bytes
    body: bytes


class Response(Struct, frozen=True, gc=False):
    """One answer, always with a whole body.

    `forms` is where one that many more requests will get keeps its forms: as it is, and compressed.
    The last three fields stay in the house, for metrics and logs: the endpoint as the protocol's table names
    it (never what the client sent), the protocol's own code, and why the request was turned away at the door
    ("auth", "limit", or "" if it was not).
    """

    body: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content_type: bytes = JSON
    forms: dict[bool, Form] | None = None
    endpoint: str = ""
    code: int | None = None
    barred: str = ""


class Dialect(Protocol):
    """A protocol over HTTP: how it answers requests, and how it words what goes wrong before or after."""

    @property
    def max_body(self) -> int:
        """The largest body in bytes that is read."""

    async def answer(self, request: Request) -> Response:
        """The answer to a request; an exception is a bug and is answered with `internal_error`."""

    def too_large(self, request: Request) -> Response:
        """The answer to a body of more than `max_body` bytes; the request's own body is empty."""

    def too_slow(self, request: Request) -> Response:
        """The answer to a body that did not arrive in time; the request's own body is empty."""

    def internal_error(self, request: Request) -> Response:
        """The answer after a bug. It says nothing about the inside."""
