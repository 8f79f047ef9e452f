"""Refused requests, looked up in a sandbox."""

import hashlib
import hmac
import json
import urllib.request
from urllib.parse import urlencode

from openbourse.sandbox.control.client import ControlClient
from openbourse.testing import Sandbox, SandboxUser


def mac(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def ask(sandbox: Sandbox, path: str, user: SandboxUser, signed: str, shift: int = 0) -> int:
    time = str(sandbox.now() + shift)
    headers = {
        "X-COINEX-KEY": user.api_key,
        "X-COINEX-TIMESTAMP": time,
        "X-COINEX-SIGN": mac(f"GET{signed}{time}", user.secret),
    }
    with urllib.request.urlopen(urllib.request.Request(sandbox.url + path, headers=headers)) as response:
        return int(json.load(response)["code"])


def test_a_refused_request_can_be_looked_up(sandbox: Sandbox) -> None:
    alice = sandbox.user("alice")
    path = "/v2/assets/spot/balance"
    assert ask(sandbox, path, alice, path) == 0
    assert ask(sandbox, f"{path}?x=1", alice, path) == 4006
    assert ask(sandbox, path, alice, path, shift=-60_000) == 4010
    nobody = SandboxUser("nobody", 0, "F" * 32, "secret")
    assert ask(sandbox, path, nobody, path) == 4005
    query = urlencode({"action": "userinfo", "api_key": alice.coinw_api_key, "sign": "0" * 32})
    with urllib.request.urlopen(f"{sandbox.url}/appApi.html?{query}") as response:
        coinw_code = json.load(response)["code"]
    refusals = ControlClient(sandbox.url).get("refusals")
    assert [row["code"] for row in refusals] == [4006, 4010, 4005, coinw_code]
    wrong, late, unknown, other_wire = refusals
    assert wrong["finding"] == "the query string was left out"
    assert wrong["signed"].startswith(f"GET{path}?x=1")
    assert abs(late["clock_difference"] + 60_000) < 1_000
    assert (unknown["key_known"], unknown["signed"]) == (False, "")
    assert (other_wire["protocol"], other_wire["key_known"]) == ("coinw", True)
    assert all(row["client_ip"] == "127.0.0.1" for row in refusals)
    assert alice.secret not in json.dumps(refusals)
