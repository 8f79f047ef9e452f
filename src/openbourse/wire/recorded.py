"""What recordings need to know of a protocol: who signs a request, how it is signed anew, what to compare.

Each protocol has a `RecordedWire` of its own. Pure: texts go in, texts come out.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, Protocol
from urllib.parse import quote_plus, unquote_plus

# Stands in a recording where a signature or a secret was (sandbox/recording/censor.py).
MASK: Final = "***"
# The kind of members that are compared only in being there: clocks differ.
TIME: Final = "time"
# The kind of members whose text is a secret.
SECRET: Final = "secret"  # noqa: S105 - the name of a kind

# What becomes of pushes that arrive closer together than they were recorded: each counts, or the newest.
PushKind = Literal["each", "newest"]
# What was wrong with a signer: nobody knew the key, or it had not made the signature.
SignerRefusal = Literal["key", "signature"]


class RecordedRequest(NamedTuple):
    """An HTTP request. `target` is path and query as sent; names of `headers` are lower-case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str


class Signer(NamedTuple):
    """A key. `wrong` makes signatures that are refused, as the recorded one was."""

    key_id: str
    secret: str
    wrong: bool = False


class Push(NamedTuple):
    """What a push says: `items` by the stream that they belong to, oldest first."""

    kind: PushKind
    items: list[tuple[str, Any]]


class RecordedWire(Protocol):
    """One protocol. `fields` map names of members and parameters to kinds: TIME, SECRET, or a kind of id.

    Ids of one kind are translated between a recording and a run; what has no kind has to be equal.
    """

    @property
    def name(self) -> str: ...

    def serves(self, path: str) -> bool:
        """Does a request to this path belong to the protocol?"""

    def fields(self, request: RecordedRequest) -> Mapping[str, str]:
        """The kinds for a request and its answer."""

    def key_of(self, request: RecordedRequest) -> str:
        """The key that a request names, "" for none."""

    def signed(self, request: RecordedRequest, signer: Signer, shift: int) -> RecordedRequest:
        """A masked request signed anew, with its time stamp moved by `shift` ms."""

    def refusal(self, answer: Any) -> SignerRefusal | None:
        """What of key and signature was not right, by a decoded answer."""


class RecordedSocket(Protocol):
    """The WebSocket of a protocol. Messages are decoded JSON."""

    @property
    def fields(self) -> Mapping[str, str]: ...

    def key_of(self, message: Any) -> str:
        """The key that a client's message names, "" for none."""

    def signed(self, message: Any, signer: Signer, shift: int) -> Any:
        """A masked message signed anew, with its time stamp moved by `shift` ms."""

    def refusal(self, answer: Any) -> SignerRefusal | None: ...

    def pushed(self, message: Any) -> Push | None:
        """What a server's message pushes; None for an answer."""

    def folded(self, stream: str, before: Any, item: Any) -> Any:
        """What a client knows of a stream of newest things after one more item; `before` is None at first."""


def in_form(text: str, new: Callable[[str, str], str | None]) -> str:
    """A query or a form with other values: `new` gets name and value, and gives None for what stays.

    All else stays letter for letter: it was signed so, and somebody may want to see what was sent.
    """
    pieces = []
    for piece in text.split("&"):
        # A value may carry a parameter behind a question mark of its own: `action=order?id=1`.
        before, question, last = piece.rpartition("?")
        name, equals, value = last.partition("=")
        found = new(unquote_plus(name), unquote_plus(value)) if equals else None
        pieces.append(piece if found is None else f"{before}{question}{name}={quote_plus(found)}")
    return "&".join(pieces)
