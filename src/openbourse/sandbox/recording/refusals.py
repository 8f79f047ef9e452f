"""Recorded signatures that were refused: a replay has to sign as wrongly as the recorded client did."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from openbourse.sandbox.recording.comparison import shown
from openbourse.sandbox.recording.lines import Answer, Received, Request
from openbourse.sandbox.recording.reader import Numbered
from openbourse.sandbox.recording.wires import SOCKET, wire_of


class Refusals(NamedTuple):
    """Which recorded signatures were refused: of requests by number, of messages by connection and id."""

    requests: frozenset[int]
    messages: frozenset[tuple[int, str]]


def refusals(lines: Iterable[Numbered]) -> Refusals:
    """Looks through a whole recording."""
    requests, messages = set(), set()
    targets: dict[int, str] = {}
    for _, line in lines:
        if isinstance(line, Request):
            targets[line.number] = line.target
        elif isinstance(line, Answer):
            wire = wire_of(targets.pop(line.number, ""))
            if wire is not None and wire.refuses_signature(decoded(line.body)):
                requests.add(line.number)
        elif isinstance(line, Received):
            answer = decoded(line.text)
            if SOCKET.refuses_signature(answer):
                messages.add((line.connection, shown(answer.get("id"))))
    return Refusals(frozenset(requests), frozenset(messages))


def decoded(text: str) -> Any:
    """JSON, or the text when it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return text
