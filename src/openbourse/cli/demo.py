"""`openbourse demo`: a sandbox with living markets and two funded users."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import click

from openbourse.cli import extras
from openbourse.cli.hosting import Gateways, host
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import PORT
from openbourse.cli.workers import MAX_WORKERS, WORKERS_HELP, host_with_gateways
from openbourse.configuration import load
from openbourse.log.errors import LogError
from openbourse.log.files import write_atomically
from openbourse.sandbox import catalogue
from openbourse.sandbox.control.unserved import UnservedControlApi
from openbourse.sandbox.credentials import as_file, credentials
from openbourse.sandbox.fresh import wipe
from openbourse.sandbox.life import Life
from openbourse.sandbox.past import seconds_of
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.recorded_prices import Recording, RecordingError, read_recording
from openbourse.sandbox.recording.lines import RecordFileError
from openbourse.sandbox.recording.recorder import Recorder
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.venue import Venue
from openbourse.wire.http.server import AddressError, require_free

_SNIPPET: Final = """\
import ccxt

exchange = ccxt.coinex({{"apiKey": "{key}", "secret": "{secret}"}})
exchange.urls["api"] = dict.fromkeys(exchange.urls["api"], "{url}")

price = {price}
order = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, price * 0.99)
print(exchange.fetch_order(order["id"], "BTC/USDT")["status"], exchange.fetch_balance()["USDT"])
"""


@click.command()
@click.option("--host", "host_name", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=PORT, default=8080, show_default=True, help="0 lets the system choose one.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the data stay between runs.")
@click.option(
    "--credentials",
    "credentials_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write addresses and keys to this file, as JSON, when requests are accepted.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the house bots' random numbers.")
@click.option(
    "--history",
    default="24h",
    show_default=True,
    help="Trading of so long is simulated on the first start, before the doors open: 24h, 90m, 7d, 0.",
)
@click.option(
    "--prices",
    multiple=True,
    metavar="ASSET=FILE",
    help="Take the reference price of an asset from your own candles or trades, CSV or Parquet. Repeatable.",
)
@click.option("--no-bots", is_flag=True, help="Leave the markets to you.")
@click.option("--no-rate-limits", is_flag=True, help="Do not limit requests.")
@click.option("--stepped", is_flag=True, help="The clock stands still until it is moved: `openbourse clock`.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what clients send and get to this file, for `openbourse replay`.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, MAX_WORKERS),
    default=1,
    show_default=True,
    help=f"{WORKERS_HELP} With more there are no faults, no regimes to order and no clock to move.",
)
@click.option("--fresh", is_flag=True, help="Throw the data of earlier runs away.")
def command(
    host_name: str,
    port: int,
    data_dir: Path | None,
    credentials_file: Path | None,
    seed: int,
    history: str,
    prices: tuple[str, ...],
    no_bots: bool,
    no_rate_limits: bool,
    stepped: bool,
    record: Path | None,
    workers: int,
    fresh: bool,
) -> None:
    """Run a sandbox exchange until Ctrl-C.

    It has play money, two users with keys, and bots that trade.
    """
    if workers > 1 and (stepped or record is not None):
        raise click.UsageError("--stepped and --record need a venue in one process: --workers 1")
    # Neither the file nor the databases of a venue that this user may run have a say here.
    logs = {name: text for name, text in os.environ.items() if name.startswith("OPENBOURSE_LOG_")}
    flags = {
        "server.host": host_name,
        # A recorder takes the port, and the venue any other.
        "server.port": port if record is None else 0,
        "data.directory": str((data_dir or default_directory()).absolute()),
        "limits.rate_limits": not no_rate_limits,
    }
    configuration = load(None, flags, {"OPENBOURSE_LOG_LEVEL": "warning"} | logs)
    configure_logging(configuration.log.level, configuration.log.format)
    options = configuration.venue_options("sandbox")
    past = 0 if no_bots else _seconds(history)
    recordings = dict(map(_recording, prices))
    _check_files(record, credentials_file)
    if workers == 1:  # gateways listen before their engine starts
        # A recorder stands before the sandbox, for this machine only.
        _check_port(host_name if record is None else "127.0.0.1", port)
    if fresh:
        wipe(options.data_directory)

    def engine(gateways: Gateways | None) -> None:
        clock = VirtualClock(factor=0 if stepped else 1)
        venue = Venue.open(options, clock)
        if venue.exchange.sequence:
            clock.not_before(venue.exchange.now)
        else:
            clock.begin(clock.now() - past * 1000)
        playground = Playground(venue, clock, seed)
        life = Life(
            playground,
            past,
            recordings,
            bots=not no_bots,
            stepped=stepped,
            on_past=_tell_of_past,
            on_gap=_tell_of_gap,
        )
        demo = _Demo(life, credentials_file, record, port)
        try:
            host(venue, configuration, demo.announce, demo.live, playground, gateways)
        finally:
            demo.tell_of_recording()

    if workers == 1:
        engine(None)
    else:
        host_with_gateways(configuration, "sandbox", workers, engine, {"/sandbox": UnservedControlApi()})


def default_directory() -> Path:
    """A folder of this user's that outlives a reboot."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "openbourse" / "demo"


