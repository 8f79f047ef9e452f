"""What the venue writes into its log while it is simulated: nothing is printed, everything is counted."""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import structlog

# Lines that no fault of the network, the disk or the chain excuses.
_BUGS = frozenset(
    {
        "request_failed",
        "wallet_round_failed",
        "websocket_push_failed",
        "websocket_tick_failed",
        "money_not_conserved",
        "snapshotter_failed",
        "deposit_refused",
    }
)


@contextlib.contextmanager
def journal(counts: Counter[str], accuse: Callable[[str], None] | None = None) -> Iterator[None]:
    """Count lines in `counts`; `accuse` is told of those that only a bug can cause."""

    def note(_: object, __: str, line: MutableMapping[str, Any]) -> Any:
        event = str(line["event"])
        counts[f"log line {event}"] += 1
        if event in _BUGS and accuse is not None:
            accuse(f"the venue's log says {event}: {line}")
        raise structlog.DropEvent

    before = structlog.get_config()
    disabled = logging.root.manager.disable
    structlog.configure(processors=[note])
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        structlog.configure(**before)
        logging.disable(disabled)
