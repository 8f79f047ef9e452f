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
# A round looks at so many objects, which takes it about a millisecond for every four thousand. Each third one
# looks once more at those of the two before it, and after five hundred of these one looks at everything.
_COLLECTOR_THRESHOLDS: Final = (2_000, 2, 500)


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

    What recovery has loaded lives as long as the process, so the collector need not look at it again.
    Trading makes no cycles (tests/core/test_snapshot.py), nor do connections
    (tests/wire/http/test_direct.py): it is for the rest. But the orders that come to rest pass by it, and
    nothing else happens while it looks at them. So it looks at few at once, twice; then they wait for a
    round over everything, which is rare: with a hundred thousand orders more on the books it takes a
    fifth of a second.
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
