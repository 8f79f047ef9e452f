"""The trees once more, slow and obviously right: from the description, not from the code that is tested."""

import hashlib
from decimal import Decimal, localcontext
from typing import Any, NamedTuple


def sha(*parts: bytes) -> bytes:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.digest()


def text(amount: int) -> str:
    """An integer of 10^-24 in plain decimals."""
    with localcontext() as context:
        context.prec = 100
        shown = f"{Decimal(amount).scaleb(-24):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


class Leaf(NamedTuple):
    account: str
    salt: bytes
    amount: int


def leaf_hash(asset: str, leaf: Leaf) -> bytes:
    return sha(
        b"liability leaf", leaf.salt, leaf.account.encode(), asset.encode(), text(leaf.amount).encode()
    )


def top(asset: str, leaves: list[Leaf]) -> tuple[bytes, int]:
    """Hash and sum of the topmost node: the left half is the largest full tree that leaves something over."""
    if len(leaves) == 1:
        return leaf_hash(asset, leaves[0]), leaves[0].amount
    half = _left_half(len(leaves))
    left, right = top(asset, leaves[:half]), top(asset, leaves[half:])
    hashed = sha(b"liability node", left[0], text(left[1]).encode(), right[0], text(right[1]).encode())
    return hashed, left[1] + right[1]


def way_up(asset: str, leaves: list[Leaf], position: int) -> list[dict[str, str]]:
    """The nodes beside the way up, from below."""
    if len(leaves) == 1:
        return []
    half = _left_half(len(leaves))
    if position < half:
        inner, other = way_up(asset, leaves[:half], position), top(asset, leaves[half:])
    else:
        inner, other = way_up(asset, leaves[half:], position - half), top(asset, leaves[:half])
    return [*inner, {"hash": other[0].hex(), "amount": text(other[1])}]


def root(previous: str, sequence: int, time: int, trees: dict[str, list[Leaf]]) -> str:
    parts = [b"liability root", bytes.fromhex(previous), str(sequence).encode(), str(time).encode()]
    for asset, leaves in sorted(trees.items()):
        hashed, amount = top(asset, leaves)
        parts += [asset.encode(), str(len(leaves)).encode(), text(amount).encode(), hashed]
    return sha(*parts).hex()


def proof(account: str, trees: dict[str, list[Leaf]], previous: str = "") -> dict[str, Any]:
    """The proof of an account, as a dict."""
    sequence, time = 4711, 1_767_225_600_000
    balances = [
        {
            "asset": asset,
            "amount": text(leaf.amount),
            "position": position,
            "salt": leaf.salt.hex(),
            "siblings": way_up(asset, leaves, position),
        }
        for asset, leaves in sorted(trees.items())
        for position, leaf in enumerate(leaves)
        if leaf.account == account
    ]
    assets = []
    for asset, leaves in sorted(trees.items()):
        hashed, amount = top(asset, leaves)
        assets.append({"asset": asset, "accounts": len(leaves), "total": text(amount), "tree": hashed.hex()})
    publication = {"previous": previous, "sequence": sequence, "snapshot_at": time, "assets": assets}
    return {
        "format": "openbourse-liability-proof",
        "version": 1,
        "account": account,
        "root": root(previous, sequence, time, trees),
        "publication": publication,
        "balances": balances,
    }


def _left_half(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half
