"""The limits of the WebSocket side, all of them settings. Defaults are those of ws §1, §4, §6.5 and §12."""

from dataclasses import dataclass, replace
from typing import Final

_UNLIMITED: Final = 10**9


@dataclass(frozen=True, slots=True)
class WsLimits:
    """Sizes in bytes, times in seconds, rates per second.

    What happens beyond each: connections are refused with HTTP 503 (total) and 429 (one address); a
    larger message closes with 1009; more subscriptions are answered with 20001, more requests with
    23002, and `strikes` requests in a row beyond the rate close with 1008; `garbage` frames without a
    request in them close with 1007; more than `send_queue` unread bytes close with 1013; silence of
    `idle` seconds closes with 1001.
    """

    # Fewer than the HTTP server takes in all, so that requests still get through.
    connections: int = 8_000
    connections_per_address: int = 1_000
    message_bytes: int = 64 * 1024
    subscriptions: int = 20_000
    request_rate: int = 100
    request_burst: int = 1_000
    strikes: int = 1_000
    garbage: int = 10
    pause_above: int = 256 * 1024
    send_queue: int = 8 * 1024 * 1024
    ping_every: float = 30.0
    idle: float = 120.0
    close_timeout: float = 5.0

    def without_rates(self) -> "WsLimits":
        """The same with requests that come as fast as they like."""
        return replace(self, request_rate=_UNLIMITED, request_burst=_UNLIMITED)
