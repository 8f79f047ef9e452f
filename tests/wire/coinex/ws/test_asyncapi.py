import json
import re
from pathlib import Path
from typing import Any

import pytest

from openbourse import __version__
from openbourse.core import commands as c
from openbourse.core.units import MONEY_UNIT
from openbourse.wire.coinex.ws import asyncapi
from tests.wire.coinex.ws.world import World

KINDS: dict[str, type[Any]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
STORED = Path(__file__).resolve().parents[4] / "docs" / "reference" / "asyncapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asyncapi.text(__version__))
    return found


def test_the_stored_copy_is_current() -> None:
    command = "python -m openbourse.wire.coinex.ws.asyncapi > docs/reference/asyncapi.json"
    assert STORED.read_bytes() == asyncapi.text(__version__), f"run {command}"


def test_the_intervals_that_it_names_are_served(world: World) -> None:
    named = re.search(
        r"an interval of ([0-9., ]+[0-9])\.", asyncapi.document(__version__)["info"]["description"]
    )
    assert named is not None
    intervals = named[1].split(", ")
    assert len(intervals) == len(set(intervals)) == 17
    for interval in intervals:
        (push,) = world.client().depth("BTCUSDT", 5, interval, always_full=True)
        assert push["method"] == "depth.update"


def test_it_has_every_channel_of_the_endpoint(world: World) -> None:
    assert set(asyncapi.CHANNELS) == set(world.hub.spot)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref":\s*"(#/[^"]*)"', json.dumps(document)):
        node: Any = document
        for part in reference[2:].split("/"):
            node = node[part]
        assert node


def test_what_is_pushed_fits_the_description(world: World, document: dict[str, Any]) -> None:
    client = world.signed(1)
    for channel in asyncapi.CHANNELS:
        if channel == "depth":
            client.depth("BTCUSDT", 5, "0", always_full=True)
        elif channel != "notice":
            client.ask(f"{channel}.subscribe", {})
    world.place(2, "sell", "1", "10")
    world.place(1, "buy", "2", "10")
    world.stop(1, "buy", "1", "10", "20")
    world.tick(25)
    seen = client.take()
    for message in seen:
        payload = document["components"]["messages"][message["method"]]["payload"]
        _fits(message, payload, document)
    assert {message["method"] for message in seen} == {
        f"{channel}.update" for channel in asyncapi.CHANNELS if channel != "notice"
    }


def test_what_the_endpoint_for_futures_pushes_fits_too(world: World, document: dict[str, Any]) -> None:
    client = world.client("futures")
    client.sign(world.key(1))
    client.ask("balance.subscribe", {})
    world.do(c.Transfer(world.now, "t", 1, "spot", 1, "futures", "USDT", MONEY_UNIT))
    (message,) = client.take()
    assert "futures.balance.update" in document["channels"]["futures"]["messages"]
    _fits(message, document["components"]["messages"]["futures.balance.update"]["payload"], document)


def _fits(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    """A checker of the few keywords in use; unknown fields fail too."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    if "const" in schema:
        assert value == schema["const"]
        return
    kind: type[Any] = KINDS[schema["type"]]
    assert type(value) is kind, (value, schema)
    if schema["type"] == "object":
        assert set(value) == set(schema["required"]) == set(schema["properties"])
        for key, field in schema["properties"].items():
            _fits(value[key], field, document)
    elif schema["type"] == "array":
        for index, entry in enumerate(value):
            _fits(
                entry, schema["prefixItems"][index] if "prefixItems" in schema else schema["items"], document
            )
