"""Doing what an operator asks: in the venue that runs, or in one opened for this alone."""

import asyncio
from typing import Any

import structlog

from openbourse.cli.logs import configure_logging
from openbourse.configuration import Configuration
from openbourse.log.data_directory import DataDirectory
from openbourse.venue.control import NobodyListensError, ask
from openbourse.venue.operations import Operations
from openbourse.venue.operator_desk import OperatorDesk
from openbourse.venue.requests import AnyRequest, encode_request
from openbourse.venue.venue import Venue

_log = structlog.get_logger(__name__)


def carry_out(configuration: Configuration, request: AnyRequest) -> Any:
    """The result of `request`. Raises what the venue's opening raises, and ControlError."""
    configure_logging("warning", configuration.log.format)
    options = configuration.venue_options("production")
    directory = DataDirectory(options.data_directory)
    try:
        return ask(directory.control_socket, encode_request(request))
    except NobodyListensError:
        pass
    if not request.founds or (directory.path / "openbourse.json").exists():
        options = configuration.venue_options(directory.check())
    return asyncio.run(_carry_out_alone(Venue.open(options), request))


async def _carry_out_alone(venue: Venue, request: AnyRequest) -> Any:
    await venue.start()
    try:
        await Operations(venue).open_missing_users()
        return await OperatorDesk(venue).carry_out(request)
    finally:
        await venue.stop()
