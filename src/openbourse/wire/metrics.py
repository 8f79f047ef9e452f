"""The metrics of everything that serves: `GET /metrics` in the text form that Prometheus reads.

Families are made on the event loop, where nothing changes meanwhile; turning them into text, the longer part,
happens in another thread.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from openbourse import __version__
from openbourse.venue.metrics import VenueMetrics
from openbourse.venue.venue import Venue
from openbourse.wire.coinex.ws.counters import Counters
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.connection import Connection
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import NOT_FOUND, Nobody, Router
from openbourse.wire.http.tls import Tls
from openbourse.wire.http.traffic import Barred, Traffic
from openbourse.wire.metric_parts import MetricPart, decode_parts, merged, parts_of

# By the path that an endpoint's name holds.
_DIALECTS: Final = {"/v2/": "coinex", "/appApi": "coinw"}


GatewayMetrics = Callable[[], Awaitable[Mapping[str, bytes]]]


class ServerMetrics:
    """What one process measures of the clients that it serves."""

    def __init__(
        self, traffic: Traffic, websockets: WebSocketService | None = None, tls: Tls | None = None
    ) -> None:
        self._traffic = traffic
        self._websockets = websockets
        self._tls = tls

    def families(self) -> Iterator[Metric]:
        """Everything, as of now."""
        yield from _http(self._traffic)
        yield CounterMetricFamily(
            "openbourse_http_connections_turned_away",
            "Connections closed at once since there were too many.",
            Connection.turned_away,
        )
        if self._websockets is not None:
            yield from _websockets(self._websockets.connected, self._websockets.hub.desk.counters)
        if self._tls is not None:
            yield GaugeMetricFamily(
                "openbourse_certificate_expiry_seconds",
                "When the TLS certificate in use runs out, in Unix time.",
                self._tls.expires_at / 1000,
            )

    def parts(self) -> list[MetricPart]:
        """As `families`, with those of the process, for the page of another process."""
        return parts_of([*self.families(), *ProcessCollector(registry=None).collect()])


class MetricsPage(Nobody):
    """Serves the metrics of one venue. Also a dialect, see there."""

    def __init__(
        self, venue: Venue, server: ServerMetrics | None = None, gateways: GatewayMetrics | None = None
    ) -> None:
        """`server` is what this process serves to clients, `gateways` asks those that serve them instead.

        With gateways every sample says by the label `process` whose it is.
        """
        self._venue = VenueMetrics(venue)
        self._server = server
        self._gateways = gateways
        self._process = ProcessCollector(registry=None)

    def application(self) -> Application:
        """`/metrics` alone, for a server of its own."""
        return Application(Router({"/metrics": self}))

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        if request.path != "/metrics":
            return NOT_FOUND
        families = list(self.families())
        if self._gateways is not None:
            measured = {"engine": parts_of(families)}
            for name, parts in sorted((await self._gateways()).items()):
                measured[name] = decode_parts(parts)
            families = merged(measured)
        text = await asyncio.to_thread(_as_text, families)
        return Response(text, content_type=CONTENT_TYPE_LATEST.encode())

    def families(self) -> Iterator[Metric]:
        """Everything that is measured, as of now."""
        build = GaugeMetricFamily("openbourse_build_info", "The version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        yield from self._venue.families()
        if self._server is not None:
            yield from self._server.families()
        yield from self._process.collect()


class _Families(Collector):
    """Families that exist already, as prometheus-client wants to be given them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _as_text(families: list[Metric]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(families))
    return generate_latest(registry)


def _dialect(endpoint: str) -> str:
    return next((name for path, name in _DIALECTS.items() if path in endpoint), "none")


def _http(traffic: Traffic) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "openbourse_http_requests",
        "HTTP requests answered, by the protocol's code or the HTTP status.",
        labels=["dialect", "endpoint", "code"],
    )
    seconds = HistogramMetricFamily(
        "openbourse_http_request_seconds",
        "From the head of a request to its answer.",
        labels=["dialect", "endpoint"],
    )
    for name, seen in sorted(traffic.endpoints.items()):
        labels = [_dialect(name), name]
        for code, count in sorted(seen.codes.items()):
            requests.add_metric([*labels, code], count)
        seconds.add_metric(labels, buckets=seen.seconds.cumulated(), sum_value=seen.seconds.total)
    yield requests
    yield seconds
    yield _barred("openbourse_auth_failures", "Requests whose signer was not let in.", "auth", traffic.barred)
    yield _barred("openbourse_rate_limit_refusals", "Requests over a rate limit.", "limit", traffic.barred)
    yield CounterMetricFamily(
        "openbourse_http_failures", "Bugs: exceptions that no protocol answered.", traffic.failures
    )


def _barred(name: str, meaning: str, reason: str, barred: dict[Barred, int]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=["dialect", "endpoint", "code"])
    for key, count in sorted(barred.items()):
        if key.reason == reason:
            family.add_metric([_dialect(key.endpoint), key.endpoint, key.code], count)
    return family


def _websockets(connected: int, counters: Counters) -> Iterator[Metric]:
    yield GaugeMetricFamily("openbourse_websockets", "WebSockets that are open.", connected)
    for name, meaning, count in (
        ("opened", "WebSockets opened.", counters.opened),
        ("refused", "WebSocket handshakes refused for a limit.", counters.refused),
        ("requests", "Requests over WebSocket.", counters.requests),
        ("errors", "Requests over WebSocket that were refused.", counters.errors),
        ("messages_encoded", "Messages made, each once for all who get it.", counters.encoded),
        ("messages_delivered", "Messages handed to connections.", counters.delivered),
        ("messages_conflated", "Messages dropped for a newer state.", counters.conflated),
    ):
        yield CounterMetricFamily(f"openbourse_websocket_{name}", meaning, count)
    closed = CounterMetricFamily(
        "openbourse_websocket_closes", "WebSockets that the server closed, by close code.", labels=["code"]
    )
    for code, count in sorted(counters.closed.items()):
        closed.add_metric([str(int(code))], count)
    yield closed
