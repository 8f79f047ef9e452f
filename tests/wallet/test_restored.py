"""A venue made of a backup sends nothing until somebody has compared what waits with the chains."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openbourse.core.commands import AdvanceWithdrawal
from openbourse.log.backup import back_up
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.files import write_atomically
from openbourse.log.restore import restore
from openbourse.log.restored import read_restored
from openbourse.venue.control import ControlError
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.venue.venue import accepted
from tests.wallet.desk import Desk


async def do(desk: Desk, **request: Any) -> Any:
    return await OperatorDesk(desk.venue).answer(msgspec.json.encode(request))


async def _restored(desk: Desk, folder: Path) -> Desk:
    """The venue as it is now, lost and made again of a backup."""
    source, elsewhere = desk.venue.directory, folder / "elsewhere"
    await asyncio.to_thread(back_up, source.path, folder / "backup")
    await asyncio.to_thread(restore, folder / "backup", elsewhere)
    write_atomically(elsewhere / "master.key", source.master_key.read_bytes())
    return await Desk.open(elsewhere, desk.clock)


async def test_nothing_is_paid_twice(desk: Desk, tmp_path: Path) -> None:
    await desk.endow(desk.ann, "100")
    sent, waiting = [(await desk.withdraw()).withdrawal_id for _ in range(2)]
    again = await _restored(desk, tmp_path)
    try:
        assert not again.venue.exchange.withdrawals_enabled
        await again.blocks(3)
        assert again.payments() == []
        with pytest.raises(ControlError, match="compare `withdrawal list` with the chains"):
            await do(again, do="withdrawal.switch", enabled=True)
        assert not again.venue.exchange.withdrawals_enabled

        await do(again, do="withdrawal.sent", withdrawal=sent, tx_id="sent-after-the-backup")
        assert (await again.withdrawal(sent)).status == "confirming"
        await do(again, do="withdrawal.switch", enabled=True, compared=True)
        await again.blocks(4)
        assert again.payments() == [f"withdrawal-{waiting}"]
        assert (await again.withdrawal(waiting)).status == "finished"
    finally:
        await again.close()


async def test_the_note_outlives_restarts_until_it_is_dealt_with(desk: Desk, tmp_path: Path) -> None:
    again = await _restored(desk, tmp_path)
    noted = again.venue.restored
    assert noted is not None
    assert noted.sequence == desk.venue.exchange.sequence
    await again.close()
    directory = DataDirectory(tmp_path / "elsewhere")
    assert read_restored(directory) == noted

    again = await Desk.open(directory.path, desk.clock)
    assert not again.venue.exchange.withdrawals_enabled
    await do(again, do="withdrawal.switch", enabled=True, compared=True)
    assert not directory.restored.exists()
    await again.close()

    again = await Desk.open(directory.path, desk.clock)
    assert again.venue.exchange.withdrawals_enabled
    assert again.venue.restored is None
    await again.close()


async def test_one_that_was_being_sent_is_not_sent_while_all_are_halted(desk: Desk) -> None:
    await desk.endow(desk.ann, "100")
    number = (await desk.withdraw()).withdrawal_id
    step = AdvanceWithdrawal(desk.venue.now(), number, "processing")
    accepted(await desk.venue.submit(step))  # and there the process died
    await do(desk, do="withdrawal.switch", enabled=False)
    await desk.blocks(2)
    assert desk.payments() == []
    await do(desk, do="withdrawal.switch", enabled=True)
    await desk.blocks(4)
    assert desk.payments() == [f"withdrawal-{number}"]


def test_a_damaged_note_stops_the_start(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.restored.write_bytes(b"{")
    with pytest.raises(LogError, match="which keeps withdrawals halted"):
        read_restored(directory)
