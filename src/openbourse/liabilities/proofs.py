"""Proofs for accounts, put together from the trees of a publication and its secret."""

import hmac
from pathlib import Path

from openbourse.liabilities.records import Proof, ProvenBalance, Publication, Sibling
from openbourse.liabilities.tree_file import TreeFile
from openbourse.liabilities.verifier import FORMAT, VERSION, amount_text, digest


def assemble(published: Publication, trees: Path, secret: bytes, account: str) -> Proof:
    """What an account was counted with; without balances when nothing was owed to it. LiabilityError."""
    sizes = {total.asset: total.accounts for total in published.publication.assets}
    balances = [
        ProvenBalance(
            way.asset,
            amount_text(way.leaf.amount),
            way.position,
            salt(secret, account, way.asset).hex(),
            [Sibling(node.hash.hex(), amount_text(node.amount)) for node in way.siblings],
        )
        for way in TreeFile(trees).ways(account, sizes)
    ]
    return Proof(FORMAT, VERSION, account, published.root, published.publication, balances)


def salt(secret: bytes, account: str, asset: str) -> bytes:
    """What hides a leaf: nobody without the secret of the publication can guess it, nor tell two apart."""
    return hmac.digest(secret, digest(b"liability salt", account.encode(), asset.encode()), "sha256")
