"""The description of this protocol over HTTP (OpenAPI 3.1), made from the endpoints and their types."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.errors import MESSAGES, Code
from openbourse.wire.coinex.openapi_examples import example
from openbourse.wire.coinex.params import Paged
from openbourse.wire.coinex.unavailable import is_unavailable

Json = dict[str, Any]

REF: Final = "#/components/schemas/{name}"
NOT_OFFERED: Final = "Not offered yet"

SECURITY_SCHEMES: Final[Json] = {
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-COINEX-KEY",
        "description": "The access id of the API key.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-COINEX-SIGN",
        "description": "Hex HMAC-SHA256, under the key's secret, of method + path with query + body + "
        "timestamp.",
    },
    "timestamp": {
        "type": "apiKey",
        "in": "header",
        "name": "X-COINEX-TIMESTAMP",
        "description": "Unix time in milliseconds. The request is refused (4010) when it is more than 5 "
        "seconds old, or more than X-COINEX-WINDOWTIME milliseconds where that header is sent.",
    },
}

GUIDE: Final = """\
Every answer is HTTP 200 with `{"code", "data", "message"}`; code 0 is success. Amounts, prices and rates are
decimal text, times are Unix milliseconds. Requests are read liberally: decimals may be JSON numbers, whole
numbers and flags may be text, and `null` or `""` mean that a parameter was not given.
"""

_TITLES: Final = {
    "common": "Common",
    "spot_markets": "Spot: markets",
    "spot_klines": "Spot: markets",
    "spot_orders": "Spot: orders",
    "spot_queries": "Spot: orders",
    "spot_stops": "Spot: stop orders",
    "spot_deals": "Spot: deals",
    "account": "Account",
    "liabilities": "Liabilities",
    "referral": "Referral",
    "futures": "Futures",
    "futures_settings": "Futures",
}
_BY_PATH: Final = {"/v2/account/subs": "Sub-accounts", "/v2/assets": "Assets", "/v2/futures": "Futures"}
_ACCESS: Final = {
    "public": "",
    "read": "Needs a key.",
    "trade": "Needs a key that may trade.",
    "withdraw": "Needs a key that may withdraw.",
}
REQUEST_ID: Final = "x-request-id"
_HEADERS: Final[Json] = {
    name: {"description": text, "schema": {"type": kind}}
    for name, text, kind in (
        (REQUEST_ID, "Tells this request from all others in the log.", "string"),
        ("X-RateLimit-Limit", "Requests per second in this group.", "integer"),
        ("X-RateLimit-Remaining", "How many are left now.", "integer"),
    )
}
_TOO_MANY: Final[Json] = {
    "description": "Too many requests from this address.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
# References of our own documentation, which a reader of the page does not have at hand.
_SECTION_MARKS: Final = re.compile(r" ?\((?:[\w.-]+ )?§[^)]*\)")


def description(*, offered_only: bool = False) -> tuple[Json, Json]:
    """Paths, and the components that they refer to."""
    endpoints = [endpoint for endpoint in ENDPOINTS if not (offered_only and is_unavailable(endpoint))]
    schemas = _Schemas(endpoints)
    paths: Json = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    found = {**schemas.components, "Refusal": _refusal(), "FailedItem": _failed_item()}
    used = _referred(paths, found)
    return paths, {
        "schemas": {name: schema for name, schema in found.items() if name in used},
        "headers": _HEADERS,
        "responses": {"TooManyRequests": _TOO_MANY},
        "securitySchemes": SECURITY_SCHEMES,
    }


def _referred(part: Any, schemas: Json) -> set[str]:
    """The names of all schemas that are referred to, directly or by way of others."""
    found: set[str] = set()
    open_ends = [part]
    while open_ends:
        part = open_ends.pop()
        if isinstance(part, list):
            open_ends.extend(part)
        elif isinstance(part, dict):
            open_ends.extend(part.values())
            name = str(part.get("$ref", "")).removeprefix(REF.format(name=""))
            if name in schemas and name not in found:
                found.add(name)
                open_ends.append(schemas[name])
    return found


class _Schemas:
    """JSON schemas of all types in the table, by type."""

    def __init__(self, endpoints: list[AnyEndpoint]) -> None:
        types = list(dict.fromkeys(kind for endpoint in endpoints for kind in _types(endpoint)))
        roots, components = msgspec.json.schema_components(types, ref_template=REF)
        self._roots = dict(zip(map(repr, types), roots, strict=True))
        self.components: Json = {name: _polished(schema) for name, schema in components.items()}

    def of(self, kind: Any) -> Json:
        """The schema of a type; structs by reference."""
        found: Json = self._roots[repr(kind)]
        return found

    def inlined(self, kind: Any) -> Json:
        """The schema of a struct itself."""
        name = self.of(kind)["$ref"].rpartition("/")[2]
        found: Json = self.components[name]
        return found


def _types(endpoint: AnyEndpoint) -> Iterator[Any]:
    yield endpoint.params
    yield endpoint.result
    if endpoint.items is not None:
        yield endpoint.items


def _polished(schema: Any) -> Any:
    """Without what only this program's own decoder needs."""
    if isinstance(schema, dict):
        polished = {name: _polished(value) for name, value in schema.items()}
        if isinstance(pattern := polished.get("pattern"), str):
            polished["pattern"] = pattern.replace(r"$(?!\n)", "$")
        if isinstance(text := polished.get("description"), str):
            polished["description"] = _SECTION_MARKS.sub("", text)
        return polished
    return [_polished(part) for part in schema] if isinstance(schema, list) else schema


