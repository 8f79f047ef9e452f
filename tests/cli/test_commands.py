"""Operator commands on a venue that does not run, in this process."""

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from openbourse.cli import main
from openbourse.log.data_directory import DataDirectory

Run = Callable[..., Result]


@contextmanager
def logging_as_before() -> Iterator[None]:
    """Commands make logs go to a stream of the runner's; other tests want their own back."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def openbourse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on a venue in a directory of this test's."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    with logging_as_before():
        yield run


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result) -> str:
    assert result.exit_code != 0, result.output
    assert result.stdout == ""
    assert [line[:7] for line in result.stderr.splitlines()].count("Error: ") == 1
    return result.stderr


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a venue with a user and a market."""
    path = tmp_path_factory.mktemp("furnished") / "data"
    market = ("BTCUSDT", "--base", "BTC", "--quote", "USDT", "--min-amount", "0.0001")
    with logging_as_before():
        for command in (("user", "add", "alice"), ("market", "add", *market)):
            done(CliRunner().invoke(main, [*command, "--data-dir", str(path)]))
    return path


@pytest.fixture
def venue(openbourse: Run, furnished: Path, tmp_path: Path) -> Run:
    """Runs a command on a venue with a user and a market."""
    shutil.copytree(furnished, tmp_path / "openbourse-data")
    return openbourse


def test_the_first_command_says_that_it_makes_a_venue(openbourse: Run, tmp_path: Path) -> None:
    first, second = (openbourse("user", "add", name) for name in ("alice", "bob"))
    assert first.stderr == f"a new venue has begun in {tmp_path / 'openbourse-data'}\n"
    assert second.stderr == ""


def test_an_operator_sets_a_venue_up(openbourse: Run) -> None:
    assert "user: alice" in done(openbourse("user", "add", "alice"))
    key = done(openbourse("key", "add", "alice", "--withdraw", "--never-expires", "--remark", "first"))
    assert re.search(r"^secret: [0-9A-F]{48}$", key, re.MULTILINE)
    assert "expires at: never" in key
    chain = "TRC20,min_deposit=1.5,fee=2,precision=6,safe=20,irreversible=30"
    assert "chains: TRC20, ERC20" in done(
        openbourse("asset", "add", "USDT", "--chain", chain, "--chain", "ERC20")
    )
    market = ("BTCUSDT", "--base", "BTC", "--quote", "USDT", "--min-amount", "0.0001", "--taker-fee", "0.003")
    assert "taker rate: 0.003" in done(openbourse("market", "add", *market))
    assert "available: 0.5" in done(openbourse("deposit", "alice", "BTC", "0.50"))
    assert "BTC: available 0.5, frozen 0" in done(openbourse("user", "show", "alice"))
    assert "sequence: 3" in done(openbourse("verify"))


def test_listing_numbers(openbourse: Run) -> None:
    assert "number: 50" in done(openbourse("asset", "add", "BTC", "--number", "50"))
    terms = ("--base", "BTC", "--quote", "USDT", "--min-amount", "0.0001")
    assert "number: 78" in done(openbourse("market", "add", "BTCUSDT", *terms, "--number", "78"))
    assert "number: none yet" in done(openbourse("asset", "add", "ETH"))
    assert "number 50 is that of the asset BTC" in refused(openbourse("asset", "add", "X", "--number", "50"))
    taken = openbourse("market", "add", "BTCUSDX", *terms, "--number", "78")
    assert "number 78 is that of the market BTCUSDT" in refused(taken)
    assert "BTCUSDX" not in done(openbourse("market", "list"))
    assert "from 1 to" in refused(openbourse("asset", "add", "X", "--number", "-1"))


def test_a_secret_is_shown_once(venue: Run) -> None:
    shown = done(venue("key", "add", "alice"))
    secret = re.search(r"secret: (\w+)", shown)
    assert secret
    listed = done(venue("key", "list")) + done(venue("key", "list", "alice")) + done(venue("user", "list"))
    assert secret[1] not in listed
    assert "secret" not in listed


