"""Logs: structured lines on standard error."""

import logging
import re
import sys
from typing import Final, Literal

import structlog

# What every line gets, whoever wrote it: we by structlog, or a library by the standard `logging`.
_COMMON: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

_MASK: Final = "***"
# Some protocols sign in the query string, which libraries like to put into their messages.
_IN_TEXT: Final = re.compile(r"\b((?:sign|signature|secret\w*|password)=)[^&\s\"']+", re.IGNORECASE)


def configure_logging(level: str, form: Literal["console", "json"]) -> None:
    """Write everything from `level` on, for a person or as one JSON object a line."""
    least = getattr(logging, level.upper())
    # Tracebacks become text first: the messages of exceptions are looked through as well.
    endings: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, _without_secrets]
    if form == "json":
        endings.append(structlog.processors.JSONRenderer())
    else:
        plain = structlog.dev.plain_traceback
        endings.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))
    structlog.configure(
        processors=[*_COMMON, *endings],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_COMMON, processors=[remove, *endings])
    )
    # What libraries tell in passing is not for the operator.
    logging.basicConfig(level=max(least, logging.WARNING), handlers=[handler], force=True)


def _without_secrets(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The last guard: nobody should log a secret, and if somebody does it is not written."""
    for name, value in event.items():
        if name == "sign" or "secret" in name or "password" in name or "signature" in name:
            event[name] = _MASK
        elif isinstance(value, str):
            event[name] = _IN_TEXT.sub(rf"\1{_MASK}", value)
    return event
