"""Patience: how long a stream waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """All in seconds: between signs of life, for an answer, without news of a book, and between attempts.

    Attempts to connect begin `first` apart, and come twice as late each time, up to `longest`. Every book is
    pushed once a minute even if nothing happens in it.
    """

    ping_every: float = 20.0
    answer: float = 10.0
    book: float = 90.0
    first: float = 0.5
    longest: float = 30.0