def test_a_deposit_with_a_key_is_credited_once(venue: Run) -> None:
    assert "credited: yes" in done(venue("deposit", "alice", "USDT", "10", "--key", "tx1"))
    assert "credited: no" in done(venue("deposit", "alice", "USDT", "10", "--key", "tx1"))
    assert "USDT: available 10, frozen 0" in done(venue("user", "show", "alice"))
    assert "key conflict" in refused(venue("deposit", "alice", "USDT", "11", "--key", "tx1"))


def test_a_revoked_key_is_gone(venue: Run) -> None:
    key = re.search(r"key: (\w+)", done(venue("key", "add", "alice", "--protocol", "coinw")))
    assert key
    listed = re.search(r"^([-0-9a-f]{36}) +alice +coinw", done(venue("key", "list")), re.MULTILINE)
    assert listed
    done(venue("key", "revoke", listed[1]))
    assert done(venue("key", "list")) == "none\n"
    assert "there is no key" in refused(venue("key", "revoke", listed[1]))


def test_the_master_key_is_rotated(venue: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, _ = re.findall(r"(?:key|secret): (\w+)", done(venue("key", "add", "alice")))
    file = tmp_path / "openbourse-data" / "master.key"
    old = file.read_text()
    assert "keep the old copy for older backups" in done(venue("master-key", "rotate"))
    assert file.read_text() != old
    assert key in done(venue("key", "list"))
    monkeypatch.setenv("OPENBOURSE_MASTER_KEY", old.strip())
    assert "is not the master key" in refused(venue("key", "list"))
    assert "only one that is in a file" in refused(venue("master-key", "rotate"))
    monkeypatch.delenv("OPENBOURSE_MASTER_KEY")
    running = DataDirectory(tmp_path / "openbourse-data")
    running.open("production")
    assert "is in use by another process" in refused(venue("master-key", "rotate"))
    running.close()


def test_rules_of_a_market_change_and_the_rest_stays(venue: Run) -> None:
    done(venue("market", "status", "BTCUSDT", "halted"))
    changed = done(venue("market", "change", "BTCUSDT", "--maker-fee", "0.001"))
    assert "maker rate: 0.001" in changed
    assert "taker rate: 0.002" in changed
    assert "min amount: 0.0001" in changed
    assert "status: halted" in changed
    assert "halted" in done(venue("market", "list"))


def test_fees_of_a_user_and_the_fee_token(venue: Run) -> None:
    assert "taker rate: 0.0005" in done(venue("fee", "user", "alice", "--taker", "0.0005"))
    assert "taker rate: as the market" in done(venue("fee", "user", "alice"))
    assert "fee discount: on" in done(venue("fee", "discount", "alice", "on"))
    done(venue("asset", "add", "TOKEN"))
    assert "discount: 0.2" in done(venue("fee", "token", "TOKEN", "0.2"))


def test_fee_tiers(venue: Run) -> None:
    assert done(venue("fee", "tier", "list")) == "none\n"
    listed = done(venue("fee", "tier", "add", "vip-1", "--maker", "0.0005", "--taker", "0.001"))
    assert re.search(r"^vip-1 +0\.0005 +0\.001 +-$", listed, re.MULTILINE)
    shown = done(venue("fee", "tier", "assign", "alice", "vip-1"))
    assert "taker rate: 0.001" in shown
    assert "fee tier: vip-1" in shown
    assert "alice" in done(venue("fee", "tier", "add", "vip-1", "--maker", "0", "--taker", "0.0008"))
    assert "refused" in refused(venue("fee", "user", "alice", "--maker", "2"))
    shown = done(venue("user", "show", "alice"))
    assert "taker rate: 0.0008" in shown
    assert "fee tier: vip-1" in shown
    shown = done(venue("fee", "tier", "assign", "alice"))
    assert "taker rate: as the market" in shown
    assert "fee tier" not in shown


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("user add alice", "There is a user 'alice' already"),
        ("user add two+words", "A user name has"),
        ("user show bob", "there is no user bob"),
        ("key add bob", "there is no user bob"),
        ("key add alice --allow 1.2.3", "is not an IP address"),
        ("key add alice --protocol other", "'other' is not one of"),
        ("deposit alice USDT abc", "the amount: not a decimal number: 'abc'"),
        ("deposit alice USDT NaN", "not a decimal number"),
        ("deposit alice USDT 1e40", "refused, invalid amount"),
        ("deposit alice USDT 1e50", "the amount: number out of range"),
        ("deposit alice USDT 0", "must be positive"),
        ("deposit alice USDT -- -1", "must be positive"),
        ("deposit alice USDT 0.1234567890123456789", "more than 18 decimals"),
        ("deposit alice XXX 1", "there is no asset XXX"),
        ("market add BTCUSDT --base BTC --quote USDT --min-amount 1", "there is a market BTCUSDT already"),
        ("market add X --base BTC --quote BTC --min-amount 1", "base and quote are the same"),
        ("market add X --base A --quote B --min-amount 1 --quote-precision 13", "precisions are 0 to 12"),
        ("market add X --base A --quote B --min-amount 1 --taker-fee 0.0000001", "more than 6 decimals"),
        ("market change NONE --maker-fee 0", "there is no market NONE"),
        ("market status BTCUSDT closed", "'closed' is not one of"),
        ("fee user alice --maker 2", "refused, invalid request: rate"),
        ("fee token NONE 0.2", "there is no asset NONE"),
        ("fee tier assign alice NONE", "There is no fee tier NONE"),
        ("fee tier add vip --maker 0 --taker 1", "a rate is less than 1"),
        ("fee tier add vip --maker 0 --taker -0.1", "cannot be negative"),
        ("asset add US-DT", "letters and digits"),
        ("asset add USDT --chain TRC20,fees=1", "'fees=1' is none of"),
        ("asset add USDT --chain TRC20,fee=x", "not a decimal number"),
        ("asset add USDT --chain TRC20,safe=x", "TRC20,safe=x"),
        ("asset add USDT --chain A --chain A", "a chain is given twice"),
        ("verify --data-dir nowhere", "there is no data directory"),
        ("withdrawal list --status sent", "'sent' is not one of"),
        ("user list --config nowhere.toml", "cannot read the configuration file nowhere.toml"),
        ("nonsense", "No such command 'nonsense'"),
    ],
)
def test_what_cannot_be_done_gets_one_sentence(venue: Run, command: str, part: str) -> None:
    assert part in refused(venue(*command.split()))


