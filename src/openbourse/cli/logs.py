"""Logs: structured lines on standard error."""

import logging
import sys
from typing import Literal

import structlog


def configure_logging(level: str, form: Literal["console", "json"]) -> None:
    """Write everything from `level` on, for a person or as one JSON object a line."""
    renderer: structlog.typing.Processor
    if form == "json":
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_secrets(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The last guard: nobody should log a secret, and if somebody does it is not written."""
    for name in event:
        if "secret" in name or "password" in name or "signature" in name:
            event[name] = "***"
    return event
