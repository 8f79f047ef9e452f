"""`openbourse maintenance ...`: when the venue will be closed."""

from datetime import datetime
from pathlib import Path
from typing import Final, get_args

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.venue.maintenance import Scope
from openbourse.venue.maintenance_requests import CancelMaintenance, ListMaintenance, PlanMaintenance

_MINUTE: Final = 60
_PROTECTION_HELP: Final = "So many minutes afterwards only cancels and post-only orders pass."


@click.group()
def command() -> None:
    """Maintenance: plan, cancel, list."""


@command.command("plan")
@click.argument("start")
@click.option("--minutes", type=click.IntRange(min=1), required=True, help="How long it takes.")
@click.option("--protection", type=click.IntRange(min=0), default=0, help=_PROTECTION_HELP)
@click.option("--scope", type=click.Choice(get_args(Scope)), default="all", show_default=True)
@click.option("--url", default="", help="Where it is announced: an https:// address.")
@configured
def plan(
    start: str,
    minutes: int,
    protection: int,
    scope: Scope,
    url: str,
    config_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Close at START, and tell clients at once.

    START is a time like 2026-12-01T02:00:00Z, or `now`.
    """
    request = PlanMaintenance(_moment(start), minutes * _MINUTE, protection * _MINUTE, scope, url)
    show(carry_out(read(config_file, data_dir), request))


@command.command("cancel")
@click.argument("number", type=int)
@configured
def cancel(number: int, config_file: Path | None, data_dir: Path | None) -> None:
    """Take the maintenance of this NUMBER back, or end it now."""
    show(carry_out(read(config_file, data_dir), CancelMaintenance(number)))


@command.command("list")
@configured
def list_plans(config_file: Path | None, data_dir: Path | None) -> None:
    """What is planned, or under way."""
    show(carry_out(read(config_file, data_dir), ListMaintenance()))


def _moment(text: str) -> int:
    """In Unix ms; 0 for now."""
    if text == "now":
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise click.BadParameter(f"{text} is no time like 2026-12-01T02:00:00Z", param_hint="START")
    return round(moment.timestamp() * 1000)
