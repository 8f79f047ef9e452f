"""Two hundred requests for the same whole balance at once, over sockets: one of them gets it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from openbourse.core.invariants import violations
from openbourse.core.units import MONEY_UNIT
from openbourse.wire.http.server import HttpServer
from tests.wire.coinex.bench import FUNDS, Bench, Client, address_outside

REQUESTS = 200
CONNECTIONS = 8
ALL = FUNDS["USDT"]
SPOT = {"from_account_type": "SPOT", "ccy": "USDT", "amount": str(ALL)}

# Every way by which the whole balance can leave the spot account.
OUT: dict[str, tuple[str, dict[str, Any]]] = {
    "on chain": (
        "/assets/withdraw",
        {"ccy": "USDT", "chain": "TRC20", "amount": f"{ALL - 3}.6", "to_address": address_outside()},
    ),
    "to bob": (
        "/assets/withdraw",
        {"ccy": "USDT", "withdraw_method": "inter_user", "amount": str(ALL), "to_address": "bob"},
    ),
    "to futures": ("/assets/transfer", SPOT | {"to_account_type": "FUTURES"}),
    "to desk": ("/account/subs/transfer", SPOT | {"to_account_type": "SPOT", "to_user_name": "desk"}),
}


@pytest.fixture
async def server(bench: Bench) -> AsyncIterator[HttpServer]:
    bench.allow(bench.alice, address_outside())
    bench.allow(bench.alice, "bob", "")
    assert (await bench.alice.post("/account/subs", sub_user_name="desk")).code == 0
    async with HttpServer(bench.app) as server:
        yield server


async def ask(session: aiohttp.ClientSession, client: Client, path: str, params: dict[str, Any]) -> int:
    body, target = msgspec.json.encode(params), f"/v2{path}"
    async with session.post(target, data=body, headers=client.headers("POST", target, body)) as answer:
        assert answer.status == 200
        code: int = (await answer.json())["code"]
        return code


async def race(server: HttpServer, client: Client, ways: list[str]) -> list[str]:
    """The ways that won, when all of them are tried at once, in turns, on several connections."""
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(server.url, connector=connector) as session:
        tried = [ways[number % len(ways)] for number in range(REQUESTS)]
        codes = await asyncio.gather(*(ask(session, client, *OUT[way]) for way in tried))
    assert Counter(codes) == {0: 1, 3109: REQUESTS - 1}
    return [way for way, code in zip(tried, codes, strict=True) if code == 0]


def total(bench: Bench) -> int:
    """All USDT of everybody, in every wallet."""
    exchange = bench.venue.exchange
    return sum(
        sum(exchange.balances(user.id, wallet).get("USDT", (0, 0)))
        for user in bench.venue.accounts.users()
        for wallet in ("spot", "futures")
    )


@pytest.mark.parametrize("start", range(len(OUT) + 1), ids=[*OUT, "all of them"])
async def test_one_of_two_hundred_wins(bench: Bench, server: HttpServer, start: int) -> None:
    ways = list(OUT)[start : start + 1] or list(OUT)
    before = total(bench)
    (won,) = await race(server, bench.treasurer(bench.alice), ways)
    exchange, user = bench.venue.exchange, bench.alice.user.id
    held = (0, ALL * MONEY_UNIT) if won == "on chain" else (0, 0)
    assert exchange.balances(user, "spot")["USDT"] == held
    assert total(bench) == before
    assert violations(exchange) == []
    await bench.blocks(25)
    left = ALL * MONEY_UNIT if won == "on chain" else 0
    assert total(bench) == before - left
    assert exchange.balances(user, "spot")["USDT"] == (0, 0)
    assert violations(exchange) == []


async def test_one_cancel_wins_and_gives_the_money_back_once(bench: Bench, server: HttpServer) -> None:
    treasurer = bench.treasurer(bench.alice)
    path, params = OUT["on chain"]
    number = (await treasurer.post(path, **params)).data["withdraw_id"]
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(server.url, connector=connector) as session:
        cancels = [
            ask(session, treasurer, "/assets/cancel-withdraw", {"withdraw_id": number})
            for _ in range(REQUESTS)
        ]
        codes = await asyncio.gather(*cancels)
    assert Counter(codes) == {0: 1, 3639: REQUESTS - 1}
    assert bench.venue.exchange.balances(bench.alice.user.id, "spot")["USDT"] == (ALL * MONEY_UNIT, 0)
    assert violations(bench.venue.exchange) == []
