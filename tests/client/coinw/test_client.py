"""All sixteen actions against a sandbox, both ways; no field of an answer is lost."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx2
import msgspec
import pytest

from openbourse.client import coinw, errors
from openbourse.client.coinw import actions, answers
from openbourse.client.coinw.types import Candle
from openbourse.client.methods import AsyncMethod, Method
from openbourse.core.units import MONEY_UNIT
from openbourse.testing import Sandbox, SandboxUser, thread
from openbourse.venue.fund_operations import FundOperations
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wire.coinw import public, trading, withdrawals
from openbourse.wire.coinw.errors import Code
from openbourse.wire.coinw.settings import CoinwSettings
from tests.client.strict import compare

BTC = "BTC_USDT"
OUTSIDE = format_of("BTC").encode(bytes([1]) * 32)


class Scene:
    """`client` is alice's; `body` is the JSON of its newest answer, numbers as Decimals."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.alice = sandbox.user("alice", USDT=100_000, BTC=10)
        self.body: Any = None
        http = httpx2.Client(timeout=60, event_hooks={"response": [self._keep]})
        self.client = coinw.Client(sandbox.url, self.alice.coinw_api_key, self.alice.coinw_secret, http=http)

    def _keep(self, answer: httpx2.Response) -> None:
        if answer.status_code == HTTPStatus.OK:
            self.body = json.loads(answer.read(), parse_float=Decimal)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    # Withdrawals over this protocol, which is easily replayed, are off unless the operator wants them.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thread, "CoinwSettings", partial(CoinwSettings, withdrawals=True))
        yield from _played()


def _played() -> Iterator[Scene]:
    with Sandbox.running() as sandbox:
        scene = Scene(sandbox)
        sandbox.quote("BTC/USDT", 60_000)
        allow_list = sandbox._venue.wallet.allow_list
        sandbox._thread.call(lambda: allow_list.add(scene.alice.id, AllowedAddress("BTC", OUTSIDE, "")))
        limits = FundOperations(sandbox._venue).set_limits
        sandbox._thread.call(lambda: limits("BTC", None, MONEY_UNIT))
        scene.client.place_order(BTC, side="buy", amount="0.01", price=60_050)
        with scene.client:
            yield scene
        sandbox.check_ledger()


@pytest.fixture(autouse=True)
def no_faults_afterwards(scene: Scene) -> Iterator[None]:
    yield
    scene.sandbox.faults.clear()


def same(typed: object, raw: Any) -> None:
    """As `compare`, where numbers on the wire are JSON numbers."""
    compare(typed, _texts(raw))


def _texts(raw: Any) -> Any:
    """Decimals as text, as they are compared; counts and ids stay numbers."""
    if isinstance(raw, dict):
        return {name: _texts(part) for name, part in raw.items()}
    if isinstance(raw, list):
        return [_texts(part) for part in raw]
    return format(raw, "f") if isinstance(raw, Decimal) else raw


def test_every_action_has_a_method_in_both_clients() -> None:
    def built(client: type[object], kind: type[Any]) -> dict[str, Any]:
        return {name: method.build for name, method in vars(client).items() if isinstance(method, kind)}

    sync = built(coinw.Client, Method)
    assert sync == built(coinw.AsyncClient, AsyncMethod)
    assert len(sync) == len({*public.ACTIONS, *trading.ACTIONS, *withdrawals.ACTIONS}) == 16
    assert all(build.__doc__ for build in sync.values())
    assert set(Code) - {Code.OK} == set(answers.CODES)


def test_public_actions(scene: Scene) -> None:
    client = scene.client
    currencies = client.currencies()
    same(currencies, scene.body["data"])
    assert (currencies["BTC"].id, currencies["BTC"].withdraw_enabled) == (50, True)
    symbols = client.symbols()
    same(symbols, scene.body["data"])
    assert next(each for each in symbols if each.symbol == 78).tradable
    numbers = client.numbers()
    assert (numbers.currencies["USDT"], numbers.pairs["BTC/USDT"]) == (33, 78)
    depth = client.depth(78, size=3)
    same(depth, scene.body["data"])
    assert len(depth.bids) == len(depth.asks) == 3
    assert depth.bids[0].price == 59_970
    trades = client.trades(BTC)
    same(trades, scene.body["data"])
    assert (trades[0].price, trades[0].en_type) == (Decimal(60_030), "bid")
    market = client.market("BTC/USDT")
    raw = scene.body["data"] | {"buy": scene.body["buy"], "sell": scene.body["sell"]}
    same(market, raw)
    assert (market.buy, market.sell, market.last) == tuple(map(Decimal, (59_970, 60_030, 60_030)))


def test_klines(scene: Scene) -> None:
    candles = scene.client.klines(78, step=60, start=scene.sandbox.now() - 3_600_000)
    raw = msgspec.json.decode(scene.body["data"], type=list[Candle])
    assert candles == raw
    # The minute of the trade may be over.
    assert (candles[-1].close, sum(each.volume for each in candles)) == (Decimal(60_030), Decimal("0.01"))


