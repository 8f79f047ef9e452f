"""Lines of a recording for a person."""

from collections.abc import Mapping

from openbourse.sandbox.recording.lines import (
    Answer,
    Closed,
    Failure,
    Line,
    Opened,
    Received,
    Request,
    Sent,
)


def described(line: Line, asked: Mapping[int, Request]) -> str:
    """One line; `asked` are the requests by number that have no answer yet."""
    if isinstance(line, Request):
        return f"request {line.number}: {line.method} {line.target} {_short(line.body)}".rstrip()
    if isinstance(line, Answer):
        request = asked.get(line.number)
        about = f" to {request.method} {request.target.partition('?')[0]}" if request else ""
        return f"answer {line.number}{about}: {line.status} {_short(line.body)}"
    if isinstance(line, Failure):
        return f"no answer to request {line.number}: {line.error}"
    if isinstance(line, Opened):
        return f"WebSocket {line.connection} to {line.target}: {line.status}"
    if isinstance(line, Sent):
        return f"WebSocket {line.connection}, sent: {_short(line.text)}"
    if isinstance(line, Received):
        return f"WebSocket {line.connection}, received: {_short(line.text)}"
    if isinstance(line, Closed):
        return f"WebSocket {line.connection}, closed by the {line.by}: {line.code}"
    return line.__class__.__name__.lower()


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:160]}..."
