"""`openbourse withdrawal ...`: money on its way out, and the decisions that a person must make."""

from pathlib import Path

import click

from openbourse.cli.operator import carry_out
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.core.withdrawals import NEXT
from openbourse.venue.fund_requests import (
    ApproveWithdrawal,
    ListWithdrawals,
    MarkNotSent,
    MarkSent,
    RejectWithdrawal,
    SwitchWithdrawals,
)


@click.group()
def command() -> None:
    """Withdrawals: list, approve, reject, halt and more."""


@command.command("list")
@click.option("--status", type=click.Choice(tuple(NEXT)), help="Only those in this state.")
@configured
def list_all(status: str | None, config_file: Path | None, data_dir: Path | None) -> None:
    """List the withdrawals that have not ended."""
    show(carry_out(read(config_file, data_dir), ListWithdrawals(status or "")))


@command.command("approve")
@click.argument("number", type=int)
@configured
def approve(number: int, config_file: Path | None, data_dir: Path | None) -> None:
    """Let withdrawal NUMBER, which is under review, be sent."""
    show(carry_out(read(config_file, data_dir), ApproveWithdrawal(number)))


@command.command("reject")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Kept with the withdrawal.")
@configured
def reject(number: int, reason: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Refuse withdrawal NUMBER; its money goes back."""
    show(carry_out(read(config_file, data_dir), RejectWithdrawal(number, reason)))


@command.command("sent")
@click.argument("number", type=int)
@click.argument("tx_id")
@configured
def sent(number: int, tx_id: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Say that withdrawal NUMBER is transaction TX_ID.

    It ends the doubt about one that is unknown, and, while withdrawals are halted, about one that waits.
    """
    show(carry_out(read(config_file, data_dir), MarkSent(number, tx_id)))


@command.command("not-sent")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="How you know.")
@configured
def not_sent(number: int, reason: str, config_file: Path | None, data_dir: Path | None) -> None:
    """Say that withdrawal NUMBER was never sent.

    It ends the doubt about one that is unknown; its money goes back.
    """
    show(carry_out(read(config_file, data_dir), MarkNotSent(number, reason)))


@command.command("halt")
@configured
def halt(config_file: Path | None, data_dir: Path | None) -> None:
    """Accept and send no withdrawals at all."""
    show(carry_out(read(config_file, data_dir), SwitchWithdrawals(enabled=False)))


@command.command("resume")
@click.option(
    "--compared",
    is_flag=True,
    help="After a restore: those that wait were compared with what the chains say.",
)
@configured
def resume(compared: bool, config_file: Path | None, data_dir: Path | None) -> None:
    """Accept and send withdrawals again."""
    show(carry_out(read(config_file, data_dir), SwitchWithdrawals(enabled=True, compared=compared)))
