"""Publications and proofs as they are stored and sent; `verifier.py` says what they mean."""

from typing import Final

import msgspec

from openbourse.liabilities.verifier import Total, amount_text

FORMAT: Final = "openbourse-liabilities"
VERSION: Final = 1


class AssetTotal(msgspec.Struct, frozen=True):
    """What is owed of an asset to so many accounts, and the topmost hash of its tree."""

    asset: str
    accounts: int
    total: str
    tree: str


class Counted(msgspec.Struct, frozen=True):
    """What a root stands for: the state after the command `sequence`, `snapshot_at` in Unix ms.

    `previous` is the root published before, "" for the first one.
    """

    previous: str
    sequence: int
    snapshot_at: int
    assets: list[AssetTotal]


class Publication(msgspec.Struct, frozen=True):
    """A published root. `published_at` in Unix ms is not a part of what the root stands for."""

    format: str
    version: int
    root: str
    published_at: int
    publication: Counted


class Sibling(msgspec.Struct, frozen=True):
    """A node beside the way up."""

    hash: str
    amount: str


class ProvenBalance(msgspec.Struct, frozen=True):
    """A leaf and the nodes beside its way up, from below; `position` counts from 0."""

    asset: str
    amount: str
    position: int
    salt: str
    siblings: list[Sibling]


class Proof(msgspec.Struct, frozen=True):
    """What shows one account that its balances were counted. It is nobody else's business: keep it."""

    format: str
    version: int
    account: str
    root: str
    publication: Counted
    balances: list[ProvenBalance]


def asset_total(total: Total) -> AssetTotal:
    """As it is written."""
    return AssetTotal(total.asset, total.accounts, amount_text(total.amount), total.tree.hex())
