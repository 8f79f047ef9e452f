"""Signatures of HTTP requests (reference/coinex/conventions.md §2)."""

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.records import ALL_PERMISSIONS, KeyRecord, User
from openbourse.wire.coinex.auth import authenticate, require_main_account, require_permission
from openbourse.wire.coinex.errors import ApiError

ACCESS_ID = "9C2D4E6F81A34B5C9D0E1F2A3B4C5D6E"
SECRET = "5F1B7A0C3D9E48A6B2C47D8E9F01A2B3C4D5E6F708192A3B"
OWNER = User(1, "trader1", "7F3A91C2", 0, ALL_PERMISSIONS, "active", "", 0)
KEY = KeyRecord(
    id=1,
    owner=OWNER,
    key_id=ACCESS_ID,
    protocol="coinex",
    trade_allowed=True,
    withdraw_allowed=False,
    allow_list=AllowList(),
    created_at=0,
    expires_at=0,
    remark="",
    revoked=False,
    secret=SECRET,
)
BODY = b'{"ccy":"USDT","from_account_type":"SPOT","to_account_type":"FUTURES","amount":"250.5"}'

# The worked examples of §2.4: method, target, body, timestamp, HMAC, ccxt's form.
EXAMPLES = [
    (
        "GET",
        b"/v2/assets/transfer-history?ccy=USDT&transfer_type=FUTURES&page=1&limit=20",
        b"",
        1762444800123,
        b"2e0156a52c4a227c00acf775701ddd3ad4702e1e6633ab709bbe115ece36232d",
        b"7d8cbabf6436a336093f30bcd0ff0be2f0699c6a30f663e6f9e65a722c640433",
    ),
    (
        "GET",
        b"/v2/assets/spot/balance",
        b"",
        1762444800789,
        b"88e93cf2b3858a498ea6139b90b2509c85eac0c7d471ffbaa33655f36a1bfa6b",
        b"1ad8bb823ffe6fd9d867df8881af2248410655da3bcdfee8e971f7cd82ea133c",
    ),
    (
        "POST",
        b"/v2/assets/transfer",
        BODY,
        1762444800456,
        b"0daf7a225e6dc8896d85a68f25968b4a9d4f1ddd79b8edcd28b9cab66ee7464f",
        b"49ab435df43b580d739644d926770d2837f458cda7155c1a9fb557582e93539c",
    ),
]
METHOD, TARGET, _, NOW, SIGNATURE, PLAIN = EXAMPLES[2]


def check(
    key: KeyRecord = KEY,
    method: str = METHOD,
    target: bytes = TARGET,
    body: bytes = BODY,
    now: int = NOW,
    client_ip: str = "198.51.100.9",
    plain_sha256: bool = True,
    **headers: bytes | None,
) -> KeyRecord:
    """Authenticate the POST of the worked examples, with whatever is to be different."""
    sent: dict[str, bytes | None] = {
        "key": ACCESS_ID.encode(),
        "sign": SIGNATURE,
        "timestamp": b"%d" % NOW,
        "windowtime": None,
    }
    sent |= headers
    return authenticate(
        method,
        target,
        {b"x-coinex-" + name.encode(): value for name, value in sent.items() if value is not None},
        body,
        client_ip=client_ip,
        now=now,
        lookup={key.key_id: key}.get,
        plain_sha256=plain_sha256,
    )


def refusal(**changes: Any) -> tuple[int, str]:
    """Code and message of a request that must be refused."""
    with pytest.raises(ApiError) as caught:
        check(**changes)
    return int(caught.value.code), caught.value.message


def signed(target: bytes, now: int = NOW, method: str = "GET", body: bytes = b"") -> bytes:
    """What a client signs, by the standard library."""
    prepared = method.encode() + target + body + b"%d" % now
    return hmac.new(SECRET.encode(), prepared, hashlib.sha256).hexdigest().encode()


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("form", [4, 5])
@pytest.mark.parametrize("upper_case", [False, True])
def test_the_worked_examples_are_accepted_in_both_forms(
    example: tuple[Any, ...], form: int, upper_case: bool
) -> None:
    method, target, body, now = example[:4]
    sign = example[form].upper() if upper_case else example[form]
    found = check(method=method, target=target, body=body, now=now, timestamp=b"%d" % now, sign=sign)
    assert found is KEY


def test_the_worked_example_of_the_websocket() -> None:
    expected = "cdc224d6c3971fcce82b6413fccd62f7b11ac4d8deec5e4cbe0c89cc3dc8597f"
    assert KEY.hmac.digest(b"1762444801000").hex() == expected


