"""Publishing the liabilities now and again while a venue runs, each time in a process of its own."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from typing import Final

import structlog

from openbourse.configuration import Configuration
from openbourse.liabilities.archive import Archive
from openbourse.liabilities.errors import LiabilityError
from openbourse.log.child_process import end
from openbourse.venue.venue import Venue

_HOUR_MS: Final = 3_600_000
_LOOK_SECONDS: Final = 60.0
_RETRY_SECONDS: Final = 600.0  # after a failure: somebody has to see to it first
_log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def published_regularly(venue: Venue, configuration: Configuration) -> AsyncIterator[None]:
    """Inside the block publications are made as often as the configuration says, if it does."""
    if not configuration.liabilities.publish_every_hours:
        yield
        return
    task = asyncio.create_task(_keep_publishing(venue, configuration), name="liabilities")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_publishing(venue: Venue, configuration: Configuration) -> None:
    every_ms = configuration.liabilities.publish_every_hours * _HOUR_MS
    tried_at = 0.0  # where nothing has happened since the last time, nothing is published
    while True:
        try:
            due_in = max(_newest(venue), tried_at) + every_ms - _now()
            if due_in > 0:
                await asyncio.sleep(min(due_in / 1000, _LOOK_SECONDS))
                continue
            tried_at = _now()
            failure = await _publish(venue, configuration)
        except (LiabilityError, OSError) as error:
            failure = str(error)
        if failure:
            _log.error("liabilities_not_published", error=failure)
            await asyncio.sleep(_RETRY_SECONDS)


def _now() -> float:
    """Unix ms of the computer's own clock: publishing goes by that, not by a sandbox's."""
    return time.time() * 1000


def _newest(venue: Venue) -> int:
    """When something was published last, in Unix ms; 0 before the first time."""
    archive = Archive(venue.directory.liabilities)
    sequence = next(iter(archive.sequences()), None)
    return 0 if sequence is None else archive.publication(sequence).published_at


async def _publish(venue: Venue, configuration: Configuration) -> str:
    """Run the operator's command; returns why it failed, "" when it did not."""
    environment = dict(os.environ)
    if configuration.databases.accounts_url:
        environment["OPENBOURSE_DATABASES_ACCOUNTS_URL"] = configuration.databases.accounts_url
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openbourse.cli", "liabilities", "publish"),
        *("--data-dir", str(venue.directory.path), "--keep", str(configuration.liabilities.keep)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        _, errors = await process.communicate()
    finally:
        await end(process)
    lines = errors.decode(errors="replace").strip().splitlines()
    return "" if process.returncode == 0 else (lines[-1] if lines else f"exit code {process.returncode}")
