"""`openbourse clock` and `openbourse fault` against a running demo."""

import re
from pathlib import Path

from openbourse.sandbox.faults.rules import MEANINGS
from tests.cli.processes import complaint, run, started, succeed


def test_the_clock_and_the_fault_desk_are_ordered_from_the_command_line(tmp_path: Path) -> None:
    with started("demo", "--data-dir", tmp_path / "demo", "--no-bots") as server:
        here = ("--url", server.url)
        shown = succeed("clock", "advance", "3600", *here)
        time = re.search(r"\((\d+)\), it runs 1 times as fast", shown)
        assert time is not None
        assert server.get("/v2/time")["data"]["timestamp"] >= int(time[1])
        assert succeed("fault", "add", "busy", "--route", "/v2/time", "--count", "1", *here) == "rule 1\n"
        assert "busy" in succeed("fault", "list", *here)
        assert server.get("/v2/time")["code"] == 3008
        assert "GET /v2/time" in succeed("fault", "injected", *here)
        assert "factor" in complaint(run("clock", "run", *here, "--", "-1"))
        assert succeed("regime", "order", "BTCUSDT", "halted", *here) == ""
        assert succeed("regime", "climate", "BTCUSDT", "--depth", "50", *here) == ""
        row = next(line for line in succeed("regime", "list", *here).splitlines() if "BTCUSDT" in line)
        assert row.split() == ["BTCUSDT", "halted", "100", "50", "80", "120"], "what was not given stays"
        assert "inf is not a number that can be sent" in complaint(run("clock", "run", "inf", *here))
        assert server.stop() == 0


def test_where_nothing_runs() -> None:
    assert "there is no sandbox at http://127.0.0.1:1: Connection refused" in complaint(
        run("fault", "list", "--url", "http://127.0.0.1:1")
    )


def test_kinds_of_faults_are_listed_as_they_are_ordered() -> None:
    first = [line.split("  ")[0] for line in succeed("fault", "kinds").splitlines()]
    assert first == ["kind", *MEANINGS]
