"""Requests made from the description, good and bad ones: no answer is a failure of ours or has another shape
than described, and whoever is refused has changed nothing.

Schemathesis makes the requests and judges the answers. They are asked in this process, over the whole ASGI
application, and signed like any client's; some of what it invents is replaced by things that exist, since
a market that it makes up never exists.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response

from openbourse.core import snapshot
from openbourse.wire import openapi
from openbourse.wire.coinex import openapi as coinex
from openbourse.wire.coinex.errors import Code
from tests.wire.calling import Answer
from tests.wire.coinex.all_scenes import populate
from tests.wire.coinex.bench import TRC20, Bench, address_outside, open_bench
from tests.wire.coinex.wallet_scenes import withdrawal

PREFIX = "/v2"
# Those about what is refused do not fit: here every refusal is HTTP 200 with a code.
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 10


def closed(part: Any) -> Any:
    """The same description, but objects have no fields besides those that are described."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: closed(value) for name, value in part.items()}
    if found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    return found


def description() -> dict[str, Any]:
    """Of the protocol alone: the answers closed, the requests as they are."""
    document = copy.deepcopy(openapi.document())
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith(PREFIX)}
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"] = closed(operation["responses"])
            operation["security"] = []  # signing is ours
    names = {name for name in document["components"]["schemas"] if not name.endswith("Params")}
    for name in names:
        document["components"]["schemas"][name] = closed(document["components"]["schemas"][name])
    return document


SCHEMA = schemathesis.openapi.from_dict(description())
OPERATIONS = {
    result.ok().label: result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok)
}
OFFERED = {
    label for label, operation in OPERATIONS.items() if coinex.NOT_OFFERED not in (operation.tags or ())
}


class Stage:
    """A venue in the middle of its life, and what happens on it."""

    def __init__(self, runner: asyncio.Runner, bench: Bench) -> None:
        self.runner = runner
        self.bench = bench
        self.known = self._known()
        self.accepted: set[str] = set()
        self.state = self.fingerprint()

    def _known(self) -> dict[str, list[Any]]:
        """Values of fields for which there is something."""
        exchange = self.bench.venue.exchange
        user = self.bench.alice.user.id
        orders = exchange.open_orders(user)
        stops = exchange.waiting_stops(user)
        return {
            "market": ["BTCUSDT", "ETHUSDT", "NOSUCH"],
            "market_type": ["SPOT"],
            "ccy": ["USDT", "BTC"],
            "order_id": [order.order_id for order in orders] or [1],
            "order_ids": [[order.order_id for order in orders] or [1]],
            "stop_id": [stop.stop_id for stop in stops] or [1],
            "client_id": [order.request.client_id for order in orders if order.request.client_id] or ["x"],
            "amount": ["0.01", "3", "1000000", "0"],
            "price": ["30000", "0.01"],
            "trigger_price": ["20000"],
            "interval": ["0", "0.01"],
            "period": ["1min", "1day"],
            "limit": [5, 50],
            "chain": [TRC20.name],
            "to_address": [address_outside()],
            "withdraw_method": ["on_chain"],
            "fee_ccy": ["USDT"],
            "memo": [""],
            "extra": [{}],
            "withdraw_id": [each.withdrawal_id for each in exchange.live_withdrawals()] or [1],
        }

    def fingerprint(self) -> object:
        """All state but the clock, the last id and what read sides remember."""
        state = msgspec.json.decode(snapshot.dump(self.bench.venue.exchange))
        accounts = self.bench.venue.accounts
        users = accounts.users()
        keys = [
            [(key.key_id, key.revoked, key.remark) for key in accounts.keys_of(user.id)] for user in users
        ]
        return {name: rows for name, rows in state.items() if name != "clock"}, users, keys

    def ask(self, case: Case[Any]) -> Answer:
        """Send a request as alice."""
        query = {} if isinstance(case.query, NotSet) else case.query or {}
        target = case.path + (f"?{urlencode(query, doseq=True)}" if query else "")
        body = b"" if isinstance(case.body, NotSet) else _encoded(case.body)
        headers = self.bench.alice.headers(case.method, target, body)
        return self.runner.run(self.bench.call(case.method, target, body, headers))


def _encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


@asynccontextmanager
async def _open(directory: Path) -> AsyncIterator[Bench]:
    async with open_bench(directory) as bench:
        await populate(bench)
        bench.allow(bench.alice, address_outside())
        bench.alice = bench.treasurer(bench.alice)
        await withdrawal(bench)
        yield bench


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        opening = _open(tmp_path_factory.mktemp("fuzz"))
        bench = runner.run(opening.__aenter__())
        try:
            yield Stage(runner, bench)
        finally:
            runner.run(opening.__aexit__(None, None, None))


def _with_known(case: Case[Any], known: dict[str, list[Any]], draw: Any) -> None:
    """Replace some of what was made up by what there is."""
    for given_fields in (case.query, case.body):
        if isinstance(given_fields, dict):
            for name in given_fields.keys() & known.keys():
                if draw(st.integers(0, 3)):
                    given_fields[name] = draw(st.sampled_from(known[name]))


def _judge(case: Case[Any], answer: Answer) -> None:
    """Schemathesis' own checks: status, content type, headers and shape are those described."""
    request = requests.Request(case.method, f"http://test{case.path}").prepare()
    headers = {name: [value] for name, value in answer.headers.items()}
    response = Response(answer.status, headers, answer.body, request, 0.0, verify=False)
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_described_is_what_happens(stage: Stage, label: str) -> None:
    operation = OPERATIONS[label]
    examples = EXAMPLES if label in OFFERED else 1
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.data())
    def check(case: Case[Any], data: st.DataObject) -> None:
        _with_known(case, stage.known, data.draw)
        answer = stage.ask(case)
        assert answer.code != Code.INTERNAL, answer.json
        _judge(case, answer)
        before, stage.state = stage.state, stage.fingerprint()
        if answer.code == Code.OK:
            stage.accepted.add(label)
        else:
            assert stage.state == before, answer.json

    check()


def test_the_requests_reach_what_they_ask_for(stage: Stage) -> None:
    """Judges the tests above: most endpoints were asked for something that they gave."""
    assert len(stage.accepted) > len(OFFERED) * 0.6, sorted(OFFERED - stage.accepted)
