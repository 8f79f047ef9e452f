"""The trees of one publication in a SQLite file, so that a proof is looked up and not computed.

The file is written once, in a folder where nobody looks yet, and never changed. It holds balances beside
the accounts they belong to, as the history does: it is not for strangers.
"""

import sqlite3
from contextlib import closing
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from openbourse.liabilities.errors import LiabilityError
from openbourse.liabilities.tree import Emit, TreeBuilder, beside
from openbourse.liabilities.verifier import Node, Total, amount_text, parse_amount

_BATCH: Final = 2_000
_CACHE_KIB: Final = 8_000
_SCHEMA: Final = """
CREATE TABLE trees (tree INTEGER PRIMARY KEY, asset TEXT NOT NULL UNIQUE);
CREATE TABLE nodes (tree INTEGER, level INTEGER, position INTEGER, hash BLOB NOT NULL, amount TEXT NOT NULL,
                    PRIMARY KEY (tree, level, position)) WITHOUT ROWID;
CREATE TABLE leaves (account TEXT, tree INTEGER, position INTEGER NOT NULL,
                     PRIMARY KEY (account, tree)) WITHOUT ROWID;
CREATE TABLE staged.leaves (tree INTEGER, hash BLOB, account TEXT, amount TEXT);
"""


class TreeFileWriter:
    """`with TreeFileWriter(path) as file:` stage all leaves in any order, then `build`.

    Leaves stand in the order of their hashes, which the salts make random: neither the place of an account
    nor who stands beside it says anything, and both are others in the next publication. SQLite sorts them on
    disk, so that memory does not grow with the number of accounts.
    """

    def __init__(self, path: Path) -> None:
        """A new file; beside it is another one while this one is written."""
        self._staged = path.with_name(f"{path.name}.staged")
        for leftover in (path, self._staged):
            leftover.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("ATTACH DATABASE ? AS staged", (str(self._staged),))
        for schema in ("main", "staged"):
            # A file that is not finished is thrown away, so nothing needs to survive a crash.
            self._connection.execute(f"PRAGMA {schema}.journal_mode = OFF").fetchall()
            self._connection.execute(f"PRAGMA {schema}.synchronous = OFF")
            self._connection.execute(f"PRAGMA {schema}.cache_size = -{_CACHE_KIB}")
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")
        self._trees: dict[str, int] = {}
        self._leaves: list[tuple[int, bytes, str, str]] = []
        self._nodes: list[tuple[int, int, int, bytes, str]] = []

    def __enter__(self) -> "TreeFileWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._staged.unlink(missing_ok=True)

    def stage(self, asset: str, account: str, leaf: Node) -> None:
        """Take a leaf."""
        tree = self._trees.setdefault(asset, len(self._trees))
        self._leaves.append((tree, leaf.hash, account, amount_text(leaf.amount)))
        if len(self._leaves) == _BATCH:
            self._flush_leaves()

    def build(self) -> list[Total]:
        """Make the trees; their topmost nodes by asset. LiabilityError when an account is there twice."""
        self._flush_leaves()
        assets = {tree: asset for asset, tree in self._trees.items()}
        self._connection.executemany("INSERT INTO trees VALUES (?, ?)", assets.items())
        rows = self._connection.execute("SELECT tree, hash, amount FROM staged.leaves ORDER BY tree, hash")
        totals = []
        for tree, leaves in groupby(rows, key=lambda row: int(row[0])):
            builder = TreeBuilder(self._keeper(tree))
            for _, leaf_hash, amount in leaves:
                builder.add(Node(leaf_hash, parse_amount(amount, "a balance")))
            top, count = builder.finish()
            totals.append(Total(assets[tree], count, top.amount, top.hash))
        self._flush_nodes()
        try:
            self._connection.execute(
                "INSERT INTO main.leaves SELECT account, tree, "
                "row_number() OVER (PARTITION BY tree ORDER BY hash) - 1 FROM staged.leaves ORDER BY 1, 2"
            )
        except sqlite3.IntegrityError:
            raise LiabilityError("an account is there twice in the snapshot: nothing is published") from None
        self._connection.execute("COMMIT")
        return sorted(totals, key=lambda total: total.asset)

    def _keeper(self, tree: int) -> Emit:
        def keep(level: int, position: int, node: Node) -> None:
            self._nodes.append((tree, level, position, node.hash, amount_text(node.amount)))
            if len(self._nodes) >= _BATCH:
                self._flush_nodes()

        return keep

    def _flush_leaves(self) -> None:
        self._connection.executemany("INSERT INTO staged.leaves VALUES (?, ?, ?, ?)", self._leaves)
        self._leaves.clear()

    def _flush_nodes(self) -> None:
        self._connection.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, ?)", self._nodes)
        self._nodes.clear()


class Way(NamedTuple):
    """A leaf of an account, its position, and the nodes beside its way up."""

    asset: str
    leaf: Node
    position: int
    siblings: list[Node]


class TreeFile:
    """A finished file. May be asked from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ways(self, account: str, sizes: dict[str, int]) -> list[Way]:
        """The leaves of an account by asset; `sizes` are the leaves of each tree. LiabilityError."""
        try:
            with closing(self._open()) as connection:
                places = connection.execute(
                    "SELECT asset, tree, position FROM leaves JOIN trees USING (tree) WHERE account = ? "
                    "ORDER BY asset",
                    (account,),
                ).fetchall()
                return [
                    Way(
                        asset,
                        _node(connection, tree, 0, position),
                        position,
                        [_node(connection, tree, *place) for place in beside(position, sizes[asset])],
                    )
                    for asset, tree, position in places
                ]
        except (sqlite3.Error, LookupError) as error:
            raise LiabilityError(f"the trees in {self._path.name} cannot be read: {error}") from None

    def outermost(self) -> list[str]:
        """The accounts at both ends of every tree."""
        with closing(self._open()) as connection:
            rows = connection.execute(
                "SELECT account FROM leaves JOIN (SELECT tree, max(position) AS last FROM nodes "
                "WHERE level = 0 GROUP BY tree) USING (tree) WHERE position IN (0, last)"
            )
            return sorted({row[0] for row in rows})

    def _open(self) -> sqlite3.Connection:
        # Nobody writes to it any more: no locks, no journal.
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _node(connection: sqlite3.Connection, tree: int, level: int, position: int) -> Node:
    row = connection.execute(
        "SELECT hash, amount FROM nodes WHERE tree = ? AND level = ? AND position = ?",
        (tree, level, position),
    ).fetchone()
    if row is None:
        raise LookupError(f"node {level}/{position} of tree {tree} is missing")
    return Node(row[0], parse_amount(row[1], "a sum"))
