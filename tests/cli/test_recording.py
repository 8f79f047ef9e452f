"""`openbourse demo --record`, `record` and `replay` as processes, with an unmodified ccxt between them."""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

import ccxt
import pytest
from click.testing import CliRunner

from openbourse.cli import main
from openbourse.sandbox.recording.lines import SandboxState
from openbourse.sandbox.recording.recorder import Recorder
from openbourse.sandbox.virtual_clock import VirtualClock
from tests.cli.processes import Server, run, started
from tests.compliance.recording.recorded import replayed


def client(url: str, key: dict[str, str]) -> Any:
    exchange = ccxt.coinex(dict(zip(("apiKey", "secret"), key.values(), strict=True)))
    exchange.urls["api"] = dict.fromkeys(exchange.urls["api"], url)
    return exchange


def test_a_recorded_demo_is_the_same_again_and_a_recorder_before_it_sees_the_same(tmp_path: Path) -> None:
    inner, outer, keys = tmp_path / "inner.jsonl", tmp_path / "outer.jsonl", tmp_path / "keys.json"
    demo = ("demo", "--no-bots", "--data-dir", tmp_path / "demo", "--credentials", keys, "--record", inner)
    with started(*demo) as sandbox:
        known = json.loads(keys.read_text())
        with Server(
            "record", outer, "--target", sandbox.url, "--port", "0", "--credentials", keys
        ) as recorder:
            exchange = client(recorder.url, known["users"][0]["coinex"])
            order = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)
            assert exchange.fetch_order(order["id"], "BTC/USDT")["status"] == "open"
            assert recorder.stop() == 0
        assert f"messages in {outer}" in "".join(recorder.output)
        assert sandbox.stop() == 0
        assert f"messages in {inner}" in "".join(sandbox.output)
    for file in (inner, outer):
        text = file.read_text()
        assert '"key":"trader1"' in text
        assert json.loads(text.splitlines()[-1])["why"] == "stopped"
        assert asyncio.run(replayed(file)) == []
    changed = inner.read_text().replace('\\"status\\":\\"open\\"', '\\"status\\":\\"filled\\"')
    assert changed != inner.read_text()
    inner.write_text(changed)
    done = run("replay", inner)
    assert done.returncode == 1
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "/v2/spot/order-status" in lines[0]
    assert lines[1:4] == ["at        data.status", 'expected  "filled"', 'got       "open"']
    assert lines[4] == "before that:"


def test_a_replay_without_a_difference_ends_well(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    Recorder(file, "http://there", VirtualClock(1_795_000_000_000), SandboxState(0, 0, 0)).close()
    done = run("replay", file)
    assert (done.returncode, done.stdout) == (0, "no difference\n"), done.stderr
    assert "0 messages compared, values and all" in done.stderr


def test_nobodys_file_is_overwritten(tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine\n")
    done = CliRunner().invoke(main, ["record", str(there), "--target", "http://127.0.0.1:1", "--port", "0"])
    assert "record into another file" in done.output
    done = CliRunner().invoke(main, ["record", str(tmp_path / "new.jsonl"), "--target", "exchange"])
    assert "those begin with http://" in done.output
    assert (there.read_text(), done.exit_code) == ("mine\n", 1)


def test_a_recording_that_never_began_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "new.jsonl"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(main, ["record", str(file), "--target", "http://there", "--port", port])
    assert (done.exit_code, file.exists()) == (1, False)
    assert f"cannot listen on port {port}" in done.output


def test_ports_are_ports(tmp_path: Path) -> None:
    for command in (["record", "file"], ["demo"], ["serve"], ["incident", "open", str(tmp_path)]):
        done = CliRunner().invoke(main, [*command, "--port", "65536"])
        assert (done.exit_code, "0<=x<=65535" in done.output) == (2, True), done.output


@pytest.mark.parametrize("command", ["record", "replay"])
def test_without_aiohttp_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("openbourse.sandbox.recording.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    done = CliRunner().invoke(main, [command, str(tmp_path / "file.jsonl")])
    assert done.exit_code == 1
    assert "pip install 'openbourse[recording]'" in done.output
    assert "record" in CliRunner().invoke(main, ["--help"]).output
