"""A venue that dies in the middle of a deposit, a withdrawal, a reorganisation: credited once, sent once."""

import subprocess
import sys
from pathlib import Path

import pytest

from openbourse.wallet.simulated_chain import BLOCK_MS
from tests.wallet.desk import START, Clock, Desk, money
from tests.wallet.victim import DEAD, MOMENTS

ROOT = Path(__file__).parents[2]


def kill(directory: Path, moment: str, time: int = START) -> None:
    command = [sys.executable, "-m", "tests.wallet.victim", str(directory), str(time), moment]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == DEAD, died.stderr


def of(kind: str) -> list[str]:
    return [moment for moment in MOMENTS if moment.startswith(kind)]


@pytest.mark.parametrize("moment", of("withdrawal"))
async def test_a_withdrawal_is_sent_once(tmp_path: Path, moment: str) -> None:
    kill(tmp_path / "venue", moment)
    desk = await Desk.open(tmp_path / "venue", Clock(START + 20 * BLOCK_MS))
    [waiting] = desk.venue.exchange.live_withdrawals()
    assert waiting.status == {
        "withdrawal_before_processing": "approved",
        "withdrawal_before_the_end": "confirming",
    }.get(moment, "processing")
    assert len(desk.payments()) == (0 if "before_processing" in moment or "before_broadcast" in moment else 1)
    await desk.blocks(6)
    assert desk.payments() == [f"withdrawal-{waiting.withdrawal_id}"]
    assert (await desk.withdrawal(waiting.withdrawal_id)).status == "finished"
    assert desk.balance(desk.ann) == (money("89"), 0)
    await desk.close()


async def test_a_withdrawal_is_not_sent_again_where_the_chain_cannot_tell(tmp_path: Path) -> None:
    kill(tmp_path / "venue", "withdrawal_after_broadcast")
    desk = await Desk.open(tmp_path / "venue", Clock(START + 20 * BLOCK_MS))
    desk.chain.remembers_references = False
    [waiting] = desk.venue.exchange.live_withdrawals()
    await desk.blocks(6)
    assert (await desk.withdrawal(waiting.withdrawal_id)).status == "unknown"
    assert len(desk.payments()) == 1
    assert desk.balance(desk.ann) == (money("89"), money("11"))
    await desk.close()


async def test_a_chain_out_of_reach_decides_nothing(tmp_path: Path) -> None:
    kill(tmp_path / "venue", "withdrawal_before_broadcast")
    desk = await Desk.open(tmp_path / "venue", Clock(START + 20 * BLOCK_MS))
    desk.chain.available = False
    await desk.blocks(6)
    [waiting] = desk.venue.exchange.live_withdrawals()
    assert waiting.status == "processing"
    desk.chain.available = True
    await desk.blocks(6)
    assert len(desk.payments()) == 1
    await desk.close()


@pytest.mark.parametrize("moment", of("deposit"))
async def test_a_deposit_is_credited_once(tmp_path: Path, moment: str) -> None:
    kill(tmp_path / "venue", moment)
    desk = await Desk.open(tmp_path / "venue", Clock(START + 3 * BLOCK_MS))
    await desk.blocks(12)
    [deposit] = await desk.deposits()
    assert deposit.status == "finished"
    assert desk.balance(desk.ann) == (money("5"), 0)
    await desk.close()


async def test_dying_again_and_again_credits_once(tmp_path: Path) -> None:
    for number, moment in enumerate(("deposit_before_crediting", "deposit_after_crediting")):
        kill(tmp_path / "venue", moment, START + number * 3 * BLOCK_MS)
    desk = await Desk.open(tmp_path / "venue", Clock(START + 8 * BLOCK_MS))
    await desk.blocks(12)
    assert desk.balance(desk.ann) == (money("5"), 0)
    await desk.close()