def _operation(endpoint: AnyEndpoint, schemas: _Schemas) -> Json:
    operation: Json = {
        "operationId": _identifier(endpoint),
        "summary": _summary(endpoint),
        "description": _text(endpoint) or _summary(endpoint),
        "tags": [_tag(endpoint)],
        "responses": _responses(endpoint, schemas),
        "security": [] if endpoint.access == "public" else [{name: [] for name in SECURITY_SCHEMES}],
        "x-access": endpoint.access,
    }
    if endpoint.group is not None:
        operation["x-rate-limit"] = {"group": endpoint.group.title, "per-second": endpoint.group.rate}
    schema = schemas.inlined(endpoint.params)
    if endpoint.items is not None:
        schema = _with_items(schema, schemas.of(endpoint.items))
    if endpoint.method == "GET":
        operation["parameters"] = _parameters(schema)
    else:
        body = {"schema": schema, "example": example(schema, schemas.components)}
        operation["requestBody"] = {"required": True, "content": {"application/json": body}}
    return operation


def _identifier(endpoint: AnyEndpoint) -> str:
    """A name for generated code: `get_spot_orderStatus`."""
    segments = endpoint.path.removeprefix("/v2/").split("/")
    words = [re.sub(r"-(\w)", lambda found: found[1].upper(), segment) for segment in segments]
    return "_".join([endpoint.method.lower(), *words])


def _summary(endpoint: AnyEndpoint) -> str:
    words = endpoint.path.removeprefix("/v2/").replace("-", " ").replace("/", ": ", 1).replace("/", ", ")
    return words[:1].upper() + words[1:]


def _text(endpoint: AnyEndpoint) -> str:
    """What the handler says of itself, and who may call."""
    if is_unavailable(endpoint):
        return f"Not offered yet: answers 4001. {_ACCESS[endpoint.access]}".strip()
    parts = [
        _SECTION_MARKS.sub("", " ".join((endpoint.handler.__doc__ or "").split())),
        _ACCESS[endpoint.access],
        "For main accounts only." if endpoint.main_only else "",
        f"A sub-account needs the permission {endpoint.permission}." if endpoint.permission else "",
        "A page of rows; `limit` is clamped to the endpoint's most."
        if endpoint.form == "page" and issubclass(endpoint.params, Paged)
        else "",
        "Each item succeeds or fails by itself." if "batch" in endpoint.form else "",
    ]
    aliases = ", ".join(f"`{other}` for `{field}`" for other, field in endpoint.params.aliases.items())
    parts.append(f"Also read: {aliases}." if aliases else "")
    return " ".join(part for part in parts if part)


