#!/usr/bin/env python3
"""Check a proof that a balance was counted among what a venue owes.

This file needs nothing but Python 3.11 and imports nothing of the venue's program, so that anybody can copy
it, read it to the end and run it:  python verifier.py PROOF.json --root ROOT

How the numbers hang together
-----------------------------
For every asset there is a binary tree. A leaf is one account: its name, its balance, and a secret salt, so
that the hash of the leaf says nothing about them. An inner node is made of its two children, the hash and
the sum of each. The sum of the topmost node is what the venue owes of the asset in all. The root, which the
venue publishes, is a hash of the topmost nodes of all assets, of the time, and of the root published before.

A proof has the leaves of one account and, for each, the nodes beside its way up. Whoever recomputes that way
and arrives at the published root knows that the balance is a part of the published total: no sum on the way
is negative, none is too large, and both children's sums are in each hash, not just the sum of the two.
(With that alone in the hash, a venue could show to each customer another division of it: Hu, Zhang and Guo,
"Breaking the Binding", eprint.iacr.org/2018/1139.)
"""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

FORMAT: Final = "openbourse-liability-proof"
VERSION: Final = 1

# Amounts are decimal text of at most 24 decimals, written in one way only: no sign, no exponent, no zeros
# before or behind. Less than 10^30 of an asset are owed, to anybody or in all.
DECIMALS: Final = 24
LIMIT: Final = 10 ** (30 + DECIMALS)
MAX_ACCOUNTS: Final = 2**40
MAX_TIME: Final = 253_402_300_799_999  # the end of the year 9999, in Unix ms

_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,29})(\.[0-9]{0,23}[1-9])?", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ProofError(Exception):
    """The proof does not hold; the text is a sentence that says why."""


@dataclass(frozen=True)
class Holding:
    """A balance that was shown to be a part of `total`, at `position` (from 0) of `accounts` leaves."""

    asset: str
    amount: str
    position: int
    accounts: int
    total: str


@dataclass(frozen=True)
class Checked:
    """What a sound proof says. `snapshot_at` is in Unix ms, `previous` the root published before or ""."""

    account: str
    root: str
    previous: str
    sequence: int
    snapshot_at: int
    holdings: list[Holding]


def check(text: str) -> Checked:
    """Everything that a proof proves; ProofError when it proves nothing.

    `text` is the JSON of a proof, bare or in the envelope in which the venue answers. Compare `root` with the
    one that was published, and `account` with your own: nobody else can.
    """
    proof = _object(_unwrapped(text), "the proof", "format version account root publication balances")
    if (proof["format"], _number(proof["version"], "the version")) != (FORMAT, VERSION):
        raise ProofError(f"this is not a proof of the form {FORMAT} {VERSION}")
    account = _text(proof["account"], "the account")
    publication = _object(proof["publication"], "the publication", "previous sequence snapshot_at assets")
    totals = [_total(item) for item in _list(publication["assets"], "the list of assets")]
    root = publication_root(
        _hash_or_nothing(publication["previous"]),
        _number(publication["sequence"], "the sequence"),
        _number(publication["snapshot_at"], "the time", MAX_TIME),
        totals,
    ).hex()
    if root != _hash(proof["root"], "the root").hex():
        raise ProofError(f"the published totals have the root {root}, the proof claims another one")
    by_asset = {total.asset: total for total in totals}
    balances = _list(proof["balances"], "the list of balances")
    holdings = [_holding(balance, account, by_asset) for balance in balances]
    if len({holding.asset for holding in holdings}) != len(holdings):
        raise ProofError("an asset is there twice among the balances")
    return Checked(
        account, root, publication["previous"], publication["sequence"], publication["snapshot_at"], holdings
    )


# -- how everything is hashed ------------------------------------------------------------------------


def digest(*fields: bytes) -> bytes:
    """SHA-256 of some fields, each with its length before it: no other list of fields has these bytes."""
    return hashlib.sha256(b"".join(len(field).to_bytes(8, "big") + field for field in fields)).digest()


def leaf_hash(salt: bytes, account: str, asset: str, amount: int) -> bytes:
    """The hash of a leaf. The first field sets leaves, nodes and roots apart: none can pass for another."""
    return digest(b"liability leaf", salt, account.encode(), asset.encode(), amount_text(amount).encode())


