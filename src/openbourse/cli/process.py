"""What every process of a venue does alike: signals, the collector of cycles, TLS and its files."""

import asyncio
import gc
import os
import signal
from pathlib import Path
from typing import Final

import click

from openbourse.configuration import Configuration
from openbourse.wire.http.tls import Tls

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_FORCED: Final = 130
_COLLECTOR_THRESHOLDS: Final = (20_000, 20, 50)


def catch_signals(stopping: asyncio.Event) -> None:
    """The first signal stops in order, the second one ends the process at once."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            os._exit(_FORCED)
        stopping.set()
        click.echo("stopping; once more to force it", err=True)

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)


def obey_supervisor(stopping: asyncio.Event, lifeline: int) -> None:
    """Stop when told to, or when the supervisor is gone: the other end of `lifeline` is closed then."""
    loop = asyncio.get_running_loop()

    def orphaned() -> None:
        loop.remove_reader(lifeline)
        stopping.set()

    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.add_reader(lifeline, orphaned)


def spare_the_collector() -> None:
    """Keep pauses of the cyclic collector away from requests.

    What recovery has loaded lives as long as the process, and trading makes no cycles
    (tests/core/test_snapshot.py), so the collector need not look at the state again; the servers do make
    some, and it may take its time with them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)


def tls_of(configuration: Configuration) -> Tls | None:
    """Raises TlsError. With SIGHUP the files are read again."""
    settings = configuration.server
    if not settings.tls_certificate:
        return None
    tls = Tls(Path(settings.tls_certificate).expanduser(), Path(settings.tls_key).expanduser())
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, tls.reload)
    return tls
