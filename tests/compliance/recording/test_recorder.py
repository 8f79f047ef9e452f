"""What is written down, what is not, and how a recording ends."""

import asyncio
import json
import os
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from openbourse.sandbox.recording.lines import (
    Answer,
    End,
    Failure,
    Header,
    Opened,
    Received,
    RecordFileError,
    Request,
    Sent,
)
from openbourse.sandbox.recording.proxy import RecordingProxy, inflated
from openbourse.sandbox.recording.reader import read_header, read_lines
from openbourse.sandbox.recording.recorder import Recorder
from openbourse.sandbox.virtual_clock import VirtualClock
from tests.compliance.recording.recorded import NOW, STATE, lines, recorded


def recorder(folder: Path, **limits: int) -> Recorder:
    return Recorder(
        folder / "a.jsonl", "http://there", VirtualClock(NOW, 0), STATE, {"k" * 32: "bob"}, **limits
    )


async def test_no_key_no_signature_and_no_cookie_is_in_a_recording(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        await scene.coinex("GET", "/v2/assets/spot/balance")
        await scene.coinw("userinfo")
        async with aiohttp.ClientSession() as session:
            headers = {"Cookie": "session=abc", "Authorization": "Bearer xyz", "User-Agent": "test"}
            async with session.get(f"{scene.url}/v2/time", headers=headers) as answer:
                assert answer.status == 200
            async with session.ws_connect(f"{scene.url}/v2/spot") as socket:
                key = scene.fresh.traders[0].keys["coinex"].key_id
                params = {"access_id": key, "signed_str": "ab" * 32, "timestamp": NOW}
                await socket.send_json({"method": "server.sign", "params": params, "id": 1})
                await socket.receive()
        sent = scene.file.read_text()
        secrets = [
            text
            for trader in scene.fresh.traders
            for key in trader.keys.values()
            for text in (key.key_id, key.secret)
        ]
    assert not [text for text in [*secrets, "abc", "xyz", "ab" * 32] if text in sent]
    balance, userinfo, time = (line for line in lines(scene.file) if isinstance(line, Request))
    assert balance.headers["x-coinex-key"] == balance.key == "trader1"
    assert balance.headers["x-coinex-sign"] == "***"
    assert "api_key=trader1&sign=%2A%2A%2A" in userinfo.target
    assert (time.key, time.headers) == ("", {"accept": "*/*", "user-agent": "test"})
    (sign,) = (line for line in lines(scene.file) if isinstance(line, Sent))
    assert json.loads(sign.text)["params"] == {"access_id": "trader1", "signed_str": "***", "timestamp": NOW}
    (opened,) = (line for line in lines(scene.file) if isinstance(line, Opened))
    assert (opened.target, opened.status) == ("/v2/spot", 101)
    (received,) = (line for line in lines(scene.file) if isinstance(line, Received))
    assert json.loads(received.text)["code"] == 21002
    assert scene.file.stat().st_mode & 0o777 == 0o600


def test_broken_json_with_a_signature_is_not_kept(tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    kept.request("POST", "/appApi.html", {}, b'{"api_key":"k","sign":"5c1d"')
    kept.request("POST", "/appApi.html", {}, b'{"action":"symbols"')
    kept.close()
    first, second = (line for line in lines(kept.path) if isinstance(line, Request))
    assert (first.body, second.body) == ("***", '{"action":"symbols"')


def test_keys_without_a_name_get_a_label_in_the_order_of_their_appearance(tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    for key in ("a" * 32, "k" * 32, "b" * 32, "a" * 32, ""):
        kept.request("GET", "/v2/assets/spot/balance", {"x-coinex-key": key}, b"")
    kept.close()
    assert [line.key for line in lines(kept.path) if isinstance(line, Request)] == [
        "key-1",
        "bob",
        "key-2",
        "key-1",
        "",
    ]


def test_a_new_keys_secret_is_masked_even_where_nobody_can_read_it(tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    for number, body in enumerate(
        (b'{"data":{"access_id":"new","secret_key":"hush"}}', b'{"secret_key":"hush"'), 1
    ):
        kept.answer(number, "/v2/account/subs/api", 200, "", body)
    kept.close()
    first, second = (line for line in lines(kept.path) if isinstance(line, Answer))
    assert json.loads(first.body) == {"data": {"access_id": "key-1", "secret_key": "***"}}
    assert second.body == "***"


def test_long_messages_are_cut_and_bytes_survive(tmp_path: Path) -> None:
    kept = recorder(tmp_path, max_message_bytes=10)
    kept.request("POST", "/v2/x", {}, b"0123456789abc")
    kept.received(1, b"\xff\xfe")
    kept.close()
    request, received, end = lines(kept.path)
    assert isinstance(request, Request)
    assert (request.body, request.cut) == ("0123456789", True)
    assert isinstance(received, Received)
    assert (received.text, received.encoding) == ("//4=", "base64")
    assert end == End(time=NOW, messages=2, why="stopped")


def test_a_full_file_ends_and_says_so(tmp_path: Path) -> None:
    kept = recorder(tmp_path, max_file_bytes=2_000)
    for _ in range(100):
        kept.received(1, b"x" * 100)
    kept.close()
    assert kept.full
    last = lines(kept.path)[-1]
    assert isinstance(last, End)
    assert (last.why, last.messages) == ("full", len(lines(kept.path)) - 1)
    assert kept.path.stat().st_size < 2_200


def fill_the_disk(kept: Recorder) -> None:
    kept._file.close()
    kept._file = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")


async def test_a_client_is_served_on_when_nothing_can_be_written(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        fill_the_disk(scene.recorder)
        for _ in range(2):
            assert "timestamp" in await scene.ask("GET", "/v2/time")
    assert scene.recorder.full
    assert scene.recorder.trouble.endswith("No space left on device")


def test_nobodys_file_is_overwritten(tmp_path: Path) -> None:
    recorder(tmp_path).close()
    with pytest.raises(RecordFileError, match="exists already"):
        recorder(tmp_path)


def test_a_torn_end_is_passed_over_and_damage_is_named(tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    kept.received(1, b"one")
    kept.received(1, b"two")
    kept.close()
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[: whole.index(b'"two"')])
    assert [line.text for line in lines(kept.path) if isinstance(line, Received)] == ["one"]
    kept.path.write_bytes(whole.replace(b'"received"', b'"heard"', 1))
    with pytest.raises(RecordFileError, match="line 2: not a line of a recording"):
        lines(kept.path)
    kept.path.write_bytes(whole.replace(b'"version":1', b'"version":9', 1))
    with pytest.raises(RecordFileError, match="format openbourse-recording 9"):
        read_header(kept.path)
    kept.path.write_bytes(whole + whole)
    with pytest.raises(RecordFileError, match="one header, as its first line"):
        list(read_lines(kept.path))
    kept.path.write_bytes(b"")
    with pytest.raises(RecordFileError, match="is empty"):
        read_header(kept.path)
    kept.path.unlink()
    with pytest.raises(RecordFileError, match="cannot read"):
        read_header(kept.path)


async def test_a_venue_that_is_not_there_is_a_bad_gateway_and_written_down(tmp_path: Path) -> None:
    kept = recorder(tmp_path)
    async with RecordingProxy(kept, "http://127.0.0.1:1") as proxy, aiohttp.ClientSession() as session:
        async with session.get(f"{proxy.url}/v2/time") as answer:
            assert answer.status == 502
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{proxy.url}/v2/spot")
    kept.close()
    _, failure, opened, _ = lines(kept.path)
    assert isinstance(failure, Failure)
    assert isinstance(opened, Opened)
    assert opened.status == 502


@pytest.mark.parametrize(
    ("target", "status"),
    [(b"/v2/time", 200), (b"http://elsewhere/v2/time", 200), (b"@elsewhere/v2/time", 400)],
)
async def test_odd_requests_are_handed_on_and_written_down(
    tmp_path: Path, target: bytes, status: int
) -> None:
    async with recorded(tmp_path) as scene:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(scene.url).port)
        head = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: caf\xe9\r\n\r\n"
        writer.write(b"GET " + target + head)
        answer = await reader.read()
        writer.close()
    assert answer.split()[1] == b"%d" % status
    requests = [line for line in lines(scene.file) if isinstance(line, Request)]
    assert [(line.target, line.headers) for line in requests] == (
        [(target.decode(), {"user-agent": "caf\ufffd"})] if status == 200 else []
    )


@pytest.mark.parametrize("path", ["/sandbox/clock", "/%73andbox/clock", "//sandbox"])
async def test_a_web_page_gets_no_sandbox_under_a_name_of_its_own(tmp_path: Path, path: str) -> None:
    async with recorded(tmp_path) as scene, aiohttp.ClientSession() as session:
        url = URL(scene.url + path, encoded=True)
        async with session.get(url, headers={"Host": "rebound.example.org"}) as answer:
            assert answer.status == 403
        async with session.get(url) as answer:
            assert answer.status != 403
    assert len([line for line in lines(scene.file) if isinstance(line, Request)]) == 1


async def test_the_recorders_clock_goes_where_the_sandboxes_goes(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        await scene.ask("POST", "/sandbox/clock", b'{"advance": 60}')
        await scene.ask("GET", "/v2/time")
    first, moved, *_ = (line.time for line in lines(scene.file) if isinstance(line, Request))
    assert (first, moved) == (NOW, NOW + 60_000)
    header = read_header(scene.file)
    assert isinstance(header, Header)
    assert header.sandbox is not None
    assert header.sandbox.repeatable


def test_only_gzip_is_inflated() -> None:
    assert inflated(b"plain") == b"plain"
    assert inflated(b"\x1f\x8bbroken") == b"\x1f\x8bbroken"
