"""`openbourse record`: keep what a client sends to a venue, and what it gets."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import click

from openbourse.cli import extras
from openbourse.cli.credentials_file import read_users
from openbourse.cli.options import PORT
from openbourse.sandbox.control.client import DEFAULT_URL
from openbourse.sandbox.recording.lines import MAX_FILE_BYTES, RecordFileError
from openbourse.sandbox.recording.recorder import Recorder
from openbourse.sandbox.recording.target import look_at

_MEBIBYTE = 1024 * 1024


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--target", default=DEFAULT_URL, show_default=True, help="The venue; https:// is fine.")
@click.option("--port", type=PORT, default=8090, show_default=True, help="Where your client connects to.")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A sandbox's credentials file: its keys go by their users' names in the recording.",
)
@click.option(
    "--max-size",
    type=click.IntRange(1, 100_000),
    default=MAX_FILE_BYTES // _MEBIBYTE,
    show_default=True,
    help="When FILE has so many MiB, recording ends; your client is served on.",
)
def command(file: Path, target: str, port: int, credentials: Path | None, max_size: int) -> None:
    """Write what a client and a venue say to FILE.

    Stands between your client and the venue, until Ctrl-C.
    """
    proxies = extras.recording("proxy")
    names = {
        key_id: name
        for name, keys in (read_users(credentials) if credentials else {}).items()
        for key_id, _ in keys.values()
    }
    try:
        state, clock = look_at(target)
        recorder = Recorder(file, target, clock, state, names, max_file_bytes=max_size * _MEBIBYTE)
        try:
            asyncio.run(_record(proxies.RecordingProxy(recorder, target, port), target))
        except RecordFileError:
            recorder.discard()
            raise
        finally:
            recorder.close()
    except RecordFileError as error:
        raise click.ClickException(str(error)) from None
    if recorder.trouble:
        raise click.ClickException(recorder.trouble)
    click.echo(recorder.summary)


async def _record(proxy: Any, target: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with proxy:
        click.echo(f"recording on {proxy.url} what is said to {target}; Ctrl-C ends it")
        await stopping.wait()