def _tag(endpoint: AnyEndpoint) -> str:
    if is_unavailable(endpoint):
        return NOT_OFFERED
    module = endpoint.handler.__module__.rpartition(".")[2]
    if module in _TITLES:
        return _TITLES[module]
    return next((title for path, title in _BY_PATH.items() if endpoint.path.startswith(path)), "Other")


def _parameters(schema: Json) -> list[Json]:
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_null(kind),
            **({"example": example_of} if (example_of := example(kind, {}, name)) is not None else {}),
        }
        for name, kind in schema.get("properties", {}).items()
    ]


def _without_null(kind: Json) -> Json:
    """A query has no null: a parameter is there or not."""
    others = [part for part in kind.get("anyOf", ()) if part != {"type": "null"}]
    if len(others) != 1:
        return {name: value for name, value in kind.items() if value is not None}
    return others[0] if kind.get("default") is None else {**others[0], "default": kind["default"]}


def _with_items(schema: Json, items: Json) -> Json:
    """A batch: its one list holds items of that kind, each of which may be wrong by itself."""
    (field,) = schema["properties"]
    return {**schema, "properties": {field: {**schema["properties"][field], "items": items}}}


# -- answers ---------------------------------------------------------------------------------------


def _responses(endpoint: AnyEndpoint, schemas: _Schemas) -> Json:
    shown = example(success := _success(endpoint, schemas), schemas.components)
    names = [name for name in _HEADERS if endpoint.group is not None or name == REQUEST_ID]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    schema: Json = {"oneOf": [success, {"$ref": REF.format(name="Refusal")}]}
    if is_unavailable(endpoint):
        schema = {"$ref": REF.format(name="Refusal")}
        shown = {"code": int(Code.UNAVAILABLE), "data": {}, "message": MESSAGES[Code.UNAVAILABLE]}
    return {
        "200": {
            "description": "The result, or a refusal: `code` tells.",
            "headers": headers,
            "content": {"application/json": {"schema": schema, "example": shown}},
        },
        "429": {"$ref": "#/components/responses/TooManyRequests"},
    }


def _success(endpoint: AnyEndpoint, schemas: _Schemas) -> Json:
    result = schemas.of(endpoint.result)
    if endpoint.form == "plain":
        return _envelope(result)
    if endpoint.form == "page":
        pagination = {
            "type": "object",
            "properties": {
                "total": {"type": "integer", "description": "Of all rows that match; not everywhere."},
                "has_next": {"type": "boolean"},
            },
            "required": ["has_next"],
        }
        page = _envelope({"type": "array", "items": result})
        page["properties"] |= {"pagination": pagination}
        page["required"] = [*page["required"], "pagination"]
        if endpoint.misspelt:
            page["properties"] |= {"paginatation": pagination}
            page["required"] = [*page["required"], "paginatation"]
        return page
    item = _envelope(result)
    if endpoint.form == "flat batch":
        item["properties"] = {**schemas.inlined(endpoint.result)["properties"], **item["properties"]}
    return _envelope({"type": "array", "items": {"oneOf": [item, {"$ref": REF.format(name="FailedItem")}]}})


def _envelope(data: Json) -> Json:
    return {
        "type": "object",
        "properties": {"code": {"const": 0}, "data": data, "message": {"const": "OK"}},
        "required": ["code", "data", "message"],
    }


def _refusal() -> Json:
    refused = _failed_item()
    refused["properties"]["data"] = {"type": "object", "properties": {}}
    refused["description"] = "Why nothing was done."
    return refused


def _failed_item() -> Json:
    codes = [int(code) for code in MESSAGES if code is not Code.OK]
    return {
        "title": "FailedItem",
        "description": "Why this item of a batch was not carried out.",
        "type": "object",
        "properties": {
            "code": {"enum": sorted(codes)},
            "data": {"type": "null"},
            "message": {"type": "string"},
        },
        "required": ["code", "data", "message"],
    }


def error_codes() -> dict[str, str]:
    """Every code that is sent, and its usual text."""
    return {str(int(code)): text for code, text in sorted(MESSAGES.items())}
