"""Margin loans, liquidity pools and futures: refused by one table, after the door, and never in part."""

import pytest

from openbourse.wire.coinex import unavailable
from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.endpoints import ENDPOINTS
from tests.wire.coinex.bench import Bench

ORDER = b'{"market":"BTCUSDT","market_type":"FUTURES","side":"buy","type":"limit","amount":"1","price":"1"}'


@pytest.mark.parametrize(
    "endpoint", unavailable.ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}"
)
async def test_the_service_is_unavailable(bench: Bench, endpoint: AnyEndpoint) -> None:
    assert endpoint in ENDPOINTS
    before, sequence = bench.fingerprint(), bench.venue.exchange.sequence
    body = ORDER if endpoint.method == "POST" else b""
    headers = bench.alice.headers(endpoint.method, endpoint.path, body)
    answer = await bench.call(endpoint.method, endpoint.path, body, headers)
    assert answer.status == 200
    assert answer.json == {"code": 4001, "data": {}, "message": "service unavailable"}
    unsigned = (await bench.call(endpoint.method, endpoint.path, body)).code
    assert unsigned == (4001 if endpoint.access == "public" else 4005)
    assert (bench.fingerprint(), bench.venue.exchange.sequence) == (before, sequence)


def test_the_table_names_every_endpoint_of_the_modules() -> None:
    """account-assets.md B9-B12, B24-B27; futures.md has 51 endpoints, of which three are served."""
    named = [(endpoint.method, endpoint.path.removeprefix("/v2")) for endpoint in unavailable.ENDPOINTS]
    assert len(named) == len(set(named)) == 8 + 51 - 3
    served = {endpoint.path.removeprefix("/v2") for endpoint in ENDPOINTS} - {path for _, path in named}
    assert [path for path in served if path.startswith("/futures/")] == ["/futures/market"]


async def test_the_market_list_of_futures_is_empty(bench: Bench) -> None:
    """Clients ask for it before anything else: it must not fail."""
    assert (await bench.get("/futures/market")).data == []
