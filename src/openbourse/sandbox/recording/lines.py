"""The format of a recording: one JSON object a line, the header first (docs/how-to/record-and-replay.md).

Times are Unix ms of the venue's clock where that is known (a sandbox), else of the recorder's. Requests and
connections are numbered from 1 in the order in which they began. Signatures and secrets are not in it, and
keys only under a label.
"""

from typing import Final, Literal

import msgspec
from msgspec import Struct

FORMAT: Final = "openbourse-recording"
VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 1024 * 1024
MAX_FILE_BYTES: Final = 256 * 1024 * 1024
# JSON writes a control character as six letters.
MAX_LINE_BYTES: Final = 6 * MAX_MESSAGE_BYTES + 256 * 1024


class SandboxState(Struct, frozen=True, omit_defaults=True):
    """The sandbox in front of which a recording began, so that another one can be brought to this state.

    It was new at `began`, simulated `history` seconds before it opened, and had applied `sequence` commands
    at `time`. `stepped`: its clock has stood still from the beginning, so that its bots can be repeated.
    """

    began: int
    time: int
    sequence: int
    seed: int = 1
    bots: bool = False
    history: int = 0
    stepped: bool = False
    own_prices: bool = False

    @property
    def repeatable(self) -> bool:
        """Will another one do the same?"""
        return (not self.bots or self.stepped) and not self.own_prices


class Header(Struct, frozen=True, tag="header", tag_field="kind", omit_defaults=True):
    """The first line. `sandbox` is None in front of anything else."""

    format: str
    version: int
    program: str
    began: int
    target: str
    sandbox: SandboxState | None = None


class _Line(Struct, frozen=True, tag_field="kind", omit_defaults=True, kw_only=True):
    time: int


class Request(_Line, tag="request", frozen=True):
    """An HTTP request; `target` as it was sent. `cut`: the body was too long, here is its beginning."""

    number: int
    method: str
    target: str
    headers: dict[str, str] = {}
    body: str = ""
    key: str = ""
    encoding: Literal["text", "base64"] = "text"
    cut: bool = False


class Answer(_Line, tag="answer", frozen=True):
    """The answer to the request of that number, after inflation."""

    number: int
    status: int
    content_type: str = ""
    body: str = ""
    encoding: Literal["text", "base64"] = "text"
    cut: bool = False


class Failure(_Line, tag="failure", frozen=True):
    """A request of that number got no answer."""

    number: int
    error: str


class Opened(_Line, tag="opened", frozen=True):
    """A WebSocket was opened; `status` is 101, or says how it was refused."""

    connection: int
    target: str
    status: int = 101


class Sent(_Line, tag="sent", frozen=True):
    """A message from client to server."""

    connection: int
    text: str
    key: str = ""
    encoding: Literal["text", "base64"] = "text"
    cut: bool = False


class Received(_Line, tag="received", frozen=True):
    """A message from server to client, after inflation."""

    connection: int
    text: str
    encoding: Literal["text", "base64"] = "text"
    cut: bool = False


class Closed(_Line, tag="closed", frozen=True):
    """A WebSocket ended; `code` as in RFC 6455, 1006 without a farewell."""

    connection: int
    by: Literal["client", "server"]
    code: int


class End(_Line, tag="end", frozen=True):
    """The last line of a recording that was ended: a file without it was torn off."""

    messages: int
    why: Literal["stopped", "full"]


Line = Header | Request | Answer | Failure | Opened | Sent | Received | Closed | End

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


class RecordFileError(Exception):
    """The file cannot be written or replayed; the text is a sentence that names it."""


def line_of(line: Line) -> bytes:
    """As it stands in the file."""
    return _encode(line) + b"\n"


def parsed(text: bytes) -> Line:
    """Raises msgspec.MsgspecError, UnicodeDecodeError."""
    line: Line = _decode(text)
    return line
