import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbourse.wire.coinw.parameters import MAX_FIELDS, MAX_VALUE, read_parameters


def values(query: str, body: str = "") -> tuple[str, dict[str, str]]:
    found = read_parameters(query.encode(), body.encode())
    assert not found.flaw
    return found.action, {name: field.value for name, field in found.fields.items()}


@pytest.mark.parametrize(
    ("query", "action", "fields"),
    [
        # As the documentation prints them.
        ("action=currencys", "currencys", {}),
        ("action=trades?&symbol=1", "trades", {"symbol": "1"}),
        ("action=cancel_entrust?id=1", "cancel_entrust", {"id": "1"}),
        (
            "action=withdraw?symbol=1&amount=1&withdrawaddress=123456",
            "withdraw",
            {"symbol": "1", "amount": "1", "withdrawaddress": "123456"},
        ),
        ("action=withdraw_record?symbol=1", "withdraw_record", {"symbol": "1"}),
        # As a library makes it of such an action.
        ("action=cancel_entrust%3Fid%3D1", "cancel_entrust", {"id": "1"}),
        ("action=withdraw%3Fsymbol%3D1%26memo%3Da%252B", "withdraw", {"symbol": "1", "memo": "a%2B"}),
        ("action=withdraw?memo=a%252B", "withdraw", {"memo": "a%2B"}),
        # Odds and ends.
        ("", "", {}),
        ("symbol=78", "", {"symbol": "78"}),
        ("&&action=order&&id=5&", "order", {"id": "5"}),
        ("action=order&id", "order", {"id": ""}),
        ("action=order&memo=a+b%20c%2Bd=e", "order", {"memo": "a b c+d=e"}),
        ("action=%E4%B9%B0&name=%E4%B9%B0", "买", {"name": "买"}),
    ],
)
def test_queries(query: str, action: str, fields: dict[str, str]) -> None:
    assert values(query) == (action, fields)
    assert values("", query) == (action, fields)


def test_query_and_body_are_one() -> None:
    assert values("action=trade&symbol=78", "type=0&symbol=78&action=trade") == (
        "trade",
        {"symbol": "78", "type": "0"},
    )
    assert values("action=order?id=1", "action=order&id=1") == ("order", {"id": "1"})


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("action=", "action=order&id=1"),
        ("action=order&id=1", "action="),
        ("action=?id=1", "action=order"),
        ("action", '{"action": "order", "id": 1}'),
        ("action=order&id=1", '{"action": null}'),
    ],
)
def test_a_blank_action_counts_as_absent(query: str, body: str) -> None:
    assert values(query, body) == ("order", {"id": "1"})


def test_json_bodies() -> None:
    body = '  {"amount": 1.0, "price": 1e-7, "memo": "a&b", "flag": true, "none": null, "name": "\\u4e70"}'
    assert values("action=trade", body) == (
        "trade",
        {"amount": "1.0", "price": "1e-7", "memo": "a&b", "flag": "true", "none": "", "name": "买"},
    )
    assert values("", '{"action": "order?id=5"}') == ("order", {"id": "5"})


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (b"action=a&x=1&x=2", b""),
        (b"action=a&x=1", b"x=2"),
        (b"action=a&x=1", b"x="),
        (b"action=a", b"action=b"),
        (b"action=a?action=b", b""),
        (b"action=a&x=%FF", b""),
        (b"action=a", b"x=\xff"),
        (b"action=a", b"{"),
        (b"action=a", b'{"x": [1]}'),
        (b"action=a", b'{"x": {}}'),
        (b"action=a", b'{"x": 1} 2'),
        (b"action=a", b'{"x": "\xff"}'),
        (b"action=a", b'{"x": "\\ud800"}'),
        (b"action=a", b"{" * 100_000),
        (b"action=a&" + b"&".join(b"x%d=1" % number for number in range(MAX_FIELDS + 1)), b""),
        (b"action=a&x=" + b"1" * (MAX_VALUE + 1), b""),
    ],
)
def test_what_is_wrong_is_told_beside_the_action(query: bytes, body: bytes) -> None:
    found = read_parameters(query, body)
    assert (found.action, bool(found.flaw)) == ("a", True)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_reading_never_fails(query: bytes, body: bytes) -> None:
    found = read_parameters(query, body)
    assert len(found.fields) <= MAX_FIELDS
    assert "action" not in found.fields


def test_an_action_inside_an_action_inside_an_action() -> None:
    assert read_parameters(b"action=a" + b"?action=a" * 20_000).flaw
