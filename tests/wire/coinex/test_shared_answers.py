"""Shared answers: the same while nothing has changed, never a moment longer, and within their bounds."""

from typing import Final

import msgspec
import pytest

from openbourse.venue.front import VenueFront
from openbourse.wire.coinex import shared_answers
from openbourse.wire.coinex.app import CoinexApp
from openbourse.wire.coinex.desk import Call, Desk
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint, State
from openbourse.wire.coinex.errors import ApiError, unknown_market
from openbourse.wire.coinex.rate_limits import IP_RATE
from openbourse.wire.coinex.shared_answers import SharedAnswers
from openbourse.wire.coinex.spot_markets import Market, MarketsParams
from openbourse.wire.http.messages import Request
from openbourse.wire.http.router import TOO_MANY
from tests.wire.coinex.bench import MARKETS, START, Bench


class Board:
    """An endpoint whose answers are as long as the board says, and a count of how often it was asked."""

    def __init__(self) -> None:
        self.state = 1
        self.size = 1
        self.asked = 0
        self.endpoint: AnyEndpoint = Endpoint(
            "GET", "/board", MarketsParams, list[Market], self._answer, "public", state=self._state
        )

    async def ask(self, answers: SharedAnswers, bench: Bench, query: bytes = b"market=A") -> bytes:
        target = b"/v2/board?" + query
        request = Request("id", "GET", "/v2/board", target, query, {}, "127.0.0.1")
        known = answers.known(request)
        return (known or await answers.made(self.endpoint, Call(Desk(bench.front)), request)).body

    def _state(self, call: Call, params: MarketsParams) -> State:
        del call
        if params.market == "NOBODY":
            raise unknown_market("NOBODY")
        return lambda: self.state

    async def _answer(self, call: Call, params: MarketsParams) -> bytes:
        del call, params
        self.asked += 1
        return b"%d " % self.state + b"x" * self.size


async def test_the_same_words_get_the_same_answer_until_the_state_differs(bench: Bench) -> None:
    board, answers = Board(), SharedAnswers()
    first = await board.ask(answers, bench)
    assert await board.ask(answers, bench) is first
    assert await board.ask(answers, bench, b"market=B") is not first
    board.state = 2
    assert (await board.ask(answers, bench)).startswith(b"2 ")
    assert board.asked == 3
    board.state = 1
    assert (await board.ask(answers, bench)).startswith(b"1 ")


async def test_a_change_while_the_answer_is_made_is_not_missed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, answers = Board(), SharedAnswers()
    answer = board.endpoint.handler

    async def slow(call: Call, params: MarketsParams) -> bytes:
        body = await answer(call, params)
        board.state += 1
        return body

    monkeypatch.setattr(board.endpoint, "handler", slow)
    assert (await board.ask(answers, bench)).startswith(b"1 ")
    assert (await board.ask(answers, bench)).startswith(b"2 ")


async def test_a_refusal_is_not_kept(bench: Bench) -> None:
    board, answers = Board(), SharedAnswers()
    for _ in range(2):
        with pytest.raises(ApiError, match="NOBODY"):
            await board.ask(answers, bench, b"market=NOBODY")
    assert board.asked == 0


async def test_only_so_much_is_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_answers, "MAX_KEPT", 3)
    monkeypatch.setattr(shared_answers, "MAX_BYTES", 1_000)
    board, answers = Board(), SharedAnswers()

    async def is_kept(query: bytes) -> bool:
        before = board.asked
        await board.ask(answers, bench, query)
        return board.asked == before

    for name in b"ABC":
        await board.ask(answers, bench, b"market=%c" % name)
    assert await is_kept(b"market=A")
    await board.ask(answers, bench, b"market=D")
    assert not await is_kept(b"market=A")  # the oldest had to go
    board.size = 900
    await board.ask(answers, bench, b"market=E")
    await board.ask(answers, bench, b"market=F")
    assert await is_kept(b"market=F")
    assert not await is_kept(b"market=E")
    long = b"market=" + b"A" * 400
    assert not await is_kept(long)
    assert not await is_kept(long)


