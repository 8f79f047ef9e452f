"""What the WebSocket side counts, for metrics."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Totals since the start; `closed` has one count per close code that the server sent."""

    opened: int = 0
    refused: int = 0
    requests: int = 0
    errors: int = 0
    encoded: int = 0
    delivered: int = 0
    conflated: int = 0
    closed: Counter[int] = field(default_factory=Counter)