class Node(NamedTuple):
    """A leaf or an inner node: its hash, and what is owed below it in 10^-24."""

    hash: bytes
    amount: int


def join(left: Node, right: Node) -> Node:
    """The node above two others. ProofError when a sum is out of range."""
    amount = left.amount + right.amount
    if left.amount < 0 or right.amount < 0 or amount >= LIMIT:
        raise ProofError("a sum is out of range")
    sums = [amount_text(node.amount).encode() for node in (left, right)]
    return Node(digest(b"liability node", left.hash, sums[0], right.hash, sums[1]), amount)


class Total(NamedTuple):
    """The topmost node of an asset's tree, and how many leaves it has."""

    asset: str
    accounts: int
    amount: int
    tree: bytes


def publication_root(previous: bytes, sequence: int, snapshot_at: int, totals: list[Total]) -> bytes:
    """The root of a publication; `totals` are ordered by asset, each asset once, or ProofError."""
    names = [total.asset for total in totals]
    if names != sorted(set(names)):
        raise ProofError("the assets of the publication are not in order, each of them once")
    fields = [b"liability root", previous, str(sequence).encode(), str(snapshot_at).encode()]
    for total in totals:
        fields += [total.asset.encode(), str(total.accounts).encode()]
        fields += [amount_text(total.amount).encode(), total.tree]
    return digest(*fields)


def amount_text(amount: int) -> str:
    """An integer of 10^-24 as decimal text, in the one way that is allowed. ValueError out of range."""
    if not 0 <= amount < LIMIT:
        raise ValueError("an amount is out of range")
    whole, fraction = divmod(amount, 10**DECIMALS)
    return f"{whole}.{fraction:0{DECIMALS}}".rstrip("0") if fraction else str(whole)


def parse_amount(text: object, what: str) -> int:
    """The reverse; ProofError for any other text."""
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise ProofError(f"{what} is not an amount as it has to be written: {_shown(text)}")
    whole, _, fraction = text.partition(".")
    return int(whole + fraction.ljust(DECIMALS, "0"))


# -- the way up ------------------------------------------------------------------------------------------


def _holding(item: Any, account: str, totals: dict[str, Total]) -> Holding:
    balance = _object(item, "a balance", "asset amount position salt siblings")
    asset = _text(balance["asset"], "the asset of a balance")
    total = totals.get(asset)
    if total is None:
        raise ProofError(f"{asset}: nothing was published about this asset")
    amount = parse_amount(balance["amount"], f"{asset}: the balance")
    position = _number(balance["position"], f"{asset}: the position")
    if position >= total.accounts:
        raise ProofError(f"{asset}: there is no position {position} among {total.accounts} accounts")
    salt = _hash(balance["salt"], f"{asset}: the salt")
    leaf = Node(leaf_hash(salt, account, asset, amount), amount)
    siblings = [_sibling(each, asset) for each in _list(balance["siblings"], f"{asset}: the way up")]
    top = _climbed(leaf, position, total.accounts, siblings, asset)
    if top.amount != total.amount:
        raise ProofError(
            f"{asset}: the way up leads to a sum of {amount_text(top.amount)}, published were "
            f"{amount_text(total.amount)}"
        )
    if top.hash != total.tree:
        raise ProofError(
            f"{asset}: the way up leads to {top.hash.hex()}, published was {total.tree.hex()}: the balance, "
            "the account, the salt, the position or a node beside the way is not what was counted"
        )
    return Holding(asset, balance["amount"], position, total.accounts, amount_text(total.amount))


def _climbed(leaf: Node, position: int, size: int, siblings: list[Node], asset: str) -> Node:
    """The topmost node. Position and number of leaves say on which side each sibling stands.

    On every level nodes are joined in pairs; the last one of an odd level goes up as it is.
    """
    node, used = leaf, 0
    while size > 1:
        if position ^ 1 < size:
            if used == len(siblings):
                raise ProofError(f"{asset}: the way up is cut short after {used} nodes")
            sibling = siblings[used]
            used += 1
            try:
                node = join(sibling, node) if position & 1 else join(node, sibling)
            except ProofError as error:
                raise ProofError(f"{asset}: after {used} nodes of the way up {error}") from None
        position, size = position >> 1, (size + 1) >> 1
    if used != len(siblings):
        raise ProofError(f"{asset}: the way up has {len(siblings)} nodes, there should be {used}")
    return node


