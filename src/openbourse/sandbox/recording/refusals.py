"""Recorded signatures that were refused: a replay has to sign as wrongly as the recorded client did."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from openbourse.sandbox.recording.comparison import shown
from openbourse.sandbox.recording.lines import Answer, Received, Request
from openbourse.sandbox.recording.reader import Numbered
from openbourse.sandbox.recording.wires import SOCKET, wire_of
from openbourse.wire.recorded import SignerRefusal


class Refusals(NamedTuple):
    """How recorded signatures were refused: of requests by number, of messages by connection and id."""

    requests: Mapping[int, SignerRefusal]
    messages: Mapping[tuple[int, str], SignerRefusal]


def refusals(lines: Iterable[Numbered]) -> Refusals:
    """Looks through a whole recording."""
    requests: dict[int, SignerRefusal] = {}
    messages: dict[tuple[int, str], SignerRefusal] = {}
    targets: dict[int, str] = {}
    for _, line in lines:
        if isinstance(line, Request):
            targets[line.number] = line.target
        elif isinstance(line, Answer):
            wire = wire_of(targets.pop(line.number, ""))
            if wire is not None and (refusal := wire.refusal(decoded(line.body))):
                requests[line.number] = refusal
        elif isinstance(line, Received):
            answer = decoded(line.text)
            if refusal := SOCKET.refusal(answer):
                messages[line.connection, shown(answer.get("id"))] = refusal
    return Refusals(requests, messages)


def decoded(text: str) -> Any:
    """JSON, or the text when it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return text
