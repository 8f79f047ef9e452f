"""The metrics page: what happened is in it, who did it is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.tls import Tls
from openbourse.wire.metrics import MetricsPage, ServerMetrics
from tests.wire.calling import call
from tests.wire.coinex.bench import Bench, open_bench
from tests.wire.http.certificates import write_pair

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        yield bench


async def read(page: MetricsPage) -> Samples:
    answer = await call(page.application(), "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"openbourse_{name}", frozenset(labels.items())]


ORDER = {"dialect": "coinex", "endpoint": "POST /v2/spot/order"}


async def test_what_happened_is_counted(bench: Bench) -> None:
    page = MetricsPage(bench.venue, ServerMetrics(bench.app.traffic))
    await bench.alice.order("buy", "limit", "1", "100")
    await bench.alice.order("buy", "limit", "1", "100000000")
    await bench.call("POST", "/v2/spot/order", b"{}")
    await bench.get("/ping")
    await bench.get("/nothing/of/that/kind")
    samples = await read(page)
    assert value(samples, "http_requests_total", **ORDER, code="0") == 1
    assert value(samples, "http_requests_total", **ORDER, code="3109") == 1
    assert value(samples, "http_requests_total", dialect="none", endpoint="other", code="http_404") == 1
    assert value(samples, "auth_failures_total", **ORDER, code="4005") == 1
    assert value(samples, "http_request_seconds_count", **ORDER) == 3
    assert value(samples, "http_request_seconds_bucket", **ORDER, le="+Inf") == 3
    assert value(samples, "commands_total", kind="PlaceOrder", outcome="accepted") == 1
    assert value(samples, "commands_total", kind="PlaceOrder", outcome="insufficient_balance") == 1
    assert value(samples, "sequence") == bench.venue.exchange.sequence
    assert value(samples, "open_orders") == 1
    assert value(samples, "users") == 3
    assert value(samples, "ready") == 1
    assert value(samples, "batch_commands_count") == value(samples, "commit_seconds_count") > 0
    assert value(samples, "batch_commands_sum") == bench.venue.exchange.sequence
    assert value(samples, "commit_seconds_sum") > 0


async def test_limits_that_were_hit_are_counted(tmp_path: Path) -> None:
    async with open_bench(tmp_path, CoinexSettings()) as bench:
        for _ in range(12):
            await bench.alice.get("/account/trade-fee-rate", market="BTCUSDT", market_type="SPOT")
        samples = await read(MetricsPage(bench.venue, ServerMetrics(bench.app.traffic)))
        labels = {"dialect": "coinex", "endpoint": "GET /v2/account/trade-fee-rate", "code": "4213"}
        assert value(samples, "rate_limit_refusals_total", **labels) == 2


async def test_websockets_and_the_certificate(bench: Bench, tmp_path: Path) -> None:
    async with WebSocketService(bench.front) as websockets:
        counters = websockets.hub.desk.counters
        counters.opened, counters.delivered = 3, 7
        counters.closed[1001] = 2
        tls = Tls(*write_pair(tmp_path, "venue"))
        samples = await read(MetricsPage(bench.venue, ServerMetrics(bench.app.traffic, websockets, tls)))
    assert value(samples, "websockets") == 0
    assert value(samples, "websocket_opened_total") == 3
    assert value(samples, "websocket_messages_delivered_total") == 7
    assert value(samples, "websocket_closes_total", code="1001") == 2
    assert value(samples, "certificate_expiry_seconds") == tls.expires_at / 1000


async def test_nobody_is_named(bench: Bench) -> None:
    await bench.alice.order("buy", "limit", "1", "100", client_id="my-client-id")
    await bench.call("GET", "/v2/spot/pending-order", headers={"X-COINEX-KEY": "made-up-key"})
    await bench.call("GET", "/v2/secret-path?secret-query=1")
    page = MetricsPage(bench.venue, ServerMetrics(bench.app.traffic))
    answer = await call(page.application(), "GET", "/metrics")
    text = answer.body.decode()
    key = bench.alice.key
    for private in (key.secret, key.key_id, "my-client-id", "made-up-key", "secret-path", "secret-query"):
        assert private not in text
    assert "127.0.0.1" not in text


@pytest.mark.parametrize("path", ["/", "/metrics/x", "/v2/ping"])
async def test_there_is_nothing_else_on_that_port(bench: Bench, path: str) -> None:
    page = MetricsPage(bench.venue, ServerMetrics(bench.app.traffic))
    assert (await call(page.application(), "GET", path)).status == 404
