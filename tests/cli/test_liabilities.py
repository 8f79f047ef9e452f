"""Publishing beside a running venue, and checking what a customer gets over the API."""

import json
import re
import time
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.cli.processes import complaint, run, signed, started, succeed
from tests.cli.test_commands import Run, done, openbourse

__all__ = ["openbourse"]  # the fixture

PROOF = "/v2/openbourse/liabilities/proof"


def value(name: str, text: str) -> str:
    found = re.search(rf"^{name}: (\S+)$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_from_a_deposit_to_a_proof_in_the_customers_hands(openbourse: Run, tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "venue"))
    file = tmp_path / "proof.json"
    keys = {}
    for name in ("alice", "bob"):
        done(openbourse("user", "add", name, *data))
        keys[name] = done(openbourse("key", "add", name, *data))
    done(openbourse("asset", "add", "USDT", *data))
    with started("serve", *data) as server:
        assert server.get("/liabilities") == {"latest": None, "history": [], "has_next": False}
        assert signed(server, keys["alice"], PROOF)["code"] == 4001
        for name, amount in (("alice", "1000.5"), ("bob", "0.25")):
            done(openbourse("deposit", name, "USDT", amount, *data))
        first = value("root", succeed("liabilities", "publish", *data))
        found = server.get("/liabilities")
        assert found["latest"]["root"] == first
        (total,) = found["latest"]["publication"]["assets"]
        assert (total["accounts"], total["total"]) == (2, "1000.75")

        answer = signed(server, keys["alice"], PROOF)
        file.write_text(json.dumps(answer))
        account = value("public id", done(openbourse("user", "show", "alice", *data)))
        shown = done(openbourse("liabilities", "verify", str(file), "--root", first, "--account", account))
        assert "1000.5 USDT of the 1000.75 USDT that it owed to 2 accounts" in shown
        assert signed(server, keys["bob"], PROOF)["data"]["balances"][0]["amount"] == "0.25"

        answer["data"]["balances"][0]["amount"] = "1000.6"
        file.write_text(json.dumps(answer))
        assert complaint(run("liabilities", "verify", file)).startswith(
            "the proof does not hold: USDT: the way"
        )

        done(openbourse("deposit", "bob", "USDT", "1", *data))
        second = value("root", succeed("liabilities", "publish", "--keep", "1", *data))
        history = server.get("/liabilities")["history"]
        assert [(row["root"], row["previous"], row["proofs"]) for row in history] == [
            (second, first, True),
            (first, "", False),
        ]
        older = history[1]["sequence"]
        assert server.get(f"/liabilities/{older}")["root"] == first
        gone = signed(server, keys["alice"], f"{PROOF}?sequence={older}")
        assert (gone["code"], "not kept any more" in gone["message"]) == (3639, True)
        assert server.get(f"/liabilities?before={older}")["history"] == []
        for path in ("/liabilities/7777777", "/liabilities/x", "/liabilities/1/2"):
            with pytest.raises(HTTPError, match="404"):
                server.get(path)
        assert server.stop() == 0

    # And without a running venue.
    assert "there is no public id alice" in complaint(run("liabilities", "prove", "alice", *data))
    file.write_text(done(openbourse("liabilities", "prove", account, *data)))
    assert "1000.5 USDT" in done(openbourse("liabilities", "verify", str(file), "--root", second))
    assert (
        "not to the published one" in openbourse("liabilities", "verify", str(file), "--root", first).stderr
    )
    assert "nothing has happened since" in succeed("liabilities", "publish", *data)
    assert first in done(openbourse("liabilities", "list", *data))


def test_a_venue_publishes_by_itself(openbourse: Run, tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "venue"))
    done(openbourse("user", "add", "alice", *data))
    done(openbourse("asset", "add", "USDT", *data))
    often = {"OPENBOURSE_LIABILITIES_PUBLISH_EVERY_HOURS": "0.0001", "OPENBOURSE_LIABILITIES_KEEP": "1"}
    with started("serve", *data, **often) as server:
        for amount, total in (("1", "1"), ("2", "3")):
            done(openbourse("deposit", "alice", "USDT", amount, *data))
            deadline = time.monotonic() + 120
            while f'"total": "{total}"' not in json.dumps(server.get("/liabilities")["latest"]):
                assert time.monotonic() < deadline, server.errors
                time.sleep(0.1)
        assert server.stop() == 0
    assert "liabilities_not_published" not in "".join(server.errors)


def test_nothing_to_publish_and_nothing_to_prove(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "venue")
    assert "there is no data directory" in complaint(run("liabilities", "publish", *data))
    succeed("user", "add", "alice", *data)
    assert succeed("liabilities", "list", *data) == "none\n"
    assert "nothing was published yet" in complaint(run("liabilities", "prove", "0658A099", *data))
    (tmp_path / "proof.json").write_text("{}")
    assert "the proof lacks format" in complaint(run("liabilities", "verify", tmp_path / "proof.json"))
    (tmp_path / "proof.json").write_bytes(b"\xff\xfe")
    assert "is no text" in complaint(run("liabilities", "verify", tmp_path / "proof.json"))
