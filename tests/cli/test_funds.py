"""The operator's commands about money that comes and goes, on a venue that does not run."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from openbourse.cli import main
from tests.cli.test_commands import Run, done, logging_as_before, openbourse, refused

__all__ = ["openbourse"]

CHAIN = "TRC20,min_deposit=1,min_withdrawal=2,fee=1,precision=6,safe=2,irreversible=4"
ADDRESS = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@pytest.fixture
def venue(openbourse: Run) -> Run:
    for command in (
        ("user", "add", "ann"),
        ("user", "add", "bob"),
        ("asset", "add", "USDT", "--chain", CHAIN),
    ):
        done(openbourse(*command))
    return openbourse


def test_adjusting_needs_a_reason_and_goes_through_the_ledger(venue: Run) -> None:
    assert "available: 5" in done(venue("adjust", "ann", "USDT", "5", "--reason", "gift", "--key", "k"))
    assert "available: 5" in done(venue("adjust", "ann", "USDT", "5", "--reason", "gift", "--key", "k"))
    assert "available: 3" in done(venue("adjust", "ann", "USDT", "-2", "--reason", "a mistake"))
    assert "insufficient balance" in refused(venue("adjust", "ann", "USDT", "-4", "--reason", "x"))
    assert "--reason" in venue("adjust", "ann", "USDT", "5").output
    assert "reason" in refused(venue("adjust", "ann", "USDT", "5", "--reason", " "))
    assert "there is no asset SHIB" in refused(venue("adjust", "ann", "SHIB", "5", "--reason", "x"))
    assert "by nothing" in refused(venue("adjust", "ann", "USDT", "0", "--reason", "x"))
    done(venue("verify"))


def test_the_allow_list(venue: Run) -> None:
    done(venue("allow", "add", "ann", ADDRESS, "--chain", "TRC20", "--memo", "7", "--remark", "rent"))
    done(venue("allow", "add", "ann", "bob"))
    listed = done(venue("allow", "list", "ann"))
    assert ADDRESS in listed
    assert "another user" in listed
    assert "not on the list" in refused(venue("allow", "remove", "ann", ADDRESS, "--chain", "TRC20"))
    done(venue("allow", "remove", "ann", ADDRESS, "--chain", "TRC20", "--memo", "7"))
    assert ADDRESS not in done(venue("allow", "list", "ann"))
    assert "there is no user eve" in refused(venue("allow", "add", "ann", "eve"))
    assert "no asset moves" in refused(venue("allow", "add", "ann", ADDRESS, "--chain", "BSC"))


def test_limits_and_switches_outlive_a_change_of_the_asset(venue: Run) -> None:
    assert "daily limit: 100" in done(venue("asset", "limits", "USDT", "--daily", "100", "--review", "50"))
    assert "deposits on TRC20: no" in done(
        venue("asset", "switch", "USDT", "--chain", "TRC20", "--no-deposits")
    )
    assert "withdrawals: no" in done(venue("asset", "switch", "USDT", "--no-withdrawals"))
    done(venue("asset", "add", "USDT", "--full-name", "Tether", "--chain", CHAIN))
    shown = done(venue("asset", "switch", "USDT", "--deposits"))
    assert "review above: 50" in shown
    assert "withdrawals: no" in shown
    assert "daily limit: none" in done(venue("asset", "limits", "USDT"))
    assert "positive" in refused(venue("asset", "limits", "USDT", "--daily", "0"))
    assert "no chain BSC" in refused(venue("asset", "switch", "USDT", "--chain", "BSC", "--deposits"))


def test_halting_freezing_and_empty_lists(venue: Run) -> None:
    assert "halted" in done(venue("withdrawal", "halt"))
    assert "enabled" in done(venue("withdrawal", "resume"))
    assert "frozen" in done(venue("user", "status", "ann", "frozen"))
    assert done(venue("withdrawal", "list")) == "none\n"
    assert done(venue("held", "list")) == "none\n"
    assert "unknown withdrawal" in refused(venue("withdrawal", "approve", "7"))
    assert "no unknown withdrawal 7" in refused(venue("withdrawal", "sent", "7", "tx"))
    assert "unknown deposit" in refused(venue("held", "void", "7", "--reason", "x"))


def test_a_production_venue_has_no_faucet(venue: Run) -> None:
    assert "only a sandbox" in refused(venue("chain", "faucet", "ann", "USDT", "5"))
    assert "only a sandbox" in refused(venue("chain", "reorganise", "TRC20", "3"))


def test_every_command_explains_itself(tmp_path: Path) -> None:
    with logging_as_before():
        for group in ("withdrawal", "held", "allow", "adjust", "chain"):
            assert "Usage" in done(CliRunner().invoke(main, [group, "--help"]))