def test_asking_does_not_make_a_venue(openbourse: Run, tmp_path: Path) -> None:
    for command in ("user list", "key add alice", "deposit alice USDT 1", "market list"):
        assert "there is no data directory" in refused(openbourse(*command.split()))
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_directory_is_left_alone(openbourse: Run, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    assert "choose another directory" in refused(openbourse("user", "add", "alice", "--data-dir", "."))
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_a_damaged_log_is_reported(venue: Run, tmp_path: Path) -> None:
    done(venue("deposit", "alice", "USDT", "1"))
    log = tmp_path / "openbourse-data" / "commands.db"
    content = log.read_bytes()
    assert content.count(b'"BTCUSDT"') > 0
    log.write_bytes(content.replace(b'"BTCUSDT"', b'"BTCUSDX"'))
    result = venue("verify")
    assert result.exit_code != 0
    assert "problem: " in result.stderr
    assert "Error: the data disagree with the log" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unforeseen_failure_is_short_unless_asked(venue: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("openbourse.cli.user.carry_out", broken)
    assert "unexpected ZeroDivisionError: a bug (run with `openbourse --debug" in refused(
        venue("user", "list")
    )
    assert isinstance(venue("--debug", "user", "list").exception, ZeroDivisionError)


def test_config_show_tells_where_values_come_from(openbourse: Run, tmp_path: Path) -> None:
    (tmp_path / "openbourse.toml").write_text("[server]\nport = 9000\n")
    shown = done(openbourse("config", "show", "--data-dir", "elsewhere"))
    assert "# OPENBOURSE_SERVER_PORT; set by openbourse.toml\nport = 9000" in shown
    assert "# OPENBOURSE_DATA_DIRECTORY; set by command line" in shown
    assert "# OPENBOURSE_SERVER_HOST; default" in shown
    (tmp_path / "openbourse.toml").write_text("[server]\nprot = 9000\n")
    assert "there is no setting server.prot" in refused(openbourse("config", "show"))
