"""Mistakes that people make when they sign, each recognised."""

import hashlib
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from openbourse.cli import main
from openbourse.wire.coinw.signature_advice import explain

SECRET = "AAAABBBBCCCC"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest().upper()


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (lambda text: f"{text}&secret_key={SECRET}", "is right"),
        (lambda text: text, "secret was left out"),
        (lambda text: text + SECRET, "without &secret_key="),
        (lambda text: f"{text}&secret={SECRET}", "as &secret="),
        (lambda _: f"symbol=1&api_key=K&secret_key={SECRET}", "not sorted"),
        (lambda _: f"symbol=1&secret_key={SECRET}", "api_key was left out"),
        (lambda _: "?", "look at the secret"),
    ],
)
def test_mistakes_on_the_other_wire(make: Callable[[str], str], finding: str) -> None:
    sign = md5(make("api_key=K&symbol=1"))
    query = urlencode({"action": "balance", "symbol": "1", "api_key": "K", "sign": sign})
    explained = explain(query.encode(), b"", SECRET)
    assert finding in explained.finding
    assert explained.signed == "api_key=K&symbol=1"
    assert SECRET not in str(explained)


def test_the_command_explains() -> None:
    query = f"/appApi.html?action=balance&api_key=K&sign={md5('api_key=K')}"
    done = CliRunner().invoke(main, ["explain-signature", "coinw", "--target", query, "--secret", SECRET])
    assert done.exit_code == 0, done.output
    assert "the secret was left out" in done.output
    assert SECRET not in done.output
