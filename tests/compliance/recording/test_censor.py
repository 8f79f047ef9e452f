"""No key, signature or secret gets into a recording, however wrong the request is that it was in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.sandbox.recording.censor import Censor
from openbourse.sandbox.recording.lines import Answer, Request, Sent
from openbourse.sandbox.recording.recorder import Recorder
from openbourse.sandbox.virtual_clock import VirtualClock
from tests.compliance.recording.recorded import NOW, STATE, lines

SECRET: Final = "5ec2e7" * 5
CENSOR: Final = Censor(lambda key: "alice" if key else "")
NAMES: Final = ("api_key", "access_id", "sign", "signature", "signed_str", "secret_key")

cases = st.lists(st.booleans(), min_size=10, max_size=10)
names = st.builds(
    lambda name, upper: "".join(
        letter.upper() if up else letter for letter, up in zip(name, upper * 2, strict=False)
    ),
    st.sampled_from(NAMES),
    cases,
)
plain = st.dictionaries(st.sampled_from(["market", "side", "price", "x"]), st.text("abc01?.", max_size=5))
values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def json_with_a_secret(draw: st.DrawFn) -> str:
    """At any depth, and not always whole."""
    secret: Any = draw(st.sampled_from([SECRET, [SECRET], {"of": SECRET}]))
    value: Any = {**draw(plain), draw(names): secret, "more": draw(values)}
    for _ in range(draw(st.integers(0, 3))):
        value = draw(st.sampled_from([[value, 1], {"data": value}, {"a": 1, "b": [value]}]))
    text = json.dumps(value)
    return text[: draw(st.sampled_from([len(text), text.index(SECRET) + len(SECRET)]))]


@st.composite
def form_with_a_secret(draw: st.DrawFn) -> str:
    """Escaped or not, and with what some clients add before and behind."""
    name = draw(names)
    if draw(st.booleans()):
        name = "".join(f"%{ord(letter):02x}" if draw(st.booleans()) else letter for letter in name)
    before = draw(st.sampled_from(["", "action=order?", " ", "a;", "b=1?"]))
    value = draw(st.sampled_from([SECRET, quote(f"a;{SECRET}"), f"x?y={SECRET}", f"={SECRET}"]))
    pieces = [urlencode(draw(plain)), f"{before}{name}={value}", urlencode(draw(plain))]
    return "&".join(draw(st.permutations(pieces)))


@pytest.mark.parametrize("name", [*NAMES, "apiKey", "Signed-Str", "SIGN "])
def test_every_name(name: str) -> None:
    for text in (json.dumps({name: SECRET}), json.dumps([[{"a": {name: [SECRET]}}]]), f"x=1&{name}={SECRET}"):
        censored = CENSOR.message(text)
        assert SECRET not in censored
        assert len(censored) > len("***")  # it could be read


@settings(max_examples=100, deadline=None)
@given(json_with_a_secret(), st.sampled_from(["/v2/spot/order", "/appApi.html", "//v2/x", "/nowhere"]))
def test_json(text: str, target: str) -> None:
    assert SECRET not in CENSOR.body(text, target)
    assert SECRET not in CENSOR.message(text)
    assert SECRET not in CENSOR.message(json.dumps({"url": text}))
    assert SECRET not in CENSOR.message(text.encode("utf-16-le").decode(errors="surrogateescape"))


@settings(max_examples=60, deadline=None)
@given(form_with_a_secret())
def test_forms_and_queries(text: str) -> None:
    assert SECRET not in CENSOR.body(text)
    for path in ("/appApi.html", "//appApi.html", "/api/v1/private", "http://there/v2/ping"):
        assert SECRET not in CENSOR.target(f"{path}?{text}")
    assert SECRET not in CENSOR.message(json.dumps({"url": f"/v2?{text}"}))


@settings(max_examples=60, deadline=None)
@given(names)
def test_forms_of_several_parts(name: str) -> None:
    body = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{SECRET}\r\n--b--\r\n'
    assert CENSOR.body(body) == "***"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["market", "side", "ccy", "n"]), values), plain)
def test_all_else_stays_as_it_was(value: Any, fields: dict[str, str]) -> None:
    for text in (json.dumps(value), json.dumps([value], indent=2), urlencode(fields)):
        assert CENSOR.body(text, "/v2/spot/order") == CENSOR.message(text) == text
    assert CENSOR.target("/v2/spot/market?ccy=SIGN&" + urlencode(fields)).endswith(urlencode(fields))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"method": "server.sign", "params": [SECRET, SECRET, NOW], "id": 1}),
        json.dumps({"method": "Server.Sign ", "params": {"access": SECRET, "timestamp": NOW}}),
        json.dumps({"method": "server.sign", "params": {"access_id": 5, "key": SECRET}, "id": 1}),
        '{"method": "server.sign", "params": ["' + SECRET + '"',
        '{"params": {"sign": "' + SECRET + '"}, "params": 1}',
        r'{"\u0073ign": "' + SECRET + '"}',
        "[" * 100_000 + '"sign": "' + SECRET,
    ],
)
def test_messages_that_sign(text: str) -> None:
    assert SECRET not in CENSOR.message(text)


def kept(folder: Path, happening: Callable[[Recorder], object]) -> Recorder:
    recorder = Recorder(folder / "a.jsonl", "http://me:pass@there", VirtualClock(NOW, 0), STATE)
    happening(recorder)
    recorder.close()
    return recorder


@pytest.mark.parametrize("target", ["//v2/x", "/V2/x", "http://there/v2/x", "/v2/x", "/nowhere"])
def test_headers_wherever_they_are_sent(tmp_path: Path, target: str) -> None:
    headers = {"x-coinex-key": SECRET, "x-coinex-sign": SECRET, "x-coinex-secret": SECRET}
    recorder = kept(tmp_path, lambda it: it.request("GET", target, headers, b""))
    (request,) = (line for line in lines(recorder.path) if isinstance(line, Request))
    assert request.headers == {"x-coinex-key": "key-1", "x-coinex-sign": "***"}
    assert (request.target, SECRET in recorder.path.read_text()) == (target, False)


def test_what_a_client_has_packed_and_what_a_sandbox_explains(tmp_path: Path) -> None:
    def happening(recorder: Recorder) -> None:
        recorder.request("POST", "/v2/x", {"content-encoding": "gzip"}, b"\x1f\x8b\xff")
        recorder.answer(1, "//sandbox/refusals/", 200, "", b'[{"how": "it signed %s"}]' % SECRET.encode())
        recorder.answer(2, "/sandbox/faults", 200, "", b'[{"key": "%s"}]' % SECRET.encode())
        recorder.opened(f"/v2/spot?access_id={SECRET}")
        recorder.sent(1, b'{"method":"server.sign","params":{"access_id":12345678,"signed_str":"x"}}')

    recorder = kept(tmp_path, happening)
    text = recorder.path.read_text()
    assert not [secret for secret in (SECRET, "pass@", "12345678") if secret in text]
    request, explained, faults, _, sent, _ = lines(recorder.path)
    assert isinstance(request, Request)
    assert isinstance(explained, Answer)
    assert isinstance(faults, Answer)
    assert isinstance(sent, Sent)
    assert (request.body, explained.body, json.loads(faults.body)) == ("***", "***", [{"key": "key-1"}])
    assert json.loads(sent.text)["params"] == {"access_id": "***", "signed_str": "***"}
    assert json.loads(text.splitlines()[0])["target"] == "http://there"
