"""A signed request of which one byte is changed is refused, unless it still says the very same.

What a request says is read here by other means than in the server: the standard library's.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.wire.coinw.bench import Bench, Client, open_bench

# What a change may lead to: another action, a malformed request, another key, a wrong signature.
REFUSALS = {10002, 10003, 10006, 10007}


class Held:
    """One venue for all examples, with an event loop that Hypothesis may call into."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._context = open_bench(folder)
        self.bench: Bench = self.loop.run_until_complete(self._context.__aenter__())
        self.client: Client = self.bench.alice

    def code(self, query: bytes) -> int:
        target = f"/appApi.html?{query.decode('latin-1')}"
        return self.loop.run_until_complete(self.bench.send("GET", target)).code

    def close(self) -> None:
        self.loop.run_until_complete(self._context.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    held = Held(tmp_path_factory.mktemp("tampering"))
    yield held
    held.close()


def meaning(query: bytes) -> object:
    """Action, parameters and signature; the documentation's question mark counts as an ampersand."""
    text = query.decode("latin-1")
    head, question, rest = text.partition("?")
    if question and head.startswith("action=") and "&" not in head:
        text = f"{head}&{rest}"
    pairs = dict.fromkeys((name, value) for name, value in parse_qsl(text, encoding="latin-1"))
    return sorted((name, value.upper() if name == "sign" else value) for name, value in pairs)


def requests(client: Client) -> list[bytes]:
    return [
        f"action={action}&{urlencode(client.signed(**params))}".encode()
        for action, params in (
            ("order", {"id": 880014527}),
            ("userinfo", {}),
            ("entrust", {"symbol": "BTC/USDT"}),
            # Nobody has as much, so that no example changes anything; 500 tells that the signature was right.
            ("trade", {"symbol": 78, "type": 0, "amount": "0.25", "price": "99999999.5"}),
        )
    ]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    which=st.integers(0, 3),
    at=st.integers(0, 10**6),
    byte=st.integers(0x21, 0x7E).filter(lambda byte: byte != ord("#")),
    how=st.sampled_from(["replace", "insert", "delete"]),
)
@example(which=0, at=12, byte=ord("?"), how="replace")
@example(which=0, at=12, byte=ord("%"), how="replace")
def test_one_changed_byte(held: Held, which: int, at: int, byte: int, how: str) -> None:
    query = requests(held.client)[which]
    at %= len(query)
    changed = query[:at] + (b"" if how == "delete" else bytes([byte])) + query[at + (how != "insert") :]
    code = held.code(changed)
    if meaning(changed) == meaning(query):
        assert code == held.code(query)
    else:
        assert code in REFUSALS, (query, changed)


def test_every_digit_of_every_signed_value(held: Held) -> None:
    """Exhaustive where it matters most: no value and no digit of the signature can be another."""
    query = requests(held.client)[0]
    start = query.index(b"id=")
    for at in range(start, len(query)):
        if query[at : at + 1].isdigit():
            other = b"1" if query[at : at + 1] != b"1" else b"2"
            name = query[: at + 1].rpartition(b"&")[2].partition(b"=")[0]
            code = held.code(query[:at] + other + query[at + 1 :])
            assert code == (10006 if name == b"api_key" else 10007)


def test_unchanged_they_pass(held: Held) -> None:
    assert [held.code(query) for query in requests(held.client)] == [200, 200, 200, 500]