def _tell_of_past() -> None:
    click.echo("simulating the trading before the first start ...", err=True)


def _tell_of_gap() -> None:
    click.echo(
        "the trading before the first start was not simulated to its end, that was interrupted: charts begin "
        "late and have a gap; --fresh begins anew",
        err=True,
    )


# What would be in the way when the doors open is said before a past is simulated for them.


def _check_files(record: Path | None, credentials_file: Path | None) -> None:
    if record is not None and record.exists():
        raise click.ClickException(f"{record} exists already; record into another file")
    for file in (record, credentials_file):
        if file is not None and not os.access(file.absolute().parent, os.W_OK):
            raise click.ClickException(
                f"cannot write {file}: its folder is not there, or not to be written to"
            )


def _check_port(host_name: str, port: int) -> None:
    try:
        require_free(host_name, port)
    except AddressError as error:
        raise click.ClickException(str(error)) from None


def _seconds(text: str) -> int:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--history") from None


def _recording(text: str) -> tuple[str, Recording]:
    asset, equals, file = text.partition("=")
    if not equals or asset not in catalogue.ANCHORS:
        known = ", ".join(catalogue.ANCHORS)
        raise click.BadParameter(f"{text} is not ASSET=FILE; assets are {known}", param_hint="--prices")
    try:
        return asset, read_recording(Path(file))
    except RecordingError as error:
        raise click.BadParameter(str(error), param_hint="--prices") from None


class _Demo:
    """What is said about a sandbox, and the recording of what clients say to it."""

    def __init__(self, life: Life, credentials_file: Path | None, record: Path | None, port: int) -> None:
        self._life = life
        self._credentials_file = credentials_file
        self._record = record
        self._port = port
        self._recording = contextlib.AsyncExitStack()
        self._recorder: Recorder | None = None

    @contextlib.asynccontextmanager
    async def live(self, venue: Venue) -> AsyncIterator[None]:
        """The markets live inside the block; it is left when the doors are closed."""
        del venue
        async with self._life.living(), self._recording:
            yield

    async def _recorded(self, url: str) -> str:
        """Where clients find the sandbox: behind a recorder, if there is to be one."""
        if self._record is None:
            return url
        proxies = extras.recording("proxy")
        ground = self._life.playground
        names = {
            key.key_id: trader.user.name for trader in self._life.traders for key in trader.keys.values()
        }
        clock = VirtualClock(ground.clock.now(), ground.clock.factor)
        recorder = Recorder(self._record, url, clock, ground.state(), names)
        self._recording.callback(recorder.close)
        try:
            proxy = await self._recording.enter_async_context(
                proxies.RecordingProxy(recorder, url, self._port)
            )
        except RecordFileError:
            recorder.discard()
            raise
        self._recorder = recorder
        return str(proxy.url)

    def tell_of_recording(self) -> None:
        """How it ended, if there was one: nobody who replays it shall be surprised."""
        if self._recorder is not None:
            click.echo(self._recorder.summary, err=bool(self._recorder.trouble))

    async def announce(self, venue: Venue, url: str) -> None:
        """Say where it is and how to come in."""
        try:
            url = await self._recorded(url)
        except RecordFileError as error:
            raise LogError(str(error)) from None
        if self._credentials_file is not None:
            try:
                write_atomically(self._credentials_file, as_file(url, self._life.traders))
            except OSError as error:
                raise LogError(f"cannot write {self._credentials_file}: {error.strerror}") from None
        known = credentials(url, self._life.traders)
        click.echo(f"Openbourse sandbox on {url}, data in {venue.directory.path}\n")
        for protocol in ("coinex", "coinw"):
            for name, address in known[protocol].items():
                click.echo(f"  {protocol:<6} {name:<10} {address}")
        click.echo(f"  {'reference':<17} {url}/docs\n")
        for user in known["users"]:
            for protocol in ("coinex", "coinw"):
                texts = "  ".join(f"{name} {text}" for name, text in user[protocol].items())
                click.echo(f"  {user['name']} {protocol:<6}  {texts}")
        key = self._life.traders[0].keys["coinex"]
        click.echo("\nTo paste into Python:\n")
        lives = self._life.playground.bots
        price = 'exchange.fetch_ticker("BTC/USDT")["last"]' if lives else "60_000  # nobody has traded yet"
        click.echo(_SNIPPET.format(key=key.key_id, secret=key.secret, url=url, price=price))
        click.echo("Ctrl-C stops it; the data stay.")
