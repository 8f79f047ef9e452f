"""What the HTTP side counts, for metrics: answers by endpoint and code, and how long they took."""

from collections import Counter
from typing import Final, NamedTuple

from openbourse.venue.distribution import Distribution
from openbourse.wire.http.messages import Response

# Endpoints are named by the protocols' tables, never by what a client sent; this is a second lock.
MAX_ENDPOINTS: Final = 1_000
MAX_CODES: Final = 200
OTHER: Final = "other"


class Barred(NamedTuple):
    """Why a request did not come as far as its endpoint's work, and the code that it was told."""

    reason: str
    endpoint: str
    code: str


class EndpointTraffic:
    """The answers of one endpoint: how many with which code, and their durations in seconds."""

    __slots__ = ("codes", "seconds")

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.seconds = Distribution()


class Traffic:
    """Totals since the start. For the event loop's thread."""

    def __init__(self) -> None:
        self.endpoints: dict[str, EndpointTraffic] = {}
        self.barred: Counter[Barred] = Counter()
        self.failures = 0  # bugs: exceptions that a protocol let through
        self._words: dict[int, str] = {}

    def note(self, response: Response, seconds: float) -> None:
        """Count an answer that took this many seconds."""
        found = self.endpoints.get(response.endpoint)
        if found is None:
            found = self._endpoint(response.endpoint)
        found.seconds.add(seconds)
        outcome = -response.status if response.code is None else response.code
        word = self._words.get(outcome)
        if word is None:
            word = self._word(outcome)
        codes = found.codes  # no Counter: that takes twice as long to count
        codes[word] = codes.get(word, 0) + 1
        if response.barred:
            self.barred[Barred(response.barred, response.endpoint or OTHER, word)] += 1

    def _endpoint(self, name: str) -> EndpointTraffic:
        if not name or len(self.endpoints) >= MAX_ENDPOINTS:
            name = OTHER
        return self.endpoints.setdefault(name, EndpointTraffic())

    def _word(self, outcome: int) -> str:
        """The protocol's code, or the HTTP status, below zero, where it has none."""
        if len(self._words) >= MAX_CODES:
            return OTHER
        return self._words.setdefault(outcome, f"http_{-outcome}" if outcome < 0 else str(outcome))
