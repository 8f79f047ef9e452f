"""The scene of the one endpoint that is our own: a proof of liabilities."""

import asyncio

from openbourse.accounts.opening import open_store
from openbourse.liabilities.publisher import Outcome, Publisher
from openbourse.log.snapshotter import take_snapshot
from tests.wire.calling import Answer
from tests.wire.coinex.bench import Bench
from tests.wire.coinex.scenes import scene

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PROOF = {
    "format": "openbourse-liability-proof",
    "version": 1,
    "account": "0658A099",
    "root": HASH,
    "publication": {
        "previous": "",
        "sequence": 4711,
        "snapshot_at": 1767225600000,
        "assets": [{"asset": "BTC", "accounts": 2, "total": "20", "tree": HASH}],
    },
    "balances": [
        {
            "asset": "BTC",
            "amount": "10",
            "position": 0,
            "salt": HASH,
            "siblings": [{"hash": HASH, "amount": "10"}],
        }
    ],
}


def publish_now(bench: Bench, keep: int = 10) -> Outcome:
    """As the operator's command does, in this process."""
    directory = bench.venue.directory
    assert take_snapshot(directory.path).ok
    with open_store(f"sqlite:///{directory.accounts}", directory.master_key) as (store, kept_secrets):
        return Publisher(directory, store, kept_secrets).publish(bench.clock.now(), keep)


@scene("GET", "/openbourse/liabilities/proof", PROOF)
async def _(bench: Bench) -> Answer:
    outcome = await asyncio.to_thread(publish_now, bench)
    sequence = outcome.publication.publication.sequence
    return await bench.alice.get("/openbourse/liabilities/proof", sequence=sequence)
