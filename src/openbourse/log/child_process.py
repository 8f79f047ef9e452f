"""Ending a process that this one has started."""

import asyncio
from typing import Final

_SECONDS: Final = 5.0


async def end(process: asyncio.subprocess.Process, seconds: float = _SECONDS) -> None:
    """See to it that the process is gone, gently first: and after so many `seconds` by force."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(seconds):  # wait_for of Python 3.11 may swallow a cancellation
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
