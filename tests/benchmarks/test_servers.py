"""The servers that are measured, and those that they are measured beside, do what they are said to do."""

import gzip
import http.client
import json
import sys
from pathlib import Path

import pytest
import websockets.sync.client

from benchmarks import plain_demo
from benchmarks.empty_server import constant
from benchmarks.fanout_clients import allow_files
from benchmarks.fanout_server import SUBSCRIPTIONS
from benchmarks.http_steady import turned_away
from benchmarks.http_wrk import read
from benchmarks.load import Plan, Script
from benchmarks.servers import cpu_seconds, empty_handler, loop_seconds, resident_bytes, running
from openbourse.wire.coinex.errors import Code
from openbourse.wire.http.server import HttpServer


def test_the_empty_handler_checks_signatures_and_answers_constants(tmp_path: Path) -> None:
    with empty_handler(tmp_path) as empty:
        connection = http.client.HTTPConnection("127.0.0.1", empty.port, timeout=30)
        connection.request("GET", "/v2/spot/ticker?market=BTCUSDT&bytes=247")
        answer = connection.getresponse().read()
        assert len(answer) == 247
        assert json.loads(answer)["code"] == 0
        signed = Script(Plan(empty.port, empty.keys, "resting", 0.0), 0).next_request()
        forged = signed.replace(b'"amount":"0.0001', b'"amount":"0.0002')
        for request, status in ((signed, 200), (forged, 500)):
            connection = http.client.HTTPConnection("127.0.0.1", empty.port, timeout=30)
            connection.connect()
            connection.sock.sendall(request)
            assert connection.sock.recv(4_096).split()[1] == b"%d" % status
        assert cpu_seconds(empty.process) >= loop_seconds(empty.process) > 0
        assert resident_bytes(empty.process) > 1_000_000


@pytest.mark.parametrize("size", [100, 195, 1_074])
def test_a_constant_has_the_size_that_was_asked_for(size: int) -> None:
    assert len(constant(size)) == size


def test_the_fan_out_server_is_one_that_a_client_can_use(tmp_path: Path) -> None:
    port, url = tmp_path / "port", "ws://127.0.0.1:{}/v2/spot"
    command = [sys.executable, "-m", "benchmarks.fanout_server", "venue", str(port), str(tmp_path / "record")]
    with (
        running(command, port),
        # What is pushed meanwhile stays unread, so a farewell would wait in vain.
        websockets.sync.client.connect(url.format(port.read_text()), close_timeout=0.1) as client,
    ):
        for number, (method, params) in enumerate(SUBSCRIPTIONS):
            client.send(json.dumps({"method": method, "params": params, "id": number}))
        methods: set[str] = set()
        while not {"depth.update", "deals.update", "state.update"} <= methods:
            message = client.recv(timeout=30)
            assert isinstance(message, bytes)
            methods.add(json.loads(gzip.decompress(message)).get("method"))


def test_files_are_allowed_as_far_as_may_be() -> None:
    assert allow_files(10) == 10


def test_the_plain_demo_has_no_direct_path(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = HttpServer.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "direct", True)
    plain_demo.take_the_plain_path()
    assert HttpServer(None)._server._direct is None


def test_the_markets_own_answers_turn_nobody_away() -> None:
    market = {int(Code.ORDER_NOT_FOUND): 5, int(Code.NO_LIQUIDITY): 2}
    assert turned_away(market) == 0
    assert turned_away(market | {int(Code.BUSY): 3, 0: 1}) == 4


def test_what_wrk_says_is_read_among_its_own_words() -> None:
    line = '{"seconds":2.0,"requests":101,"refused":1,"broken":0,"p50":1,"p99":2.5,"p999":3,"max":4}'
    found = read(f"Running 2s test\nmeasured: {line}\n  1 threads\n")
    assert found.per_second == 50
    assert found.p99 == 2.5
