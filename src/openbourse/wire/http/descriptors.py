"""File descriptors: connections get what is left after the venue's own files, and never more.

A process that has none left can neither accept connections nor open files. The first concerns strangers, the
second the venue: reading the history, taking snapshots, answering the operator.
"""

import resource
from typing import Final

import structlog

# Log, databases and their readers, the operator's and the metrics' sockets, pipes of the snapshot process.
RESERVED: Final = 128
# Connections beyond the limit that are told so (503) before further ones are closed without a word.
TOLD: Final = 16
FEWEST: Final = 8

_log = structlog.get_logger(__name__)


def connections_for(wanted: int) -> int:
    """How many connections may be promised: `wanted`, or what the limit of open files allows.

    The limit is raised as far as this process may. What remains too low is told the operator.
    """
    needed = wanted + TOLD + RESERVED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    allowed = max(FEWEST, soft - TOLD - RESERVED)
    _log.warning("few_open_files_allowed", limit=soft, connections=allowed, wanted=wanted)
    return allowed
