"""A snapshot read row by row has the rows of the state, or is refused."""

import json
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from openbourse.core import snapshot
from openbourse.core.commands import Deposit, OpenUser
from openbourse.core.exchange import Exchange
from openbourse.log import snapshot_rows
from openbourse.log.errors import SnapshotError
from openbourse.log.snapshot_rows import SnapshotRows, Table
from openbourse.log.snapshots import SnapshotStore
from tests.log.test_snapshots import DAMAGES
from tests.log.venues import applied, traffic

TABLES: tuple[Table, ...] = get_args(Table)
EXCHANGE = applied(traffic(600))


def saved(tmp_path: Path, exchange: Exchange = EXCHANGE) -> Path:
    return SnapshotStore(tmp_path / "snapshots").save(exchange)


def tables_of(exchange: Exchange) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(snapshot.dump(exchange))
    return {name: found[name] for name in TABLES}


@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
def test_all_rows_are_there_wherever_the_text_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    exchange = EXCHANGE if chunk > 1 else applied(traffic(40))
    path = saved(tmp_path, exchange)
    monkeypatch.setattr(snapshot_rows, "_CHUNK", chunk)
    with SnapshotRows(path) as rows:
        assert rows.header.sequence == exchange.sequence
        assert {name: list(rows.table(name)) for name in TABLES} == tables_of(exchange)
        assert list(rows.table("accounts")) == tables_of(exchange)["accounts"]  # once more


def test_names_that_look_like_tables_are_none(tmp_path: Path) -> None:
    exchange = Exchange()
    exchange.apply(OpenUser(1, 1))
    for at, asset in enumerate(['"system":[', '],["accounts":[[', "é\\", '\\"system":[[']):
        exchange.apply(Deposit(1, f"k{at}", 1, asset, 10**24))
    with SnapshotRows(saved(tmp_path, exchange)) as rows:
        assert {name: list(rows.table(name)) for name in TABLES} == tables_of(exchange)
        assert len(list(rows.table("system"))) == 4


def test_an_empty_state_has_no_rows(tmp_path: Path) -> None:
    with SnapshotRows(saved(tmp_path, Exchange())) as rows:
        assert [list(rows.table(name)) for name in TABLES] == [[0, 0, 0], [], [], []]


def test_the_venue_may_drop_the_file_meanwhile(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with SnapshotRows(path) as rows:
        path.unlink()
        assert list(rows.table("accounts")) == tables_of(EXCHANGE)["accounts"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_refused(tmp_path: Path, damage: str) -> None:
    path = saved(tmp_path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(SnapshotError, match=str(path)), SnapshotRows(path) as rows:
        list(rows.table("users"))


def test_a_sound_file_that_is_no_dump(tmp_path: Path) -> None:
    path = saved(tmp_path)
    header = msgspec.json.decode(path.read_bytes().partition(b"\n")[0])
    for text in (b'{"clock":[600,2', b"{}", b'{"clock":[600,1,1],"accounts":[[1,2],nothing]}'):
        body = zlib.compress(text)
        content = header | {"state_hash": sha256(text).hexdigest(), "length": len(body)}
        path.write_bytes(msgspec.json.encode(content) + b"\n" + body)
        with pytest.raises(SnapshotError, match="not the dump of an exchange"), SnapshotRows(path) as rows:
            list(rows.table("accounts"))
