"""What can be said about a signature, in whatever protocol it was made. Never has a secret in it."""

from typing import Final, NamedTuple

_MAX_SHOWN: Final = 4_000


class Explanation(NamedTuple):
    """`signed` is the text that has to be signed, `how` with what; `sent` is the client's signature.

    `finding` says what the client has done, as far as that can be recognised.
    """

    signed: str
    how: str
    sent: str
    finding: str


def shown(text: bytes) -> str:
    """What was signed, for a person."""
    return text.decode("utf-8", "backslashreplace")[:_MAX_SHOWN]
