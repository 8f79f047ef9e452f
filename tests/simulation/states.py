"""The states and faults that the simulation is meant to reach: what a report holds its counts against."""

from collections import Counter

_ENDS = ("filled", "partially_cancelled", "cancelled")
_ORDERS = {
    "limit": ("open", "partially_filled", *_ENDS),
    "post_only": ("open", "partially_filled", *_ENDS),
    "ioc": _ENDS,
    "fok": ("filled",),  # one that cannot be filled is refused
    "market": _ENDS,
    "stop": ("placed", "triggered", "failed", "cancelled"),
    "deposit": ("processing", "confirming", "finished", "too_small", "exception", "cancelled"),
    "withdrawal": (
        *("review", "approved", "processing", "confirming", "unknown"),
        *("finished", "cancelled", "rejected", "failed"),
    ),
}
STATES = (
    *(f"{what} {status}" for what, statuses in _ORDERS.items() for status in statuses),
    *("recovery from a snapshot", "recovery from the log alone", "orderly end"),
    *("venue stopped by a failure", "refused as busy", "outcome unknown to a client"),
    *("market halted and opened", "withdrawals halted and resumed"),
)
FAULTS = (
    *(f"crash at a {kind}" for kind in ("turn", "commit", "pool", "answer", "chain", "recovery")),
    *(f"last commit {fate}" for fate in ("whole", "lost", "torn", "flipped", "reordered")),
    *("disk full", "end of the history lost", "history deleted", "snapshot damaged", "clock set by hours"),
    *("request lost", "request doubled", "request cut in half", "answer lost", "message late by seconds"),
    *("connection broken", "client does not read", "client out of patience"),
    "message arrived after the crash",
    *(f"broadcast {how}" for how in ("refused", "lost, unknown", "late, unknown", "sent, unknown")),
    *("chain unavailable", "chain cannot tell what it was sent"),
    *("reorganisation", "reorganisation, payments moved", "reorganisation, payments dropped"),
    "reorganisation, own payment dropped",
)


def summary(counts: Counter[str]) -> list[str]:
    """The lines of a report: what was reached how often, and what was not."""
    lines: list[str] = []
    for title, names, prefix in (("states reached", STATES, "state"), ("faults injected", FAULTS, "fault")):
        reached = [f"{name} {counts[f'{prefix} {name}']:,}" for name in names if counts[f"{prefix} {name}"]]
        missing = [name for name in names if not counts[f"{prefix} {name}"]]
        lines.append(f"{title}: {', '.join(reached) or 'none'}")
        lines.append(f"{title.split()[0]} NOT reached: {', '.join(missing) or 'none'}")
    return lines
