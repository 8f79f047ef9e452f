"""`openbourse incident`: look into a venue as it was at a command of its log, in a sandbox."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from openbourse.accounts.master_key import VARIABLE
from openbourse.accounts.records import KeyRecord, Protocol
from openbourse.cli.hosting import host
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import PORT
from openbourse.cli.output import iso_time
from openbourse.cli.sandbox_options import asked, at_url
from openbourse.configuration import load
from openbourse.log.errors import LogError
from openbourse.log.files import write_atomically
from openbourse.sandbox.credentials import as_file, credentials
from openbourse.sandbox.incident import Incident
from openbourse.sandbox.incident_copy import Copied, copy_venue
from openbourse.sandbox.playground import Playground
from openbourse.sandbox.setup import Trader
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.operations import Operations
from openbourse.venue.venue import Venue
from openbourse.wire.http.server import AddressError, require_free


@click.group()
def command() -> None:
    """A moment of a venue, in a sandbox: open, next, show.

    The moment is that after a command of the venue's log.
    """


@command.command("open")
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--at", "sequence", type=int, required=True, help="The last command that has happened.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="A new directory for the copy; what is done to it is done to nothing else.",
)
@click.option("--user", "names", multiple=True, help="Make keys for this user. May be repeated.")
@click.option(
    "--credentials",
    "credentials_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write addresses and keys to this file, as JSON, when requests are accepted.",
)
@click.option("--port", type=PORT, default=8080, show_default=True, help="0 lets the system choose one.")
def open_incident(
    source: Path,
    sequence: int,
    data_dir: Path,
    names: tuple[str, ...],
    credentials_file: Path | None,
    port: int,
) -> None:
    """Serve what was there after a command of a venue's log.

    The log of the data directory SOURCE is copied up to that command.

    The clock stands still, chains are simulated, and of SOURCE nothing is changed and no secret is read.
    """
    # The venue's own master key may be here: nothing of the copy is to be sealed with it.
    os.environ.pop(VARIABLE, None)
    flags = {"server.port": port, "data.directory": str(data_dir.absolute())}
    configuration = load(None, flags, {"OPENBOURSE_LOG_LEVEL": "warning"})
    configure_logging(configuration.log.level, configuration.log.format)
    try:
        require_free(configuration.server.host, port)
    except AddressError as error:
        raise click.ClickException(str(error)) from None
    copied = copy_venue(source, sequence, data_dir)
    with contextlib.ExitStack() as unless_seen:
        # The next try shall not find its place taken.
        unless_seen.callback(shutil.rmtree, data_dir, ignore_errors=True)
        clock = VirtualClock(copied.time, 0)
        venue = Venue.open(configuration.venue_options("sandbox"), clock)
        # What was on its way to a chain stays where it was: the wallet works when the clock is moved on.
        venue.wallet.halt()
        playground = Playground(venue, clock)
        opened = _Opened(playground, copied, names, credentials_file, unless_seen.pop_all)
        host(venue, configuration, opened.announce, opened.live, playground)


@command.command("next")
@click.argument("count", type=int, default=1)
@at_url
def go_on(count: int, url: str) -> None:
    """Apply COUNT commands of the log, and show their events."""
    for step in asked(url, lambda client: client.post("log/next", {"count": count})):
        kind, fields = _named(step["command"])
        time = iso_time(fields.pop("time"))
        skipped = " (taken out by the operator)" if step["skipped"] else ""
        click.echo(f"{step['sequence']}  {time}  {kind}{skipped}  {_in_line(fields)}")
        for event in step["events"]:
            kind, fields = _named(event)
            click.echo(f"    {kind}  {_in_line(fields)}")


@command.command()
@at_url
def show(url: str) -> None:
    """Where the sandbox stands in the log."""
    log = asked(url, lambda client: client.get("log"))
    click.echo(f"command {log['applied']} of {log['last']} was the last one that happened")


class _Opened:
    """What is said about an incident."""

    def __init__(
        self,
        playground: Playground,
        copied: Copied,
        names: tuple[str, ...],
        credentials_file: Path | None,
        keep: Callable[[], object],
    ) -> None:
        """`keep` is called when somebody can have seen it."""
        self._playground = playground
        self._copied = copied
        self._names = names
        self._credentials_file = credentials_file
        self._traders: list[Trader] = []
        self._keep = keep

    @contextlib.asynccontextmanager
    async def live(self, venue: Venue) -> AsyncIterator[None]:
        """Keys are there and the log can go on inside the block."""
        incident = Incident(self._playground, self._copied.log, self._copied.sequence)
        try:
            self._traders = [_with_keys(venue, name, self._copied) for name in self._names]
            yield
        finally:
            incident.close()

    async def announce(self, venue: Venue, url: str) -> None:
        """Say where it is, and when."""
        copied = self._copied
        if self._credentials_file is not None:
            try:
                write_atomically(self._credentials_file, as_file(url, self._traders))
            except OSError as error:
                raise LogError(f"cannot write {self._credentials_file}: {error.strerror}") from None
        self._keep()
        click.echo(f"Openbourse sandbox on {url}, data in {venue.directory.path}")
        click.echo(f"It is {iso_time(copied.time)}, after command {copied.sequence} of {copied.last}.\n")
        for user in credentials(url, self._traders)["users"]:
            for protocol in ("coinex", "coinw"):
                texts = "  ".join(f"{name} {text}" for name, text in user[protocol].items())
                click.echo(f"  {user['name']} {protocol:<6}  {texts}")
        click.echo(f"\nopenbourse incident next --url {url}    applies the next command of the log")
        click.echo("Ctrl-C stops it.")


def _with_keys(venue: Venue, name: str, copied: Copied) -> Trader:
    user = venue.accounts.user_by_name(name)
    if user is None:
        raise LogError(f"there was no user {name} when command {copied.sequence} had happened")
    protocols: tuple[Protocol, ...] = ("coinex", "coinw")
    keys: dict[Protocol, KeyRecord] = {
        protocol: Operations(venue).add_key(
            user, protocol, withdraw_allowed=True, never_expires=True, remark="incident"
        )
        for protocol in protocols
    }
    return Trader(user, keys)


def _named(told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return told["kind"], {name: value for name, value in told.items() if name != "kind"}


def _in_line(fields: dict[str, Any]) -> str:
    return " ".join(f"{name}={_short(value)}" for name, value in fields.items())


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + _in_line({name: inner for name, inner in value.items() if name != "kind"}) + "}"
    return value if isinstance(value, str) and value else msgspec.json.encode(value).decode()
