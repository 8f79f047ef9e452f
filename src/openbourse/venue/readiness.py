"""Can the venue take orders now? What `/readyz` answers, so that nobody is sent to a venue that cannot."""

import os
from typing import Final

from openbourse.venue.venue import Venue

STALL_SECONDS: Final = 5.0
MIN_FREE_BYTES: Final = 64 * 1024 * 1024


def unready(venue: Venue, min_free_bytes: int = MIN_FREE_BYTES) -> str:
    """Why not, "" when all is well. It waits for nothing."""
    if venue.failure is not None:
        return "the venue has stopped after a failure"
    if not venue.sequencer.accepting:
        return "the venue is starting or stopping"
    if venue.sequencer.stalled_seconds > STALL_SECONDS:
        return "the disk does not finish writing"
    if venue.overloaded:
        return "the history cannot keep up"
    return _disk_trouble(venue, min_free_bytes)


def _disk_trouble(venue: Venue, min_free_bytes: int) -> str:
    try:
        disk = os.statvfs(venue.directory.path)
    except OSError as error:
        return f"the data directory cannot be reached: {error.strerror}"
    if disk.f_flag & os.ST_RDONLY:
        return "the data directory is read-only"
    if disk.f_bavail * disk.f_frsize < min_free_bytes:
        return "the disk is nearly full"
    return ""
