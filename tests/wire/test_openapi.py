"""The description fits the table of endpoints, and itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from openbourse.venue.front import VenueFront
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue
from openbourse.wire import openapi
from openbourse.wire.application import application
from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.errors import Code
from openbourse.wire.coinex.unavailable import is_unavailable
from openbourse.wire.coinw import openapi as coinw
from openbourse.wire.coinw.app import PATHS as COINW_PATHS
from openbourse.wire.coinw.settings import CoinwSettings
from tests.wire.calling import call

DOCUMENT = openapi.document()
OPERATIONS = {
    (method.upper(), path): operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
SERVICE = {"/livez", "/readyz", "/liabilities", "/openapi.json", "/asyncapi.json", "/docs"}
NUMBERED = {"/liabilities/{sequence}"}


def each(part: Any) -> Iterator[dict[str, Any]]:
    """All objects in a document."""
    if isinstance(part, list):
        for inner in part:
            yield from each(inner)
    elif isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from each(inner)


def of(endpoint: AnyEndpoint) -> dict[str, Any]:
    found: dict[str, Any] = OPERATIONS[endpoint.method, endpoint.path]
    return found


def test_every_route_is_described_and_nothing_else() -> None:
    routes = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert {key for key in OPERATIONS if key[1] not in SERVICE | NUMBERED} == routes
    identifiers = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(identifiers)) == len(identifiers)


def test_all_references_lead_somewhere() -> None:
    for part in each(DOCUMENT):
        if "$ref" in part:
            target: Any = DOCUMENT
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            assert target


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_operation_says_what_the_table_says(endpoint: AnyEndpoint) -> None:
    operation = of(endpoint)
    signed: list[Any] = [{"key": [], "signature": [], "timestamp": []}]
    assert operation["security"] == ([] if endpoint.access == "public" else signed)
    if endpoint.method == "GET":
        described = {parameter["name"]: parameter["required"] for parameter in operation["parameters"]}
    else:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        described = {name: name in schema.get("required", ()) for name in schema["properties"]}
    fields = msgspec.structs.fields(endpoint.params)
    assert described == {field.encode_name: field.required for field in fields}
    assert ("x-rate-limit" in operation) == (endpoint.group is not None)
    assert ("answers 4001" in operation["description"]) == is_unavailable(endpoint)
    assert "§" not in operation["description"]


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_examples_are_examples(key: tuple[str, str]) -> None:
    """Everything that carries an example also has the schema that the example fits."""
    operation = OPERATIONS[key]
    found = [part for part in each(operation) if "example" in part and "schema" in part]
    for part in found:
        schema = {**part["schema"], "components": DOCUMENT["components"]}
        jsonschema_rs.validator_for(schema).validate(part["example"])
    assert found or key[1] == "/openapi.json" or not operation.get("parameters")


def test_the_codes_are_all_there() -> None:
    refusal = DOCUMENT["components"]["schemas"]["Refusal"]["properties"]["code"]["enum"]
    assert set(refusal) == {int(code) for code in Code} - {0}
    assert set(DOCUMENT["x-error-codes"]) == {str(int(code)) for code in Code}


def test_nothing_internal_is_named() -> None:
    text = openapi.text().decode()
    for inside in ("openbourse.wire", "UnsetType", ".md", "§"):
        assert inside not in text, inside


async def test_it_is_served(tmp_path: Path) -> None:
    venue = Venue.open(VenueOptions(tmp_path, mode="sandbox"))
    try:
        both = await call(application(VenueFront(venue), coinw=CoinwSettings()), "GET", "/openapi.json")
        assert both.json == openapi.document(with_coinw=True)
        app = application(VenueFront(venue))
        answer = await call(app, "GET", "/openapi.json")
        assert answer.json == DOCUMENT
        assert answer.headers["content-type"].startswith("application/json")
        for path in SERVICE - {"/openapi.json"}:
            assert (await call(app, "GET", path)).status in (200, 503), path
            assert ("GET", path) in OPERATIONS, path
    finally:
        venue.close()


def test_the_other_protocol_is_described_where_it_is_served() -> None:
    both = openapi.document(with_coinw=True)
    assert set(both["paths"]) - set(DOCUMENT["paths"]) == {coinw.PATH}
    assert coinw.PATH in COINW_PATHS
    for operation in both["paths"][coinw.PATH].values():
        assert {"trade", "getSymbol"} <= set(operation["parameters"][0]["schema"]["enum"])