def test_an_operator_may_refuse_the_plain_form() -> None:
    assert check(plain_sha256=False) is KEY
    assert refusal(sign=PLAIN, plain_sha256=False) == (4006, "authorization fail")


# -- any change breaks the signature --------------------------------------------------------------


def changed(text: bytes, position: int, byte: int) -> bytes:
    position %= len(text)
    return text[:position] + bytes([byte]) + text[position + 1 :]


@given(
    st.sampled_from(["method", "target", "body", "timestamp", "sign"]),
    st.sampled_from([SIGNATURE, PLAIN]),
    st.integers(0, 200),
    st.integers(0, 255),
)
def test_any_single_byte_changed_is_refused(part: str, sign: bytes, position: int, byte: int) -> None:
    parts = {"method": b"POST", "target": TARGET, "body": BODY, "timestamp": b"%d" % NOW, "sign": sign}
    altered = changed(parts[part], position, byte)
    assume(altered.lower() != parts[part].lower() if part == "sign" else altered != parts[part])
    changes: dict[str, Any] = {"sign": sign, part: altered}
    if part == "method":
        assume(byte < 128)
        changes["method"] = altered.decode()
    expected = {"sign": {4006, 4008}, "timestamp": {4006, 4010}}.get(part, {4006})
    assert refusal(**changes)[0] in expected


@given(st.integers(0, 200), st.integers(0, 255))
def test_any_single_byte_of_a_query_changed_is_refused(position: int, byte: int) -> None:
    target = EXAMPLES[0][1]
    altered = changed(target, position, byte)
    assume(altered != target)
    sign = signed(target)
    assert check(method="GET", body=b"", target=target, sign=sign) is KEY
    assert refusal(method="GET", body=b"", target=altered, sign=sign)[0] == 4006


@given(
    st.sampled_from(["target", "body", "timestamp"]), st.integers(0, 200), st.binary(min_size=1, max_size=3)
)
def test_bytes_put_in_are_refused(part: str, position: int, more: bytes) -> None:
    text = {"target": TARGET, "body": BODY, "timestamp": b"%d" % NOW}[part]
    altered = text[:position] + more + text[position:]
    assert refusal(**{part: altered})[0] in {4006, 4010}


# -- how the query is spelt -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed_as", "sent_as"),
    [
        (b"/v2/spot/ticker?market=BTCUSDT,ETHUSDT", b"/v2/spot/ticker?market=BTCUSDT%2CETHUSDT"),
        (b"/v2/spot/ticker?market=BTCUSDT%2CETHUSDT", b"/v2/spot/ticker?market=BTCUSDT%2CETHUSDT"),
        (b"/v2/x?remark=a b", b"/v2/x?remark=a%20b"),
        (b"/v2/x?remark=a b", b"/v2/x?remark=a+b"),
        (b"/v2/x?remark=a+b", b"/v2/x?remark=a+b"),
        ("/v2/x?remark=\u00e4\u4e2d".encode(), b"/v2/x?remark=%C3%A4%E4%B8%AD"),
        (b"/v2/x?remark=%41", b"/v2/x?remark=%41"),
        (b"/v2/x?", b"/v2/x?"),
        (b"/v2/x?", b"/v2/x"),  # the server does not tell an empty query from none
    ],
)
def test_a_query_may_be_signed_as_sent_or_decoded(signed_as: bytes, sent_as: bytes) -> None:
    assert check(method="GET", body=b"", target=sent_as, sign=signed(signed_as)) is KEY


@pytest.mark.parametrize(
    ("signed_as", "sent_as"),
    [
        (b"/v2/x?ccy=BTC&to=me", b"/v2/x?ccy=BTC%26to=me"),
        (b"/v2/x?a=b=c", b"/v2/x?a%3Db=c"),
        (b"/v2/x?a=%41", b"/v2/x?a=%2541"),
        (b"/v2/x?a=A", b"/v2/x%3Fa=A"),
        (b"/v2/a,b?x=1", b"/v2/a%2Cb?x=1"),
        (b"/v2/x?b=2&a=1", b"/v2/x?a=1&b=2"),
    ],
)
def test_decoding_must_not_change_what_a_request_says(signed_as: bytes, sent_as: bytes) -> None:
    assert refusal(method="GET", body=b"", target=sent_as, sign=signed(signed_as))[0] == 4006


