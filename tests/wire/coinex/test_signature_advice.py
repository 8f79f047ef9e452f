"""Mistakes that people make when they sign, each recognised."""

import base64
import hashlib
import hmac

import pytest
from click.testing import CliRunner

from openbourse.cli import main
from openbourse.wire.coinex.signature_advice import SentRequest, explain
from openbourse.wire.explanation import Explanation

SECRET = "AAAABBBBCCCC"
TIME = "1795000000000"
TARGET = "/v2/spot/order?market=BTCUSDT&limit=5"
BODY = '{"market":"BTCUSDT","amount":"1"}'


def mac(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def coinex(signature: str, target: str = TARGET, body: str = "") -> Explanation:
    headers = {b"x-coinex-timestamp": TIME.encode(), b"x-coinex-sign": signature.encode(), b"host": b"venue"}
    method = "POST" if body else "GET"
    return explain(SentRequest(method, target.encode(), headers, body.encode()), SECRET)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (f"GET{TARGET}{TIME}", "is right"),
        (f"GET/v2/spot/order{TIME}", "query string was left out"),
        (f"GET{TARGET[3:]}{TIME}", "without /v2"),
        (f"GET{TARGET}", "time stamp was left out"),
        (f"get{TARGET}{TIME}", "lower case"),
        (f"{TARGET}{TIME}", "method was left out"),
        (f"{TIME}GET{TARGET}", "time stamp was signed first"),
        (f"GETvenue{TARGET}{TIME}", "host was signed"),
        (f"GET/v2/spot/order?limit=5&market=BTCUSDT{TIME}", "another order"),
        ("something else", "look at the secret"),
    ],
)
def test_mistakes_with_a_query(text: str, finding: str) -> None:
    explained = coinex(mac(text))
    assert finding in explained.finding
    assert explained.signed == f"GET{TARGET}{TIME}"
    assert SECRET not in str(explained)


@pytest.mark.parametrize(
    ("signed_body", "finding"),
    [
        (BODY, "is right"),
        ("", "body was left out"),
        ('{"market": "BTCUSDT", "amount": "1"}', "signed with blanks"),
        ('{"amount":"1","market":"BTCUSDT"}', "keys sorted"),
    ],
)
def test_mistakes_with_a_body(signed_body: str, finding: str) -> None:
    path = "/v2/spot/order"
    assert finding in coinex(mac(f"POST{path}{signed_body}{TIME}"), path, BODY).finding


def test_mistakes_of_form() -> None:
    text = f"GET{TARGET}{TIME}"
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    assert "base64" in coinex(base64.b64encode(digest).decode()).finding
    assert "not there" in coinex("").finding
    assert "is right" in coinex(mac(text).upper()).finding
    assert "is right" in coinex(hashlib.sha256((text + SECRET).encode()).hexdigest()).finding


def test_the_command_asks_for_the_secret_and_explains() -> None:
    arguments = ["explain-signature", "coinex", "--target", TARGET, "--timestamp", TIME, "--signature"]
    done = CliRunner().invoke(main, [*arguments, mac(f"GET/v2/spot/order{TIME}")], input=f"{SECRET}\n")
    assert done.exit_code == 0, done.output
    assert f"to sign:  GET{TARGET}{TIME}" in done.output
    assert "the query string was left out" in done.output
    assert SECRET not in done.output
