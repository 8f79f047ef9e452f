from typing import Any

import pytest
from structlog.testing import capture_logs

from openbourse.wire.http.audit import AuthAudit, masked
from openbourse.wire.http.messages import Request


def request(address: str = "203.0.113.5") -> Request:
    return Request("id-1", "GET", "/v2/x", b"/v2/x?secret=1", b"secret=1", {}, address)


def test_one_line_says_who_and_why_and_nothing_secret() -> None:
    with capture_logs() as logs:
        AuthAudit().failed(request(), "GET /v2/x", 4006, b"4DA36FFC61334695A66F8D29020EB589")
    line: dict[str, Any] = dict(logs[0])
    assert line["key"] == "4DA3***"
    assert (line["client"], line["code"], line["endpoint"]) == ("203.0.113.5", 4006, "GET /v2/x")
    assert "secret" not in str(logs)


def test_a_flood_is_one_line_a_second_for_each_source() -> None:
    audit = AuthAudit()
    with capture_logs() as logs:
        for _ in range(100):
            audit.failed(request(), "GET /v2/x", 4006, b"")
            audit.failed(request("203.0.113.6"), "GET /v2/x", 4006, b"")
    assert 2 <= len(logs) <= 4


@pytest.mark.parametrize(
    ("key", "shown"),
    [(b"", "***"), (b"short", "***"), (b"A\n\x1b[0mABCDEFG", "A??***"), ("ü".encode() * 9, "????***")],
)
def test_keys_are_masked_whatever_they_are(key: bytes, shown: str) -> None:
    assert masked(key) == shown or masked(key).isprintable()
    assert "\n" not in masked(key)
    assert len(masked(key)) <= 7
