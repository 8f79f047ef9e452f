"""All commands by name, loaded when they are needed, and what happens when one fails.

Loading on demand keeps the sandbox out of the process of a production venue.
"""

import errno
import sqlite3
from importlib import import_module
from typing import Any, Final

import click
from sqlalchemy.exc import DBAPIError

from openbourse.accounts.errors import AccountsError
from openbourse.configuration import ConfigurationError
from openbourse.history.database import HistoryError
from openbourse.liabilities.errors import LiabilityError
from openbourse.liabilities.verifier import ProofError
from openbourse.log.errors import LogError
from openbourse.venue.control import ControlError

# Where each is: the attribute `command` of this module.
_MODULES: Final = {
    "demo": "openbourse.cli.demo",
    "serve": "openbourse.cli.serve",
    "verify": "openbourse.cli.verify",
    "backup": "openbourse.cli.backup",
    "restore": "openbourse.cli.restore",
    "quarantine": "openbourse.cli.quarantine",
    "config": "openbourse.cli.config",
    "master-key": "openbourse.cli.master_key",
    "user": "openbourse.cli.user",
    "key": "openbourse.cli.key",
    "asset": "openbourse.cli.asset",
    "market": "openbourse.cli.market",
    "maintenance": "openbourse.cli.maintenance",
    "deposit": "openbourse.cli.deposit",
    "held": "openbourse.cli.held",
    "liabilities": "openbourse.cli.liabilities",
    "withdrawal": "openbourse.cli.withdrawal",
    "allow": "openbourse.cli.allow",
    "adjust": "openbourse.cli.adjust",
    "chain": "openbourse.cli.chain",
    "fee": "openbourse.cli.fee",
    "openapi": "openbourse.cli.openapi",
    "clock": "openbourse.cli.clock",
    "fault": "openbourse.cli.fault",
    "regime": "openbourse.cli.regime",
    "incident": "openbourse.cli.incident",
    "record": "openbourse.cli.record",
    "replay": "openbourse.cli.replay",
    "explain-signature": "openbourse.cli.explain_signature",
}

# Failures whose text is a sentence for the person who reads it.
_SPEAKING: Final = (
    AccountsError,
    ConfigurationError,
    ControlError,
    HistoryError,
    LiabilityError,
    LogError,
    ProofError,
)


class Commands(click.Group):
    """The top of the command line. Every failure becomes one sentence and a non-zero exit."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _MODULES:
            return None
        command: click.Command = import_module(_MODULES[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; failures that nobody expects keep their traceback with --debug."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.obj:
                raise
            raise click.ClickException(sentence(error)) from None


def sentence(error: BaseException) -> str:
    """What to tell a person about a failure."""
    if isinstance(error, _SPEAKING):
        return str(error)
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "the disk is full: make room and start again, nothing acknowledged is lost"
        where = f" {error.filename}" if error.filename else ""
        return f"cannot use{where}: {error.strerror or error}"
    if isinstance(error, sqlite3.Error):
        return f"a database file failed: {error}"
    if isinstance(error, DBAPIError):
        return f"a database failed: {error.orig}"
    return f"unexpected {type(error).__name__}: {error} (run with `openbourse --debug ...` for the traceback)"
