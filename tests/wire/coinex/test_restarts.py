"""A venue that is closed and opened again in the middle of a deposit, a withdrawal, a reorganisation.

What clients see goes on where it was: credited once, sent once. Deaths without warning are in tests/wallet.
"""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import true

from openbourse.core.invariants import violations
from openbourse.core.units import MONEY_UNIT
from openbourse.venue.fund_operations import FundOperations
from openbourse.wallet.simulated_chain import BLOCK_MS
from tests.wire.coinex.bench import START, TRC20, Bench, open_bench
from tests.wire.coinex.wallet_scenes import arrival, withdrawal

Row = dict[str, Any]


async def deposit(bench: Bench) -> Row:
    (row,) = [
        row
        for row in (await bench.alice.get("/assets/deposit-history", ccy="USDT")).data
        if row["deposit_method"] == "on_chain"
    ]
    return dict(row)


async def sent(bench: Bench) -> Row:
    (row,) = (await bench.alice.get("/assets/withdraw", ccy="USDT")).data
    return dict(row)


async def usdt(bench: Bench) -> tuple[str, str]:
    assert violations(bench.venue.exchange) == []
    return (await bench.alice.balance())["USDT"]


def payments(bench: Bench) -> int:
    """How often anything was ever sent."""
    return sum(bool(row.reference) for row in bench.chain._rows(true()))


@pytest.mark.parametrize(("blocks", "status"), [(0, None), (3, "confirming"), (10, "finished")])
async def test_in_the_middle_of_a_deposit(tmp_path: Path, blocks: int, status: str | None) -> None:
    async with open_bench(tmp_path) as bench:
        tx_id = await arrival(bench)
        await bench.blocks(blocks)
        before = await deposit(bench) if status else {}
        assert before.get("status") == status
        balance, time = await usdt(bench), bench.clock.time
    async with open_bench(tmp_path, time=time) as bench:
        if status:
            assert await deposit(bench) == before
        assert await usdt(bench) == balance
        await bench.blocks(25)
        after = await deposit(bench)
        assert after["deposit_id"] == before.get("deposit_id", after["deposit_id"])
        assert (after["tx_id"], after["status"], after["confirmations"]) == (tx_id, "finished", 20)
        assert await usdt(bench) == ("1001500", "0")
        time = bench.clock.time
    async with open_bench(tmp_path, time=time) as bench:
        await bench.blocks(5)
        assert await deposit(bench) == after
        assert await usdt(bench) == ("1001500", "0")


@pytest.mark.parametrize("depth", [3, 12])
async def test_in_the_middle_of_a_reorganisation(tmp_path: Path, depth: int) -> None:
    """While nobody looks a deposit moves to a newer block, before or after it was credited."""
    async with open_bench(tmp_path) as bench:
        await arrival(bench)
        await bench.blocks(depth)
        before, time = await deposit(bench), bench.clock.time
        balance = await usdt(bench)
        assert (before["status"], balance[0]) == (
            ("finished", "1001500") if depth > TRC20.safe_confirmations else ("confirming", "1000000")
        )
        assert bench.chain.reorganise(depth, drop=False) == 1
    async with open_bench(tmp_path, time=time) as bench:
        assert await deposit(bench) == before
        await bench.blocks(2)
        assert await deposit(bench) == before | {"confirmations": 2}
        assert await usdt(bench) == balance
        await bench.blocks(25)
        after = {"confirmations": 20, "status": "finished", "actual_amount": "1500"}
        assert await deposit(bench) == before | after
        assert await usdt(bench) == ("1001500", "0")


@pytest.mark.parametrize("moment", ["asked", "sent", "reviewed", "unknown"])
async def test_in_the_middle_of_a_withdrawal(tmp_path: Path, moment: str) -> None:
    words = {"asked": "audited", "sent": "confirming", "reviewed": "audit_required", "unknown": "processing"}
    async with open_bench(tmp_path) as bench:
        if moment == "reviewed":
            FundOperations(bench.venue).set_limits("USDT", None, 249 * MONEY_UNIT)
        if moment == "unknown":
            bench.chain.fail_next("timeout_sent")
        assert (await withdrawal(bench)).code == 0
        if moment != "asked":
            await bench.blocks(2)
        before, time = await sent(bench), bench.clock.time
        assert before["status"] == words[moment]
    async with open_bench(tmp_path, time=time) as bench:
        assert await sent(bench) == before
        assert await usdt(bench) == ("999747.6", "252.4")
        await bench.blocks(25)
        after = await sent(bench)
        if moment in ("asked", "sent"):
            assert (after["status"], payments(bench)) == ("finished", 1)
            assert await usdt(bench) == ("999747.6", "0")
        else:  # a person decides, whatever is started anew
            assert after == before
            assert payments(bench) == (1 if moment == "unknown" else 0)
        if moment == "reviewed":
            treasurer = bench.treasurer(bench.alice)
            number = before["withdraw_id"]
            assert (await treasurer.post("/assets/cancel-withdraw", withdraw_id=number)).code == 0
            assert await usdt(bench) == ("1000000", "0")


async def test_what_was_taken_back_stays_so(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        number = (await withdrawal(bench)).data["withdraw_id"]
        answer = await bench.treasurer(bench.alice).post("/assets/cancel-withdraw", withdraw_id=number)
        assert answer.code == 0
    async with open_bench(tmp_path, time=START + BLOCK_MS) as bench:
        await bench.blocks(5)
        assert ((await sent(bench))["status"], payments(bench)) == ("cancelled", 0)
        assert await usdt(bench) == ("1000000", "0")
