"""From a snapshot to a publication: what is published is what the ledger says, or nothing is."""

import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openbourse.accounts.kept_secrets import KeptSecrets
from openbourse.accounts.opening import open_store
from openbourse.accounts.store import Store
from openbourse.core.commands import Deposit
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT
from openbourse.liabilities import tree_file
from openbourse.liabilities.archive import Archive
from openbourse.liabilities.errors import ImbalanceError, LiabilityError
from openbourse.liabilities.publisher import Outcome, Publisher
from openbourse.liabilities.tree_file import TreeFileWriter
from openbourse.liabilities.verifier import Checked, amount_text, check
from openbourse.log import snapshot_rows
from openbourse.log.snapshots import SnapshotStore
from tests.liabilities import naive
from tests.liabilities.many import account, make_many
from tests.log.venues import applied, traffic

EXCHANGE = applied(traffic(600))
USERS = list(EXCHANGE.state.users)


class House:
    """A data directory without a venue, and who publishes in it."""

    def __init__(self, path: Path) -> None:
        self.directory = make_many(path, max(USERS))  # for the accounts; its snapshot goes
        shutil.rmtree(self.directory.snapshots)
        self.archive = Archive(self.directory.liabilities)

    def save(self, exchange: Exchange = EXCHANGE) -> Path:
        return SnapshotStore(self.directory.snapshots).save(exchange)

    def with_store(self, work: Callable[[Store, KeptSecrets], Any]) -> Any:
        with open_store(f"sqlite:///{self.directory.accounts}", self.directory.master_key, {}) as opened:
            return work(*opened)

    def publish(self, keep: int = 10) -> Outcome:
        outcome: Outcome = self.with_store(
            lambda store, secrets: Publisher(self.directory, store, secrets).publish(5, keep)
        )
        return outcome

    def proof(self, user: int, sequence: int) -> str:
        proof = self.with_store(lambda _, secrets: self.archive.proof(account(user), sequence, secrets.get))
        return msgspec.json.encode(proof).decode()

    def files(self) -> list[str]:
        return sorted(path.name for path in self.directory.liabilities.iterdir() if path.name != "lock")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "venue")


def owed(exchange: Exchange, user: int) -> dict[str, int]:
    """Straight from the ledger."""
    found: dict[str, int] = {}
    for accounts in exchange.state.ledger.wallets[user].values():
        for asset, balance in accounts.items():
            found[asset] = found.get(asset, 0) + balance.available + balance.frozen
    return {asset: amount for asset, amount in found.items() if amount}


def more(exchange: Exchange, user: int, amount: int = MONEY_UNIT) -> Exchange:
    """Another state, in which that user has some more bitcoins."""
    copy = applied(traffic(600))
    for number in range(exchange.sequence - copy.sequence + 1):
        copy.apply(Deposit(copy.now, f"more{number}", user, "BTC", amount))
    return copy


def test_everybody_can_check_everything(house: House) -> None:
    house.save()
    outcome = house.publish()
    published = outcome.publication
    assert outcome.new
    assert (published.publication.sequence, published.publication.snapshot_at) == (600, EXCHANGE.now)
    totals: dict[str, int] = {}
    positions: dict[str, set[int]] = {}
    for user in USERS:
        checked: Checked = check(house.proof(user, 600))
        assert (checked.account, checked.root) == (account(user), published.root)
        amounts = owed(EXCHANGE, user)
        assert {holding.asset: holding.amount for holding in checked.holdings} == {
            asset: naive.text(amount) for asset, amount in amounts.items()
        }
        for holding in checked.holdings:
            totals[holding.asset] = totals.get(holding.asset, 0) + amounts[holding.asset]
            assert holding.position not in positions.setdefault(holding.asset, set())
            positions[holding.asset].add(holding.position)
    ledger = EXCHANGE.state.ledger.system
    for total in published.publication.assets:
        assert total.total == amount_text(totals.pop(total.asset))
        assert positions[total.asset] == set(range(total.accounts))
        venue = sum(kept[total.asset].available for kept in ledger.values() if total.asset in kept)
        assert total.total == naive.text(-venue)
    assert not totals


