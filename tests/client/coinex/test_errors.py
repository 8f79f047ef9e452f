"""What a program is told when something goes wrong: by code, and by what may have happened."""

import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from openbourse.client import coinex, errors
from openbourse.client.coinex import types
from openbourse.client.coinex.codes import CODES, error_of
from openbourse.wire.coinex.errors import Code
from openbourse.wire.coinex.ws.errors import WsCode
from tests.client.coinex.world import BTC, World

ORDER = "POST /v2/spot/order"
PATIENT: dict[str, Any] = {"timeout": 60, "window": 60_000}


@pytest.fixture(autouse=True)
def no_faults_afterwards(world: World) -> Iterator[None]:
    yield
    world.sandbox.faults.clear()


def test_every_code_that_the_server_sends_has_a_class() -> None:
    assert set(Code) - {Code.OK} <= set(CODES)
    assert set(WsCode) <= set(CODES)


def test_an_unknown_code_is_told_as_it_came() -> None:
    error = error_of(9999, "something new")
    assert (type(error), error.code, error.message) == (errors.ApiError, 9999, "something new")
    assert str(error) == "9999 something new"


def test_errors_by_code(world: World) -> None:
    spot = world.client.spot
    with pytest.raises(errors.InsufficientBalance) as caught:
        world.resting(amount=10_000)
    assert (caught.value.code, caught.value.message) == (3109, "balance not enough")
    with pytest.raises(errors.InvalidParameter, match="market NOPEUSDT not found"):
        spot.depth(market="NOPEUSDT")
    with pytest.raises(errors.OrderNotFound):
        spot.cancel_order(market=BTC, order_id=1)
    with pytest.raises(errors.BelowMinimum):
        world.resting(amount="0.000001")
    with pytest.raises(errors.WouldTake):
        world.resting(type="maker_only", price=70_000)
    with pytest.raises(errors.NotFillable):
        world.resting(type="fok")
    with pytest.raises(errors.OrderRefused):
        world.resting(type="fok")


def test_who_asks(world: World) -> None:
    url, alice = world.sandbox.url, world.alice
    with coinex.Client(url, alice.api_key, "not the secret", **PATIENT) as client:
        with pytest.raises(errors.InvalidSignature):
            client.account.info()
        assert client.ping().result == "pong"
    with coinex.Client(url, "NOBODY", "x", **PATIENT) as client, pytest.raises(errors.UnknownKey):
        client.account.info()
    with coinex.Client(url) as client, pytest.raises(ValueError, match="needs a key"):
        client.account.info()
    with world.sandbox.coinex(alice, now=lambda: world.sandbox.now() - 120_000) as client:
        with pytest.raises(errors.RequestExpired):
            client.account.info()
        assert abs(client.sync_clock() - 120_000) < 50_000
        assert client.account.info().user_id
    assert alice.secret not in repr(client.signer)


def test_the_parts_of_a_batch_fail_by_themselves(world: World) -> None:
    good = types.NewOrder(market=BTC, side="buy", type="limit", amount="0.01", price=50_000)
    bad = types.NewOrder(market=BTC, side="buy", type="limit", amount=10_000, price=50_000)
    first, second = world.client.spot.place_orders(orders=[good, bad])
    assert first.result().amount == Decimal("0.01")
    assert isinstance(second.error, errors.InsufficientBalance)
    with pytest.raises(errors.InsufficientBalance):
        second.result()


def test_what_is_temporary(world: World) -> None:
    for kind, error in (
        ("busy", errors.Busy),
        ("rate_limited", errors.RateLimited),
        ("maintenance", errors.Unavailable),
    ):
        world.sandbox.faults.add(kind, route=ORDER, count=1)  # type: ignore[arg-type]
        with pytest.raises(error):
            world.resting()
    assert not isinstance(errors.Busy(3008, ""), errors.OutcomeUnknown)


def test_an_order_whose_answer_is_lost_has_an_unknown_outcome(world: World) -> None:
    world.sandbox.faults.add("lost_after", route=ORDER, count=1)
    with pytest.raises(errors.OutcomeUnknown, match="before sending it again"):
        world.resting(client_id="lost")
    (found,) = world.client.spot.pending_orders(client_id="lost")
    assert found.client_id == "lost"