def _sibling(item: Any, asset: str) -> Node:
    sibling = _object(item, f"{asset}: a node beside the way up", "hash amount")
    amount = parse_amount(sibling["amount"], f"{asset}: the sum of a node beside the way up")
    return Node(_hash(sibling["hash"], f"{asset}: a node beside the way up"), amount)


def _total(item: Any) -> Total:
    total = _object(item, "an asset of the publication", "asset accounts total tree")
    asset = _text(total["asset"], "the name of an asset")
    accounts = _number(total["accounts"], f"{asset}: the number of accounts", MAX_ACCOUNTS)
    if accounts == 0:
        raise ProofError(f"{asset}: there is no tree without accounts")
    amount = parse_amount(total["total"], f"{asset}: the total")
    return Total(asset, accounts, amount, _hash(total["tree"], f"{asset}: the topmost node"))


# -- reading ---------------------------------------------------------------------------------------------


def _unwrapped(text: str) -> Any:
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ProofError(f"this cannot be read as JSON: {error}") from None
    if isinstance(found, dict) and "data" in found and "format" not in found:
        return found["data"]  # as the venue's API answers it
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name given twice would mean one thing to us and another to the next reader."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _object(value: Any, what: str, names: str) -> dict[str, Any]:
    expected = names.split()
    if not isinstance(value, dict):
        raise ProofError(f"{what} has to be an object with {', '.join(expected)}")
    for name in expected:
        if name not in value:
            raise ProofError(f"{what} lacks {name}")
    for name in value:
        if name not in expected:
            raise ProofError(f"{what} has something that proves nothing: {_shown(name)}")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ProofError(f"{what} has to be a list")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 64:
        raise ProofError(f"{what} has to be a short text: {_shown(value)}")
    return value


def _number(value: Any, what: str, most: int = 2**63 - 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ProofError(f"{what} has to be a whole number from 0 to {most}: {_shown(value)}")
    return value


def _hash(value: Any, what: str) -> bytes:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ProofError(f"{what} has to be 64 hexadecimal digits: {_shown(value)}")
    return bytes.fromhex(value)


def _hash_or_nothing(value: Any) -> bytes:
    return b"" if value == "" else _hash(value, "the previous root")


def _shown(value: Any) -> str:
    return repr(value)[:80]


# -- for a person --------------------------------------------------------------------------------------


def report(checked: Checked, published_root: str = "", account: str = "") -> str:
    """What a proof shows, in sentences. ProofError when it is of another root or account than those given."""
    if published_root and published_root.strip().lower() != checked.root:
        raise ProofError(f"the proof leads to the root {checked.root}, not to the published one given")
    if account and account != checked.account:
        raise ProofError(f"the proof is about the account {checked.account}, not about {account}")
    time = datetime.fromtimestamp(checked.snapshot_at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lines = [f"The proof holds. At {time}, after command {checked.sequence}, the venue counted"]
    lines += [
        f"  {holding.amount} {holding.asset} of the {holding.total} {holding.asset} that it owed "
        f"to {holding.accounts} accounts (leaf {holding.position})"
        for holding in checked.holdings
    ]
    if not checked.holdings:
        lines.append("  nothing")
    lines.append(f"as owed to the account {checked.account}" + ("." if account else ": is that you?"))
    lines.append(f"root: {checked.root}")
    if not published_root:
        lines.append("Nothing is proven before you compare this root with the one that everybody sees.")
    return "\n".join(lines)


def main() -> int:
    """Run as a program: exit code 0 when the proof holds, 1 when not."""
    parser = argparse.ArgumentParser(description="Check a proof that a balance was counted.")
    parser.add_argument("proof", type=Path, help="the file with the proof")
    parser.add_argument("--root", default="", help="the root that the venue has published")
    parser.add_argument("--account", default="", help="your account, as the venue calls it")
    given = parser.parse_args()
    try:
        text = given.proof.read_text(encoding="utf-8")
        sys.stdout.write(report(check(text), given.root, given.account) + "\n")
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"cannot read {given.proof}: {error}\n")
        return 1
    except ProofError as error:
        sys.stderr.write(f"The proof does not hold: {error}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