def test_who_is_owed_nothing_has_a_proof_of_that(house: House) -> None:
    house.save()
    house.publish()
    assert check(house.proof(max(USERS) + 7, 600)).holdings == []


def test_a_chain_of_publications(house: House) -> None:
    """Each root contains the one before, and every old proof still leads to its own."""
    exchange, roots = EXCHANGE, [""]
    for _ in range(3):
        house.save(exchange)
        roots.append(house.publish().publication.root)
        checked = check(house.proof(USERS[0], exchange.sequence))
        assert (checked.root, checked.previous) == (roots[-1], roots[-2])
        exchange = more(exchange, USERS[0])
    assert house.archive.sequences() == [602, 601, 600]
    assert check(house.proof(USERS[0], 600)).root == roots[1]
    assert len(set(roots)) == 4


def test_the_same_state_is_published_once(house: House) -> None:
    house.save()
    first, second = house.publish(), house.publish()
    assert (first.new, second.new) == (True, False)
    assert first.publication == second.publication


def test_leaves_say_nothing_and_are_others_every_time(house: House) -> None:
    """Equal balances have different leaves, and unchanged ones have others in the next publication."""
    leaves: list[set[bytes]] = []
    for exchange in (EXCHANGE, more(EXCHANGE, USERS[0])):
        house.save(exchange)
        sequence = house.publish().publication.publication.sequence
        with sqlite3.connect(house.archive.trees(sequence)) as connection:
            rows = connection.execute("SELECT hash FROM nodes WHERE level = 0").fetchall()
        connection.close()
        assert len(rows) == len({row[0] for row in rows}) == sum(len(owed(exchange, user)) for user in USERS)
        leaves.append({row[0] for row in rows})
    assert not leaves[0] & leaves[1]


def test_proofs_show_nobody_else(house: House) -> None:
    house.save()
    house.publish()
    for user in USERS:
        text = house.proof(user, 600)
        assert not [other for other in USERS if other != user and account(other) in text]


def test_the_secret_is_in_no_file(house: House) -> None:
    house.save()
    house.publish()
    secret = house.with_store(lambda _, secrets: secrets.get("liabilities/600"))
    assert len(secret) == 32
    for path in house.directory.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert secret not in content
            assert secret.hex().encode() not in content
    assert house.archive.trees(600).stat().st_mode & 0o777 == 0o600


def test_old_trees_go_with_their_secrets_and_roots_stay(house: House) -> None:
    exchange = EXCHANGE
    for _ in range(3):
        house.save(exchange)
        house.publish(keep=2)
        exchange = more(exchange, USERS[0])
    assert house.archive.sequences() == [602, 601, 600]
    assert [house.archive.has_trees(sequence) for sequence in (602, 601, 600)] == [True, True, False]
    assert house.with_store(lambda _, secrets: secrets.names("")) == ["liabilities/601", "liabilities/602"]
    with pytest.raises(LiabilityError, match="proofs of the publication of command 600 are not kept"):
        house.proof(USERS[0], 600)


# -- refusals -----------------------------------------------------------------------------------------


def steal(exchange: Exchange) -> None:
    next(iter(exchange.state.ledger.wallets[USERS[0]]["spot"].values())).available -= 1


def invent(exchange: Exchange) -> None:
    next(iter(exchange.state.ledger.wallets[USERS[0]]["spot"].values())).frozen += 5


def embezzle(exchange: Exchange) -> None:
    exchange.state.ledger.system_account("fees", "BTC").available -= 1


def forget(exchange: Exchange) -> None:
    exchange.state.ledger.system_account("settlement", "BTC").available += 1
    exchange.state.ledger.system_account("custody", "BTC").available -= 1


def owe_less(exchange: Exchange) -> None:
    """Sums to zero, by way of a negative balance."""
    wallet = exchange.state.ledger.wallets[USERS[0]]["spot"]
    debt = wallet["BTC"].available + 7
    wallet["BTC"].available -= debt
    exchange.state.ledger.system_account("custody", "BTC").available += debt