def test_orders(scene: Scene) -> None:
    client = scene.client
    number = client.place_order(78, side="buy", amount=Decimal("0.25"), price=Decimal("5E+4"))
    (order,) = client.open_orders(BTC)
    same([order], scene.body["data"])
    assert (order.id, order.side, order.status) == (number, "buy", 1)
    assert (order.prize, order.count) == (Decimal(50_000), Decimal("0.25"))
    assert client.balances().frozen["USDT"] == 12_500
    same(client.balances(), scene.body["data"])
    client.cancel_order(number)
    assert client.open_orders(BTC) == []
    single = client.order(number)
    assert single is not None
    same([single], scene.body["data"])
    assert (single.status, single.created_at) == (4, None)
    assert client.order(1) is None
    last = client.last_orders(BTC)
    same(last, scene.body["data"])
    assert last[0].status == 3


def test_withdrawals(scene: Scene) -> None:
    client = scene.client
    client.withdraw("BTC", amount="0.5", address=OUTSIDE)
    (record,) = client.withdrawals("BTC")
    same([record], scene.body["data"])
    assert record.amount + record.fees == Decimal("0.5")
    assert record.id is not None
    with pytest.raises(errors.Failed):
        client.cancel_withdrawal(1)
    client.withdraw(50, amount=2, address=OUTSIDE)  # so much that somebody has to look at it
    large = client.withdrawals(50)[0]
    assert (large.status, large.id is None) == (1, False)
    client.cancel_withdrawal(large.id or 0)
    assert client.withdrawals(50)[0].status == 4


def test_errors_by_code(scene: Scene) -> None:
    client, url, alice = scene.client, scene.sandbox.url, scene.alice
    with pytest.raises(errors.Failed, match="500"):
        client.place_order(78, side="buy", amount=10, price=50_000)
    with pytest.raises(errors.InvalidParameter):
        client.depth("NOPE_USDT")
    with coinw.Client(url, alice.coinw_api_key, "not the secret", timeout=60) as wrong:
        with pytest.raises(errors.InvalidSignature):
            wrong.balances()
        assert alice.coinw_api_key in repr(wrong.signer)
        assert "not the secret" not in repr(wrong.signer)
    with coinw.Client(url, "nobody", "x", timeout=60) as unknown, pytest.raises(errors.UnknownKey):
        unknown.balances()
    with coinw.Client(url) as nobody, pytest.raises(ValueError, match="needs a key"):
        nobody.balances()
    with pytest.raises(ValueError, match="&"):
        client.withdraw(50, amount=1, address="a&b=c")
    assert type(answers.error_of(777, "new")) is errors.ApiError


def test_unknown_outcomes(scene: Scene) -> None:
    client, faults = scene.client, scene.sandbox.faults
    faults.add("lost_after", route="/appApi.html?action=trade", count=1)
    with pytest.raises(errors.OutcomeUnknown):
        client.place_order(78, side="buy", amount="0.1", price=40_000)
    (found,) = client.open_orders(78)
    assert found.prize == 40_000
    assert found.id is not None
    faults.add("busy", route="/appApi.html?action=cancel_entrust", count=1)
    with pytest.raises(errors.OutcomeUnknown, match="10001"):
        client.cancel_order(found.id)
    client.cancel_order(found.id)
    faults.add("reset", route="/appApi.html?action=userinfo", count=1)
    with pytest.raises(errors.Unreachable):
        client.balances()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"code":200,"data":7}', b'{"code":200,"data":"[[1,2]]"}', b'{"code":200,"data":{}}'],
)
@pytest.mark.parametrize(
    "request_", [actions.klines(78, step=60), actions.numbers(), actions.market(78), actions.symbols()]
)
def test_answers_that_are_none(request_: Any, body: bytes) -> None:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=body))
    with (
        coinw.Client("http://exchange", http=httpx2.Client(transport=transport)) as client,
        pytest.raises(errors.UnexpectedAnswer),
    ):
        client.send(request_)


def test_no_orders_may_be_null() -> None:
    """legacy.md §8 `entrust`: clients of the original are prepared for it."""
    body = b'{"code":200,"data":null}'
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=body))
    with coinw.Client("http://exchange", "k", "s", http=httpx2.Client(transport=transport)) as client:
        assert client.open_orders(78) == []
        with pytest.raises(errors.UnexpectedAnswer):
            client.balances()


def test_tables_that_are_none() -> None:
    body = '{"code":200,"data":{"币种symbol":"x-BTC","交易对symbol":"78:BTC/USDT"}}'.encode()
    with pytest.raises(errors.UnexpectedAnswer):
        answers.numbers(body)


async def test_the_async_client(scene: Scene) -> None:
    bob: SandboxUser = scene.sandbox.user("bob", USDT=1000)
    async with scene.sandbox.coinw_async(bob) as client:
        number = await client.place_order("btc_usdt", side="buy", amount="0.01", price=50_000)
        assert [order.id for order in await client.open_orders(78)] == [number]
        await client.cancel_order(number)
        assert (await client.balances()).free["USDT"] == 1000


def test_the_signature_of_the_reference() -> None:
    key, secret = "3f0c1a52-7d84-4b1e-9a66-51c0f7e2b9d4", "9B2D6F41C8E05A7312D4F6B8A90C1E3D"
    with coinw.Client("http://exchange", key, secret) as client:
        sent = client.signer.prepared(actions.place_order(78, side="buy", amount="0.25", price="64200.5"))
    assert sent.target == "/appApi.html?action=trade"
    assert b"sign=15208357BA5D288C27317F3263D33BCD" in sent.body
    assert secret.encode() not in sent.body
