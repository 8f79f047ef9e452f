"""Envelopes, byte for byte (reference/coinex/conventions.md §3, spot.md §3.5)."""

import json

import msgspec
import pytest

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.errors import ApiError, Code


class Row(msgspec.Struct):
    order_id: int
    client_id: str


def test_success() -> None:
    expected = b'{"code":0,"data":{"timestamp":1762444800123},"message":"OK"}'
    assert envelope.success({"timestamp": 1762444800123}) == expected
    assert envelope.success({}) == envelope.EMPTY == b'{"code":0,"data":{},"message":"OK"}'
    assert envelope.success([Row(1, "\u00e4")]) == (
        '{"code":0,"data":[{"order_id":1,"client_id":"\u00e4"}],"message":"OK"}'.encode()
    )
    assert envelope.success(msgspec.Raw(b'{"a":1}')) == b'{"code":0,"data":{"a":1},"message":"OK"}'


def test_pages() -> None:
    assert envelope.page([], has_next=False, total=0) == (
        b'{"code":0,"data":[],"pagination":{"total":0,"has_next":false},"message":"OK"}'
    )
    assert envelope.page([Row(1, "")], has_next=True) == (
        b'{"code":0,"data":[{"order_id":1,"client_id":""}],"pagination":{"has_next":true},"message":"OK"}'
    )
    both = json.loads(envelope.page([], has_next=False, misspelt=True))
    assert both["pagination"] == both["paginatation"] == {"has_next": False}


def test_failure() -> None:
    assert envelope.failure(ApiError(Code.INVALID_PARAMETER)) == (
        b'{"code":3639,"data":{},"message":"Invalid Parameter"}'
    )
    hostile = ApiError(Code.INVALID_PARAMETER, 'market ","code":0} not found')
    assert json.loads(envelope.failure(hostile))["code"] == 3639


def test_batches_keep_their_order_and_mix_outcomes() -> None:
    answer = envelope.batch(
        [envelope.item({"stop_id": 5}), envelope.failed_item(ApiError(Code.INSUFFICIENT_BALANCE))]
    )
    assert answer == (
        b'{"code":0,"data":[{"code":0,"data":{"stop_id":5},"message":"OK"},'
        b'{"code":3109,"data":null,"message":"balance not enough"}],"message":"OK"}'
    )


def test_a_flat_item_says_everything_twice() -> None:
    item = json.loads(envelope.success(envelope.flat_item(Row(7, "a1"))))["data"]
    assert item == {
        "code": 0,
        "message": "OK",
        "data": {"order_id": 7, "client_id": "a1"},
        "order_id": 7,
        "client_id": "a1",
    }


def test_items_that_cannot_be() -> None:
    nothings: list[object] = [{}, [], 5]
    for data in nothings:
        with pytest.raises(AssertionError, match="needs fields"):
            envelope.flat_item(data)
    with pytest.raises(AssertionError, match="needs a failure"):
        envelope.failed_item(ApiError(Code.OK))