@pytest.mark.parametrize("fraud", [steal, invent, embezzle, forget, owe_less])
def test_what_does_not_add_up_is_not_published(house: House, fraud: Callable[[Exchange], None]) -> None:
    exchange = applied(traffic(600))
    fraud(exchange)
    house.save(exchange)
    with pytest.raises(ImbalanceError):
        house.publish()
    assert house.files() == []


def test_a_user_whom_the_accounts_do_not_know(house: House) -> None:
    house.save()
    with sqlite3.connect(house.directory.accounts) as connection:
        connection.execute("DELETE FROM users WHERE id = ?", (USERS[0],))
    connection.close()
    with pytest.raises(LiabilityError, match=f"does not know the user {USERS[0]}"):
        house.publish()
    assert house.files() == []


def test_a_damaged_snapshot_is_passed_over_and_none_is_not_enough(house: House) -> None:
    with pytest.raises(LiabilityError, match="there is no snapshot"):
        house.publish()
    house.save()
    newest = house.save(more(EXCHANGE, USERS[0]))
    newest.write_bytes(newest.read_bytes()[:-1])
    assert house.publish().publication.publication.sequence == 600


def test_a_log_that_went_back(house: House) -> None:
    house.save(more(EXCHANGE, USERS[0])).unlink()
    newest = house.save(more(EXCHANGE, USERS[0]))
    house.publish()
    newest.unlink()
    house.save()
    with pytest.raises(LiabilityError, match="command 601 is published already"):
        house.publish()


def test_one_at_a_time(house: House) -> None:
    house.save()
    house.directory.liabilities.mkdir()

    def beside_another(store: Store, secrets: KeptSecrets) -> None:
        publisher = Publisher(house.directory, store, secrets)
        with publisher._alone(), pytest.raises(LiabilityError, match="another publication is being made"):
            house.publish()

    house.with_store(beside_another)
    assert house.publish().new


def test_a_crash_before_the_end_leaves_nothing_in_the_way(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trees are there, the publication is not: nothing was published, and the next try does it anew."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    house.save()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Archive, "write", crash)
        house.publish()
    assert house.archive.sequences() == []
    (house.directory.liabilities / "00000000000000000600.trees.tmp").write_text("half")
    assert house.publish().new
    assert check(house.proof(USERS[0], 600)).holdings
    assert house.files() == ["00000000000000000600.json", "00000000000000000600.trees"]


def test_damaged_trees_are_not_published(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a disk that forgets would do it: the proofs are tried before anybody sees the root."""

    def forgetful(self: TreeFileWriter, asset: str, account: str, leaf: Any) -> None:
        stage(
            self, asset, account, type(leaf)(bytes(32) if account.endswith("1") else leaf.hash, leaf.amount)
        )

    stage = TreeFileWriter.stage
    house.save()
    monkeypatch.setattr(TreeFileWriter, "stage", forgetful)
    with pytest.raises(LiabilityError, match="nothing is published"):
        house.publish()
    assert house.files() == []


def test_damaged_files_are_named(house: House) -> None:
    house.save()
    house.publish()
    path = house.directory.liabilities / "00000000000000000600.json"
    kept = path.read_text()
    for content, part in (
        ("{", "is damaged"),
        (kept.replace('"version": 1', '"version": 2'), "unknown format"),
    ):
        path.write_text(content)
        with pytest.raises(LiabilityError, match=part):
            Archive(house.directory.liabilities).publication(600)
    path.write_text(kept)
    house.archive.trees(600).write_bytes(b"no database, and longer than nothing")
    with pytest.raises(LiabilityError, match=r"00600\.trees cannot be read"):
        house.proof(USERS[0], 600)


# -- size ----------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the snapshot's rows to the finished file. Held as Python objects, a leaf takes some 300 bytes."""
    monkeypatch.setattr(tree_file, "_BATCH", 100)
    monkeypatch.setattr(snapshot_rows, "_CHUNK", 4_096)
    peaks = []
    for users in (1_000, 6_000):
        directory = make_many(tmp_path / str(users), users)
        with open_store(f"sqlite:///{directory.accounts}", directory.master_key, {}) as (store, secrets):
            tracemalloc.start()
            try:
                assert Publisher(directory, store, secrets).publish(5).new
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
    assert peaks[1] - peaks[0] < 5_000 * 300 // 10, peaks