def test_what_one_user_is_told_is_never_shared() -> None:
    board = Board()
    with pytest.raises(ValueError, match="everybody"):
        Endpoint(
            "GET", "/x", MarketsParams, list[Market], board.endpoint.handler, "read", state=lambda *_: int
        )


async def test_polls_of_the_wire_are_shared(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    depth = bench.venue.market_data.depth

    def counted(market: str, limit: int, interval: int = 0) -> object:
        nonlocal made
        made += 1
        return depth(market, limit, interval)

    monkeypatch.setattr(bench.venue.market_data, "depth", counted)
    for count in (1, 1):
        assert (await bench.get("/spot/depth", market="BTCUSDT", limit=5, interval="0")).code == 0
        assert made == count
    await bench.alice.order("buy", "limit", "0.01", "50000")
    found = await bench.get("/spot/depth", market="BTCUSDT", limit=5, interval="0")
    assert (found.data["depth"]["bids"], made) == ([["50000", "0.01"]], 2)


DEPTH: Final = "/v2/spot/depth?market=BTCUSDT&limit=5&interval=0"
TICKER: Final = "/v2/spot/ticker?market=BTCUSDT"
TICKERS: Final = "/v2/spot/ticker"
KLINE: Final = "/v2/spot/kline?market=BTCUSDT&period=1min"
HOURS: Final = "/v2/spot/kline?market=BTCUSDT&period=1hour"
POLLED: Final = {DEPTH, TICKER, TICKERS, KLINE, HOURS}


def asked(target: str, address: str = "127.0.0.1") -> Request:
    path, _, query = target.partition("?")
    return Request("id", "GET", path, target.encode(), query.encode(), {}, address)


async def known_after_asking(dialect: CoinexApp) -> set[str]:
    """Which of all were still known; all are afterwards."""
    found = {target for target in POLLED if dialect.known(asked(target)) is not None}
    for target in POLLED:
        response = await dialect.answer(asked(target))
        assert response.code == 0
        assert dialect.known(asked(target)) is response
    return found


async def test_each_change_ends_what_it_changes(bench: Bench) -> None:
    assert await known_after_asking(bench.dialect) == set()
    assert await known_after_asking(bench.dialect) == POLLED
    await bench.alice.order("sell", "limit", "1", "50000")  # rests: no trade, no candle
    assert await known_after_asking(bench.dialect) == {KLINE, HOURS}
    await bench.alice.order("sell", "limit", "1", "2000", market="ETHUSDT")
    assert await known_after_asking(bench.dialect) == POLLED - {TICKERS}
    await bench.bob.order("buy", "limit", "1", "50000")
    assert await known_after_asking(bench.dialect) == set()
    bench.clock.time += 59_999
    assert await known_after_asking(bench.dialect) == POLLED
    bench.clock.time += 1
    assert await known_after_asking(bench.dialect) == {DEPTH, HOURS}
    bench.clock.time += 3_540_000
    assert await known_after_asking(bench.dialect) == {DEPTH}
    await bench.operations.add_market(msgspec.structs.replace(MARKETS[0], name="XYZUSDT", base="XYZ"))
    assert await known_after_asking(bench.dialect) == POLLED - {TICKERS}


async def test_what_is_known_is_told_only_while_there_would_be_an_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = CoinexApp(Desk(bench.front, monotonic=lambda: 0))
    response = await dialect.answer(asked(TICKER))
    assert dialect.known(asked(TICKER)) is response
    monkeypatch.setattr(VenueFront, "in_touch", False)
    assert dialect.known(asked(TICKER)) is None
    monkeypatch.undo()
    bench.venue.maintenance.plan(START, START, 60, scope="spot")
    assert dialect.known(asked(TICKER)) is None
    bench.clock.time += 60_000
    response = await dialect.answer(asked(TICKER))
    passed = [dialect.known(asked(TICKER)) for _ in range(IP_RATE)]
    assert passed == [response] * (IP_RATE - 3) + [TOO_MANY] * 3
    assert dialect.known(asked(TICKER, "203.0.113.7")) is response
