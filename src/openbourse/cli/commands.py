"""All commands by name, loaded when they are needed, and what happens when one fails.

Loading on demand keeps the sandbox out of the process of a production venue, and the databases out of those
that only order a sandbox about.
"""

from importlib import import_module
from typing import Any, Final

import click

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
            # It knows the errors of all rooms: nobody loads those for nothing.
            failures = import_module("openbourse.cli.failures")
            raise click.ClickException(failures.sentence(error)) from None
