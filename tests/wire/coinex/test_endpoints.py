"""Every endpoint answers in the shape of the reference, and in the shape that the table declares."""

import msgspec
import pytest

from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.unavailable import is_unavailable
from tests.wire.calling import Answer
from tests.wire.coinex import samples
from tests.wire.coinex.all_scenes import SCENES, populate
from tests.wire.coinex.bench import Bench

SERVED = [endpoint for endpoint in ENDPOINTS if not is_unavailable(endpoint)]


@pytest.mark.parametrize("endpoint", SERVED, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
async def test_answers_as_the_reference_and_the_table_say(bench: Bench, endpoint: AnyEndpoint) -> None:
    await populate(bench)
    expected, ask = SCENES[endpoint.method, endpoint.path.removeprefix("/v2")]
    answer = await ask(bench)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.message == "OK"
    assert samples.shape(answer.data) == samples.shape(expected)
    assert ("pagination" in answer.json) == (endpoint.form == "page")
    _check_declared(endpoint, answer)


def _check_declared(endpoint: AnyEndpoint, answer: Answer) -> None:
    """The type of the table knows every field that was sent, and no more than might be."""
    data = answer.data
    if endpoint.form == "plain":
        data, kinds = [data], [endpoint.result]
    else:
        kinds = [endpoint.result] * len(data)
    if "batch" in endpoint.form:
        data = [item["data"] for item in data]
    for value, kind in zip(data, kinds, strict=True):
        known = msgspec.json.encode(msgspec.convert(value, kind))
        assert msgspec.json.decode(known) == value


def test_every_endpoint_has_a_scene() -> None:
    served = {(endpoint.method, endpoint.path.removeprefix("/v2")) for endpoint in SERVED}
    assert served == set(SCENES)
    assert len(served) == len(SERVED)
