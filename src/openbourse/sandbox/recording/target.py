"""What stands at the address that is recorded, or replayed to."""

import time
from typing import Any, Final

import msgspec

from openbourse.sandbox.control.client import ControlClient, ControlClientError
from openbourse.sandbox.recording.lines import RecordFileError, SandboxState
from openbourse.sandbox.virtual_clock import ClockError, VirtualClock

# It is on this machine, and nothing else is asked of it: who does not answer is no sandbox.
_SECONDS: Final = 5.0


def look_at(url: str) -> tuple[SandboxState | None, VirtualClock]:
    """What a venue says of itself if it is a sandbox on this machine; and its clock, or the computer's.

    Raises RecordFileError for what is no URL.
    """
    if not url.startswith(("http://", "https://")):
        raise RecordFileError(f"{url} is not the address of a venue: those begin with http:// or https://")
    clock = VirtualClock(time.time_ns() // 1_000_000)
    if not url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]")):
        return None, clock
    client = ControlClient(url, _SECONDS)
    try:
        known: dict[str, Any] = client.get("")
        pace: dict[str, Any] = client.get("clock")
        state = msgspec.convert(known["state"], SandboxState)
        return state, VirtualClock(pace["time"], pace["factor"])
    except (ControlClientError, ClockError, msgspec.ValidationError, KeyError, TypeError):
        return None, clock
