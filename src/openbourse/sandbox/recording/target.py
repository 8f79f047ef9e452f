"""What stands at the address that is recorded, or replayed to."""

import time
from typing import Any

from openbourse.sandbox.control.client import ControlClient, ControlClientError
from openbourse.sandbox.recording.lines import RecordFileError, SandboxState
from openbourse.sandbox.virtual_clock import VirtualClock


def look_at(url: str) -> tuple[SandboxState | None, VirtualClock]:
    """What a venue says of itself if it is a sandbox on this machine; and its clock, or the computer's.

    Raises RecordFileError for what is no URL.
    """
    if not url.startswith(("http://", "https://")):
        raise RecordFileError(f"{url} is not the address of a venue: those begin with http:// or https://")
    clock = VirtualClock(time.time_ns() // 1_000_000)
    if not url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]")):
        return None, clock
    client = ControlClient(url)
    try:
        known: dict[str, Any] = client.get("")
        pace: dict[str, Any] = client.get("clock")
        state = SandboxState(**known["state"])
    except (ControlClientError, KeyError, TypeError):
        return None, clock
    return state, VirtualClock(pace["time"], pace["factor"])
