import json
import random

import pytest

from openbourse.wire.coinex.ws.errors import WsCode, WsError
from openbourse.wire.coinex.ws.messages import (
    NotARequestError,
    decode_request,
    failure,
    frame,
    private_frame,
    success,
)
from tests.wire.coinex.ws.world import messages


@pytest.mark.parametrize(
    "id_text", ["7", "-1", "9007199254740993", "18446744073709551616", '"a"', '"\\u00e9"']
)
def test_an_id_comes_back_with_its_type_and_value(id_text: str) -> None:
    request = decode_request(b'{"method":"server.ping","id":%b}' % id_text.encode())
    (answer,) = messages(success(request.id))
    assert answer == {"id": json.loads(id_text), "code": 0, "message": "OK"}


@pytest.mark.parametrize("params", ["", ',"params":null', ',"params":{}', ',"params":[]'])
def test_absent_null_and_empty_parameters_are_alike(params: str) -> None:
    assert decode_request(b'{"method":"m","id":1%b}' % params.encode()).params == {}


@pytest.mark.parametrize("params", ["1", '"x"', "[1]", "true"])
def test_parameters_of_another_shape_are_told_apart(params: str) -> None:
    assert decode_request(b'{"method":"m","id":1,"params":%b}' % params.encode()).params is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"[]",
        b"1",
        b'{"id":1',
        b"\xff",
        b'{"id":[],"method":"m"}',
        b'{"id":1.5,"method":"m"}',
        b"[" * 5000,
    ],
)
def test_what_is_no_request_has_no_id(text: bytes) -> None:
    with pytest.raises(NotARequestError) as caught:
        decode_request(text)
    assert caught.value.id == b"null"


@pytest.mark.parametrize("method", ["", ',"method":7', ',"method":null', ',"method":["x"]'])
def test_a_request_without_a_method_still_has_its_id(method: str) -> None:
    with pytest.raises(NotARequestError) as caught:
        decode_request(b'{"id":5%b}' % method.encode())
    assert caught.value.id == b"5"


@pytest.mark.parametrize("code", list(WsCode))
def test_no_error_has_an_empty_text(code: WsCode) -> None:
    (answer,) = messages(failure(b"3", WsError(code)))
    assert answer["id"] == 3
    assert answer["code"] == int(code)
    assert answer["message"]


@pytest.mark.parametrize("size", [0, 1, 90, 100, 110, 200, 60_000, 70_000, 300_000])
def test_frames_of_every_length_form(size: int) -> None:
    # Random digits do not compress well: all three forms of the length are met.
    digits = random.Random(size).randbytes(size // 2).hex()
    text = b'{"digits":"%b"}' % digits.encode()
    (found,) = messages(frame(text))
    assert found == {"digits": digits}
    (found,) = messages(private_frame(text))
    assert found == {"digits": digits}


def test_what_is_for_one_client_is_stored_as_long_as_a_block_has_room() -> None:
    text = b'{"a":"%b"}'
    largest = text % (b"x" * (0xFFFF - len(text % b"")))
    assert largest in private_frame(largest)
    assert len(private_frame(text % (b"x" * 0xFFFF))) < 1000
    for data in (largest, text % (b"x" * 0xFFFF)):
        assert messages(private_frame(data)) == [json.loads(data)]
