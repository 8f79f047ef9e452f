"""Margin loans, liquidity pools and futures: refused by one table, after the door, and never in part."""

from openbourse.wire.coinex import unavailable
from openbourse.wire.coinex.endpoints import ENDPOINTS
from tests.wire.coinex.bench import Bench

ORDER = b'{"market":"BTCUSDT","market_type":"FUTURES","side":"buy","type":"limit","amount":"1","price":"1"}'
UNAVAILABLE = {"code": 4001, "data": {}, "message": "service unavailable"}


async def test_the_services_are_unavailable(bench: Bench) -> None:
    before, sequence = bench.fingerprint(), bench.venue.exchange.sequence
    for endpoint in unavailable.ENDPOINTS:
        assert endpoint in ENDPOINTS
        body = ORDER if endpoint.method == "POST" else b""
        headers = bench.alice.headers(endpoint.method, endpoint.path, body)
        answer = await bench.call(endpoint.method, endpoint.path, body, headers)
        assert (answer.status, answer.json) == (200, UNAVAILABLE), endpoint.path
        unsigned = (await bench.call(endpoint.method, endpoint.path, body)).code
        assert unsigned == (4001 if endpoint.access == "public" else 4005), endpoint.path
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
