"""The OpenAPI 3.1 description of what is served over HTTP, made from the types that do the work."""

from functools import cache
from typing import Any, Final

import msgspec

from openbourse import __version__
from openbourse.wire import liabilities
from openbourse.wire.coinex import openapi as coinex
from openbourse.wire.coinw import openapi as coinw

Json = dict[str, Any]

VERSION: Final = "3.1.0"
SERVICE: Final = "Service"

_HEALTH: Final = {
    "/livez": ("Is the process alive?", "The event loop turns.", False),
    "/readyz": ("Can the venue take orders now?", "It can.", True),
}
_PAGES: Final = {
    "/openapi.json": ("This description", "An OpenAPI 3.1 document.", "application/json"),
    "/asyncapi.json": ("The WebSocket side", "An AsyncAPI 3 document.", "application/json"),
    "/docs": ("The reference to read", "One page that needs nothing from elsewhere.", "text/html"),
}


@cache
def document(*, with_coinw: bool = False) -> Json:
    """The whole description, with the paths of a protocol that not every venue serves. Do not change it."""
    paths, components = coinex.description()
    if with_coinw:
        paths |= coinw.paths()
    paths |= {path: _health(path) for path in _HEALTH}
    paths |= {path: _page(path) for path in _PAGES}
    published = liabilities.description(coinex.REF)
    paths |= published.paths
    components = {**components, "schemas": {**components["schemas"], **published.schemas}}
    tags = dict.fromkeys(operation["tags"][0] for path in paths.values() for operation in path.values())
    ordered = sorted(tags, key=lambda tag: (tag == coinex.NOT_OFFERED, tag == SERVICE))
    return {
        "openapi": VERSION,
        "info": {"title": "Openbourse", "version": __version__, "description": coinex.GUIDE},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in ordered],
        "paths": paths,
        "components": components,
        "x-error-codes": coinex.error_codes(),
    }


def text(*, with_coinw: bool = False) -> bytes:
    """The description as it is served."""
    return msgspec.json.encode(document(with_coinw=with_coinw))


def _health(path: str) -> Json:
    question, yes, may_refuse = _HEALTH[path]
    content = {"text/plain": {"schema": {"type": "string"}, "example": "ok\n"}}
    responses = {"200": {"description": yes, "content": content}}
    if may_refuse:
        no = {"text/plain": {"schema": {"type": "string"}, "example": "the disk is nearly full\n"}}
        responses["503"] = {"description": "It cannot; the body says why.", "content": no}
    return {"get": _service_operation(path, question, responses)}


def _page(path: str) -> Json:
    summary, description, kind = _PAGES[path]
    schema = {"type": "string"} if kind == "text/html" else {"type": "object"}
    responses = {"200": {"description": description, "content": {kind: {"schema": schema}}}}
    return {"get": _service_operation(path, summary, responses)}


def _service_operation(path: str, summary: str, responses: Json) -> Json:
    return {
        "operationId": path.strip("/").replace(".", "_"),
        "summary": summary,
        "tags": [SERVICE],
        "security": [],
        "responses": responses,
    }
