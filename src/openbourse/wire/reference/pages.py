"""The descriptions and the reference page as paths of the application."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from openbourse import __version__
from openbourse.wire import openapi
from openbourse.wire.coinex.ws import asyncapi
from openbourse.wire.http.messages import JSON, Dialect, Request, Response
from openbourse.wire.http.router import NOT_FOUND, Nobody
from openbourse.wire.reference import page

_HTML: Final = b"text/html; charset=utf-8"
_READING: Final = ("GET", "HEAD")
_COMMON: Final = ((b"cache-control", b"no-cache"), (b"x-content-type-options", b"nosniff"))


class Page(Nobody):
    """One text that stays as it is; made when it is first asked for."""

    def __init__(self, path: str, make: Callable[[], Response]) -> None:
        self._path = path
        self._make = make
        self._response: Response | None = None

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        if request.path.removesuffix("/") != self._path or request.method not in _READING:
            return NOT_FOUND
        if self._response is None:
            self._response = replace(self._make(), endpoint=f"GET {self._path}")
        return self._response


class Entrance(Nobody):
    """Whoever opens the venue's address in a browser is led to the reference page."""

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        if request.path != "/" or request.method not in _READING:
            return NOT_FOUND
        return Response(b"", 302, headers=((b"location", b"/docs"),), content_type=_HTML, endpoint="GET /")


def pages(*, with_coinw: bool = False) -> dict[str, Dialect]:
    """All of them by path, about what this venue serves."""

    def described() -> Response:
        return Response(openapi.text(with_coinw=with_coinw), headers=_COMMON, content_type=JSON)

    makers: dict[str, Callable[[], Response]] = {
        "/openapi.json": described,
        "/asyncapi.json": lambda: Response(asyncapi.text(__version__), headers=_COMMON, content_type=JSON),
        "/docs": lambda: _reference(page.page(with_coinw=with_coinw)),
    }
    return {path: Page(path, make) for path, make in makers.items()}


def _reference(body: bytes) -> Response:
    policy = (b"content-security-policy", page.security_policy())
    return Response(body, headers=(*_COMMON, policy), content_type=_HTML)