def test_patience_runs_out(world: World) -> None:
    alice = world.alice
    world.sandbox.faults.add("lost_before", route=ORDER, count=1, seconds=60)
    http = httpx2.Client(timeout=httpx2.Timeout(60, read=0.5))
    with world.sandbox.coinex(alice, http=http) as client:
        with pytest.raises(errors.OutcomeUnknown):
            client.spot.place_order(market=BTC, side="buy", type="limit", amount=1, price=1)
        world.sandbox.faults.add("lost_before", route="GET *", count=1, seconds=60)
        with pytest.raises(errors.Unreachable):
            client.account.info()


def test_a_gateways_page(world: World) -> None:
    world.sandbox.faults.add("http_error", route=ORDER, count=1, status=502)
    with pytest.raises(errors.OutcomeUnknown, match="HTTP 502"):
        world.resting()
    world.sandbox.faults.add("http_error", route="GET *", count=1, status=502)
    with pytest.raises(errors.UnexpectedAnswer, match="injected error") as caught:
        world.client.account.info()
    assert caught.value.status == 502
    world.sandbox.faults.add("http_error", route=ORDER, count=1, status=429)
    with pytest.raises(errors.RateLimited):
        world.resting()


def test_what_was_never_sent_has_no_unknown_outcome() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with coinex.Client(url, "key", "secret") as client, pytest.raises(errors.Unreachable):
            client.spot.cancel_all_orders(market=BTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"code":0,"data":{},"message":"OK"}',
        b'{"code":0,"data":{"timestamp":"soon"}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_answers_that_are_none(body: bytes) -> None:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=body))
    with (
        coinex.Client("http://exchange", http=httpx2.Client(transport=transport)) as client,
        pytest.raises(errors.UnexpectedAnswer),
    ):
        client.time()
    with (
        coinex.Client("http://exchange", "k", "s", http=httpx2.Client(transport=transport)) as client,
        pytest.raises(errors.OutcomeUnknown, match="before sending it again"),
    ):
        client.spot.place_order(market=BTC, side="buy", type="limit", amount=1, price=1)


async def test_an_answer_that_cannot_be_unpacked() -> None:
    def torn(request: httpx2.Request) -> httpx2.Response:
        del request
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=httpx2.ByteStream(b"torn"))

    order: dict[str, Any] = {"market": BTC, "side": "buy", "type": "limit", "amount": 1, "price": 1}
    http = httpx2.Client(transport=httpx2.MockTransport(torn))
    with coinex.Client("http://exchange", "k", "s", http=http) as client:
        with pytest.raises(errors.Unreachable, match="DecodingError"):
            client.time()
        with pytest.raises(errors.OutcomeUnknown, match="DecodingError"):
            client.spot.place_order(**order)
    later = httpx2.AsyncClient(transport=httpx2.MockTransport(torn))
    async with coinex.AsyncClient("http://exchange", "k", "s", http=later) as waiting:
        with pytest.raises(errors.OutcomeUnknown, match="DecodingError"):
            await waiting.spot.place_order(**order)


def test_what_the_original_may_add_or_leave_out() -> None:
    body = b"""{"code":0,"message":"OK","more":1,"data":[{"ccy":"BTC","chain":"BTC","amount":"1",
    "actual_amount": "","deposit_id":1,"created_at":2,"tx_id":"","deposit_method":"on_chain","new":[],
    "to_address":"","confirmations":0,"status":"processing","tx_explorer_url":"","to_addr_explorer_url":"",
    "remark":""}],"pagination":{"has_next":true},"paginatation":{}}"""
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=body))
    with coinex.Client("http://exchange", "k", "s", http=httpx2.Client(transport=transport)) as client:
        page = client.assets.deposits()
    assert (page.has_next, page.total, len(page)) == (True, None, 1)
    assert page[0].actual_amount is None
    assert page[0].tx_id_display is None


def test_amounts_are_never_floats() -> None:
    with pytest.raises(TypeError, match="float"):
        types.NewOrder(market=BTC, side="buy", type="limit", amount=0.1).params()  # type: ignore[arg-type]
    small = types.NewOrder(
        market=BTC, side="buy", type="limit", amount=Decimal("1E-8"), price=Decimal("6E+4")
    )
    assert (small.params()["amount"], small.params()["price"]) == ("0.00000001", "60000")
    with coinex.Client("http://exchange") as client, pytest.raises(TypeError, match="list of names"):
        client.spot.tickers(market=BTC)
