"""Doing what an operator asks: in the venue that runs, or in one opened for this alone."""

import asyncio
from typing import Any

import click

from openbourse.cli.logs import configure_logging
from openbourse.configuration import Configuration
from openbourse.log.data_directory import MARKER, DataDirectory
from openbourse.venue.control import NobodyListensError, ask
from openbourse.venue.operations import Operations
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.venue.requests import AnyRequest, encode_request
from openbourse.venue.venue import Venue


def carry_out(configuration: Configuration, request: AnyRequest) -> Any:
    """The result of `request`. Raises what the venue's opening raises, and ControlError."""
    configure_logging("warning", configuration.log.format)
    options = configuration.venue_options("production")
    directory = DataDirectory(options.data_directory)
    try:
        return ask(directory.control_socket, encode_request(request))
    except NobodyListensError:
        pass
    founding = request.founds and not (directory.path / MARKER).exists()
    if not founding:
        options = configuration.venue_options(directory.check())
    result = asyncio.run(_carry_out_alone(Venue.open(options), request))
    if founding:  # who is in another folder than meant should see it
        click.echo(f"a new venue has begun in {directory.path}", err=True)
    return result


async def _carry_out_alone(venue: Venue, request: AnyRequest) -> Any:
    await venue.start()
    try:
        await Operations(venue).open_missing_users()
        return await OperatorDesk(venue).carry_out(request)
    finally:
        await venue.stop()
