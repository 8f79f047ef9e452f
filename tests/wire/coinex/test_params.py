"""Request parameters: what is read, what is repaired, what is refused (conventions.md §4, spot.md §1)."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Raw
from msgspec.json import schema

from openbourse.wire.coinex.errors import ApiError
from openbourse.wire.coinex.params import (
    ClientId,
    Count,
    DecimalText,
    Id,
    Milliseconds,
    Name,
    Paged,
    Params,
    Reader,
    names,
    units,
)


class Order(Params, kw_only=True, frozen=True):
    market: Name
    side: Literal["buy", "sell"]
    amount: DecimalText
    price: DecimalText | None = None
    ccy: str = ""
    client_id: ClientId | None = None
    is_hide: bool = False
    order_id: Id = 0


class Deals(Paged, kw_only=True, frozen=True):
    aliases: ClassVar[Mapping[str, str]] = {"order_side": "side", "end_Time": "end_time"}
    side: Literal["buy", "sell"] | None = None
    start_time: Milliseconds = 0
    end_time: Milliseconds = 0


class Batch(Params, kw_only=True, frozen=True):
    market: Name | None = None
    orders: Annotated[list[Raw], Meta(min_length=1, max_length=50)]


read_order = Reader(Order)
read_deals = Reader(Deals)
read_batch = Reader(Batch)

GOOD = {"market": "BTCUSDT", "side": "buy", "amount": "0.5"}


def body(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode()


def refused(data: bytes, reader: Any = read_order) -> int:
    with pytest.raises(ApiError) as caught:
        reader.body(data)
    return int(caught.value.code)


# -- bodies ---------------------------------------------------------------------------------------


def test_a_documented_body() -> None:
    order = read_order.body(body(price="60000.10", client_id="a-1_Z", is_hide=True, ccy="BTC", order_id=7))
    assert order == Order(
        market="BTCUSDT",
        side="buy",
        amount="0.5",
        price="60000.10",
        ccy="BTC",
        client_id="a-1_Z",
        is_hide=True,
        order_id=7,
    )


def test_unknown_parameters_are_ignored() -> None:
    assert read_order.body(body(option="x", clientOrderId=None, deep={"a": [1, {}]})) == read_order.body(
        body()
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_text_mean_not_given(nothing: str | None) -> None:
    sent = body(price=nothing, ccy=nothing, client_id=nothing, is_hide=nothing, order_id=nothing)
    assert read_order.body(sent) == read_order.body(body())
    for name in GOOD:
        assert refused(body(**{name: nothing})) == 3639


@pytest.mark.parametrize(
    "literal",
    [
        "0.1",
        "1",
        "0.123456789012345678901234567890123456789",
        "1e-8",
        "1.50E+3",
        "123456789012345678901234567890",
    ],
)
def test_numbers_are_read_by_their_literal_text(literal: str) -> None:
    sent = b'{"market":"BTCUSDT","side":"buy","amount": %b , "price":%b}' % ((literal.encode(),) * 2)
    order = read_order.body(sent)
    assert order.amount == order.price == literal


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1_0",
        " 1",
        "1 ",
        "1\n",
        " ",
        "0x10",
        "1,5",
        "1.2.3",
        "1e",
        "1e999",
        "+-1",
        ".",
        "--1",
        "\u0661",
        "1" * 81,
        "sNaN",
        "e5",
        "abc",
    ],
)
def test_text_that_is_no_decimal_number(text: str) -> None:
    assert refused(body(amount=text)) == 3639
    assert refused(body(price=text)) == 3639


@pytest.mark.parametrize("value", [True, [], {}, ["1"], {"a": 1}])
def test_values_of_another_type(value: object) -> None:
    for name in ("market", "side", "amount", "price", "ccy", "client_id", "order_id"):
        assert refused(body(**{name: value})) == 3639


@pytest.mark.parametrize(
    ("sent", "read"),
    [("7", 7), ("007", 7), (7, 7), ("0", 0), (2**53, 2**53), (2**63 - 1, 2**63 - 1), ("9" * 18, 10**18 - 1)],
)
def test_ids_may_be_digits(sent: object, read: int) -> None:
    assert read_order.body(body(order_id=sent)).order_id == read


@pytest.mark.parametrize(
    "sent", ["1.0", 1.5, "-1", -1, "1e3", "x", 2**63, "9" * 19, "9" * 50, 10**30, "\u0661"]
)
def test_ids_that_are_none(sent: object) -> None:
    assert refused(body(order_id=sent)) == 3639


@pytest.mark.parametrize(("sent", "read"), [("true", True), ("false", False), ("True", True), (False, False)])
def test_flags_may_be_text(sent: object, read: bool) -> None:
    assert read_order.body(body(is_hide=sent)).is_hide is read


@pytest.mark.parametrize("sent", ["yes", "1", 1, 0, "TRUE!"])
def test_flags_that_are_none(sent: object) -> None:
    assert refused(body(is_hide=sent)) == 3639


@pytest.mark.parametrize("text", ["a b", "x" * 33, "\u00e4", "a\n", "a.b"])
def test_client_ids_that_are_none(text: str) -> None:
    assert refused(body(client_id=text)) == 3639
    assert read_order.body(body(client_id="x" * 32)).client_id == "x" * 32


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"nothing",
        b'{"market":}',
        body() + b"x",
        b'{"a":NaN}',
        b"\xff\xfe",
        b'{"market":"\xff"}',
        b"   ",
        b"{'a':1}",
        b"\xef\xbb\xbf" + body(),
    ],
)
def test_bodies_that_are_no_json(data: bytes) -> None:
    assert refused(data) == 4004


@pytest.mark.parametrize("data", [b"[]", b"5", b'"text"', b"null", b"true", b"[{}]"])
def test_bodies_that_are_no_object(data: bytes) -> None:
    assert refused(data) == 3639


def test_an_empty_body_is_an_empty_object() -> None:
    assert read_deals.body(b"") == read_deals.body(b"{}") == Deals()
    assert refused(b"") == refused(b"{}") == 3639


def test_of_a_repeated_name_the_last_counts() -> None:
    assert read_order.body(body()[:-1] + b',"amount":"9"}').amount == "9"
    assert read_order.body(body()[:-1] + b',"amount":9}').amount == "9"


@pytest.mark.parametrize("depth", [65, 100, 1000, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        bomb = opening * depth + b"1" + closing * depth
        assert refused(b'{"deep":' + bomb + b"," + body()[1:]) == 4004
        assert refused(bomb) == 4004
        assert refused(opening * depth) == 4004


def test_wide_is_not_deep_and_brackets_in_texts_do_not_count() -> None:
    wide = json.dumps(GOOD | {"list": [[[]]] * 500, "text": '[{"\\"' * 500, "more": "]" * 99}).encode()
    assert read_order.body(wide) == read_order.body(body())
    hidden = b'{"text":"\\"]]]]]]]]","deep":' + b"[" * 70 + b"]" * 70 + b"}"
    assert refused(hidden) == 4004


@pytest.mark.parametrize("unit", [b'\\"', b'"', b'"\\', b"[", b"{", b'["', b"\\"])
def test_hostile_bodies_cost_time_in_proportion(unit: bytes) -> None:
    data = (b'{"a":[' + b"[]," * 70 + b'"' + unit * 500_000)[:500_000]
    begun = time.process_time()
    assert refused(data) == 4004
    assert time.process_time() - begun < 10.0


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,\\0123456789.eE-truefalsn amketsidbuy', max_size=60))
def test_any_bytes_give_parameters_or_a_refusal(data: bytes | str) -> None:
    data = data if isinstance(data, bytes) else data.encode()
    for reader in (read_order, read_deals, read_batch):
        for read in (reader.body, reader.query):
            assert outcome(read, data) in (0, 3639, 4004)


def outcome(read: Any, data: bytes) -> int:
    """The code of a refusal, 0 without one; every other exception is a failure of the test."""
    try:
        read(data)
    except ApiError as error:
        return int(error.code)
    return 0


# -- items of a batch -----------------------------------------------------------------------------


def test_items_are_read_one_by_one() -> None:
    items = b"[%b,%b,5]" % (body(), body(amount=1.5, client_id=""))
    for market in (b'"BTCUSDT"', b'""', b"null"):
        batch = read_batch.body(b'{"market":%b,"orders":%b}' % (market, items))
        assert read_order.body(batch.orders[0]).amount == "0.5"
        assert read_order.body(batch.orders[1]).amount == "1.5"
        with pytest.raises(ApiError) as caught:
            read_order.body(batch.orders[2])
        assert caught.value.code == 3639
    for orders in (b"[]", b"[" + b",".join([b"{}"] * 51) + b"]", b"{}", b'""', b"null"):
        assert refused(b'{"orders":' + orders + b"}", read_batch) == 3639


# -- queries --------------------------------------------------------------------------------------


def test_a_query() -> None:
    query = b"side=buy&start_time=1762444800123&end_time=&page=2&limit=50&unknown=1"
    assert read_deals.query(query) == Deals(side="buy", start_time=1762444800123, page=2, limit=50)
    assert read_deals.query(b"") == Deals()


def test_a_query_may_be_encoded_or_not() -> None:
    for market in (b"BTCUSDT,ETHUSDT", b"BTCUSDT%2CETHUSDT", b"BTCUSDT%2cETHUSDT"):
        order = read_order.query(b"market=%b&side=buy&amount=1" % market)
        assert names(order.market) == ("BTCUSDT", "ETHUSDT")
    assert read_order.query(b"market=a+b%20c&side=%62uy&amount=1").market == "a b c"


def test_texts_in_a_query_stay_texts() -> None:
    order = read_order.query(b"market=null&side=buy&amount=1&ccy=true&client_id=12&is_hide=true")
    assert (order.market, order.ccy, order.client_id, order.is_hide) == ("null", "true", "12", True)
    assert read_order.query(b'market="a\\&side=buy&amount=1').market == '"a\\'


def test_of_a_repeated_query_name_the_last_counts() -> None:
    assert read_deals.query(b"page=2&page=3").page == 3


@pytest.mark.parametrize(
    "query",
    [b"side=up", b"page=0", b"page=-1", b"page=x", b"limit=0", b"start_time=1.5", b"side=%ff", b"%ff=1"],
)
def test_queries_that_are_refused(query: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        read_deals.query(query)
    assert caught.value.code == 3639


def test_the_number_of_query_fields_is_bounded() -> None:
    assert read_deals.query(b"&".join([b"x=1"] * 100)) == Deals()
    with pytest.raises(ApiError):
        read_deals.query(b"&".join([b"x=1"] * 101))


# -- aliases --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", [b"order_side=sell", b"side=sell", b"order_side=buy&side=sell", b"side=sell&order_side=buy"]
)
def test_the_name_itself_goes_before_its_alias(query: bytes) -> None:
    assert read_deals.query(query).side == "sell"
    pairs = dict(pair.split("=") for pair in query.decode().split("&"))
    assert read_deals.body(json.dumps(pairs).encode()).side == "sell"


def test_an_alias_is_read_and_checked_like_the_name() -> None:
    assert read_deals.query(b"end_Time=5&end_time=").end_time == 5
    assert read_deals.body(b'{"end_Time":"5"}').end_time == 5
    with pytest.raises(ApiError):
        read_deals.query(b"order_side=up")


def test_mistakes_in_declarations_are_found_when_they_are_made() -> None:
    class Careless(Params, kw_only=True, frozen=True):
        market: str

    class Wrong(Params, kw_only=True, frozen=True):
        aliases: ClassVar[Mapping[str, str]] = {"a": "b"}

    with pytest.raises(TypeError, match="market would take an empty text"):
        Reader(Careless)
    with pytest.raises(TypeError, match="unknown fields: \\['b'\\]"):
        Reader(Wrong)


# -- helpers --------------------------------------------------------------------------------------


def test_pages_are_clamped() -> None:
    assert Deals().window(1000) == (0, 10)
    assert Deals(page=3, limit=50).window(1000) == (100, 50)
    assert Deals(page=3, limit=5000).window(1000) == (2000, 1000)
    assert Deals(page=2**53 - 1, limit=1000).window(1000)[0] < 2**63


def test_names_in_a_list() -> None:
    assert names("") == names(",") == names(" ") == ()
    assert names("BTCUSDT, ETHUSDT,,BTCUSDT") == ("BTCUSDT", "ETHUSDT")
    ten = ",".join(f"M{n}" for n in range(10))
    assert len(names(ten)) == 10
    with pytest.raises(ApiError) as caught:
        names(ten + ",M10")
    assert caught.value.code == 3639


@given(st.decimals(min_value=-(10**20), max_value=10**20, allow_nan=False, places=12), st.integers(0, 12))
def test_units_truncate_toward_zero(number: Decimal, keep: int) -> None:
    truncated = int(Fraction(number) * 10**keep)
    assert units(f"{number:f}", 12, keep) == truncated * 10 ** (12 - keep)


@pytest.mark.parametrize("text", ["1e99", "1e-99", "9" * 60, "-1e60"])
def test_units_refuse_absurd_numbers(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        units(text, 12)
    assert caught.value.code == 3639


def test_units_read_every_form() -> None:
    assert units("0.00000001", 12) == units("1e-8", 12) == units("+.00000001", 12) == 10_000
    assert units("-5.", 0) == -5
    assert units("0e99", 12) == 0


def test_the_types_describe_themselves() -> None:
    """The same structs serve OpenAPI: patterns and bounds show in the schema."""
    described = schema(Order)["$defs"]["Order"]["properties"]
    assert described["amount"]["maxLength"] == 80
    assert described["order_id"]["minimum"] == 0
    assert schema(Count)["minimum"] == 1