# -- the clock (§2.5) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "age", "fine"),
    [
        (None, 5_000, True),
        (None, 5_001, False),
        (None, -5_000, True),
        (None, -5_001, False),
        (b"100", 100, True),
        (b"100", 101, False),
        (b"100", -1_000, True),
        (b"100", -1_001, False),
        (b"30000", 30_000, True),
        (b"30000", -30_000, True),
        (b"99999999", 60_000, True),
        (b"99999999", 60_001, False),
        (b"0", 5_000, True),
        (b"0", 5_001, False),
        (b"-7", 5_000, True),
        (b"soon", 5_000, True),
        (b"", 5_001, False),
    ],
)
def test_the_window(window: bytes | None, age: int, fine: bool) -> None:
    if fine:
        assert check(now=NOW + age, windowtime=window) is KEY
    else:
        assert refusal(now=NOW + age, windowtime=window) == (4010, "time check error")


@pytest.mark.parametrize(
    "timestamp",
    [
        None,
        b"",
        b"now",
        b"-1",
        b"+%d" % NOW,
        b" %d" % NOW,
        b"1_762444800456",
        b"1762444800456.0",
        b"9" * 5000,
    ],
)
def test_a_timestamp_that_is_none(timestamp: bytes | None) -> None:
    assert refusal(timestamp=timestamp)[0] == 4010


# -- keys, addresses, the order of checks (§2.6) --------------------------------------------------


@pytest.mark.parametrize(
    "text", [None, b"", b"nobody", ACCESS_ID.lower().encode(), b"\xff" * 32, b"A" * 10_000]
)
def test_an_unknown_key(text: bytes | None) -> None:
    with pytest.raises(ApiError) as caught:
        authenticate(
            METHOD,
            TARGET,
            {} if text is None else {b"x-coinex-key": text},
            BODY,
            client_ip="::1",
            now=NOW,
            lookup={ACCESS_ID: KEY}.get,
        )
    assert (int(caught.value.code), caught.value.message) == (4005, "access_id not exists")


def test_a_key_out_of_use_is_unknown() -> None:
    for key in (
        replace(KEY, expires_at=NOW),
        replace(KEY, revoked=True),
        replace(KEY, protocol="coinw"),
    ):
        assert refusal(key=key) == (4005, "access_id not exists")
    living = replace(KEY, expires_at=NOW + 1)
    assert check(key=living) is living


def test_the_allow_list() -> None:
    key = replace(KEY, allow_list=AllowList(["203.0.113.7"]))
    assert check(key=key, client_ip="203.0.113.7") is key
    assert refusal(key=key) == (4007, "ip not allow visit")


@pytest.mark.parametrize(
    "sign", [None, b"", b"abc", b"g" * 64, b"0x" + b"a" * 62, b"a" * 63, b"a" * 65, b" " * 64]
)
def test_a_malformed_signature(sign: bytes | None) -> None:
    assert refusal(sign=sign) == (4008, "need authorization header")


def test_a_frozen_user() -> None:
    frozen = replace(KEY, owner=replace(OWNER, status="frozen"))
    assert refusal(key=frozen) == (4011, "user is forbidden")


def test_the_order_of_checks() -> None:
    """Of several faults the first in the order of §2.6 is answered."""
    bad = replace(
        KEY, allow_list=AllowList(["10.0.0.1"]), expires_at=1, owner=replace(OWNER, status="frozen")
    )
    late = NOW + 99_999
    assert refusal(key=bad, now=late, sign=b"x")[0] == 4005
    bad = replace(bad, expires_at=0)
    assert refusal(key=bad, now=late, sign=b"x")[0] == 4007
    assert refusal(key=bad, client_ip="10.0.0.1", now=late, sign=b"x")[0] == 4010
    assert refusal(key=bad, client_ip="10.0.0.1", sign=b"x")[0] == 4008
    assert refusal(key=bad, client_ip="10.0.0.1", sign=b"a" * 64)[0] == 4006
    assert refusal(key=bad, client_ip="10.0.0.1")[0] == 4011


def test_permissions() -> None:
    require_permission(KEY, "trade")
    for key, permission in ((KEY, "withdraw"), (replace(KEY, trade_allowed=False), "trade")):
        with pytest.raises(ApiError) as caught:
            require_permission(key, permission)  # type: ignore[arg-type]
        assert (int(caught.value.code), caught.value.message) == (158, "API permission is not allowed")


def test_calls_for_main_accounts() -> None:
    require_main_account(KEY)
    with pytest.raises(ApiError) as caught:
        require_main_account(replace(KEY, owner=replace(OWNER, parent=9)))
    assert int(caught.value.code) == 4512
