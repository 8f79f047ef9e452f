"""What was published about the venue's liabilities, as `GET /liabilities`: for everybody, in no protocol."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

import msgspec

from openbourse.liabilities.errors import UnpublishedError
from openbourse.liabilities.records import Publication
from openbourse.venue.liabilities import Liabilities, Published
from openbourse.venue.sequencer import Busy
from openbourse.wire.http.messages import TEXT, Request, Response
from openbourse.wire.http.router import NOT_FOUND, TOO_MANY, Nobody

PATH: Final = "/liabilities"
PAGE: Final = 100
TAG: Final = "Liabilities"

_READING: Final = ("GET", "HEAD")
_HEADERS: Final = ((b"cache-control", b"no-cache"), (b"x-content-type-options", b"nosniff"))
_MAX_DIGITS: Final = 16
_ONE: Final = f"GET {PATH}/SEQUENCE"
_BUSY: Final = Response(b"503 too many ask\n", 503, content_type=TEXT)


class LiabilitiesPage(Nobody):
    """Serves `/liabilities` and, for one publication, `/liabilities/SEQUENCE`. See `Dialect`."""

    def __init__(self, liabilities: Liabilities, admits: Callable[[str], bool]) -> None:
        """`admits` counts the requests of an address."""
        self._liabilities = liabilities
        self._admits = admits

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        if request.method not in _READING:
            return NOT_FOUND
        if not self._admits(request.client_ip):
            return TOO_MANY
        path = request.path.removesuffix("/")
        try:
            if path == PATH:
                given = parse_qs(request.query.decode("ascii", "replace")).get("before", [""])[0]
                return _json(await self._liabilities.published(_number(given), PAGE), f"GET {PATH}")
            return await self._one(_number(path.removeprefix(f"{PATH}/")))
        except Busy:
            return _BUSY

    async def _one(self, sequence: int | None) -> Response:
        try:
            if sequence is not None:
                return _json(await self._liabilities.publication(sequence), _ONE)
        except UnpublishedError:
            pass
        return msgspec.structs.replace(NOT_FOUND, endpoint=_ONE)


_PLAIN: Final = {"text/plain": {"schema": {"type": "string"}}}


class Description(NamedTuple):
    """A part of the OpenAPI document."""

    paths: dict[str, Any]
    schemas: dict[str, Any]


def description(ref_template: str) -> Description:
    """What is served here."""
    roots, schemas = msgspec.json.schema_components([Published, Publication], ref_template=ref_template)
    before = "Only publications of commands before this one."
    overview = _operation("liabilities", "What the venue has published about what it owes", roots[0])
    overview["parameters"] = [_parameter("before", "query", before)]
    one = _operation("liabilities_of", "One publication in full", roots[1])
    one["parameters"] = [_parameter("sequence", "path", "The last command that it counts.")]
    one["responses"]["404"] = {"description": "There is none.", "content": _PLAIN}
    return Description({PATH: {"get": overview}, f"{PATH}/{{sequence}}": {"get": one}}, schemas)


def _operation(name: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": [TAG],
        "security": [],
        "responses": {
            "200": {"description": f"{summary}.", "content": content},
            "429": {"description": "Too many requests from one address.", "content": _PLAIN},
            "503": {"description": "Too many ask.", "content": _PLAIN},
        },
    }


def _parameter(name: str, place: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": text,
        "schema": {"type": "integer", "minimum": 0},
        "example": 4711,
    }


def _number(text: str) -> int | None:
    return int(text) if len(text) <= _MAX_DIGITS and text.isascii() and text.isdigit() else None


def _json(value: Any, endpoint: str) -> Response:
    return Response(msgspec.json.encode(value), headers=_HEADERS, endpoint=endpoint)
