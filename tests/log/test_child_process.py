"""Processes that were started, and how they are ended."""

import asyncio
import signal
import sys

import pytest

from openbourse.log.child_process import end

READY = b"ready\n"
WAITING = "import signal, sys; {}; print('ready', flush=True); sys.stdin.read()"


async def started(before: str = "pass") -> asyncio.subprocess.Process:
    """A process that waits, after it has done something."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WAITING.format(before)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == READY
    return process


async def test_gently() -> None:
    process = await started()
    await end(process)
    assert process.returncode == -signal.SIGTERM
    await end(process)


async def test_by_force_when_it_does_not_obey() -> None:
    process = await started("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    await end(process, seconds=0.2)
    assert process.returncode == -signal.SIGKILL


async def test_who_is_cancelled_while_ending_a_process_learns_of_it() -> None:
    process = await started("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    ending = asyncio.create_task(end(process, seconds=60.0))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    await end(process, seconds=0.0)
