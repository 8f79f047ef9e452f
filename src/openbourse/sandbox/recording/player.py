"""Playing a recording to a venue: every request in its order, signed anew, and every answer compared.

Requests that overlapped are sent one after the other. Pushes of which each counts are compared one by one;
of those that a server may leave out, what a client knew in the end must be among what the run's client knew.
"""

import base64
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Final, NamedTuple, Protocol

import aiohttp
import msgspec
from yarl import URL

from openbourse.sandbox.recording.comparison import Comparison, Difference, Finding, shown
from openbourse.sandbox.recording.conversation import Conversation, Streams
from openbourse.sandbox.recording.ids import Ids, in_own_words, message_in_own_words
from openbourse.sandbox.recording.keys import KeyRing
from openbourse.sandbox.recording.lines import (
    Answer,
    Closed,
    End,
    Failure,
    Header,
    Line,
    Opened,
    Received,
    Request,
    Sent,
)
from openbourse.sandbox.recording.narrative import described
from openbourse.sandbox.recording.reader import Numbered
from openbourse.sandbox.recording.refusals import Refusals, decoded
from openbourse.sandbox.recording.wires import SOCKET, wire_of
from openbourse.wire.recorded import RecordedRequest

# How long an answer or a push that has to come may take, in real time.
PATIENCE_SECONDS: Final = 30.0
# The same for a state that the run has to come to in the end.
STATE_SECONDS: Final = 30.0
_CONTEXT: Final = 6
_CONTROL: Final = "/sandbox"
_CLOCK: Final = "/sandbox/clock"


class Pace(Protocol):
    """The clock of the venue that is played to."""

    # How long to wait for a state of a book that was recorded on the way, which may be passed over; 0 where
    # none is.
    glance_seconds: float

    async def reach(self, time: int) -> None:
        """It is `time` (Unix ms of the recording) now."""

    def show(self) -> None:
        """Let watchers see what one request has done, before the next one comes."""

    def shift(self, time: int) -> int:
        """How far the venue's clock is ahead of `time`, in ms."""


class _Got(NamedTuple):
    """What the run got for a request; `error` instead when it got nothing."""

    request: Request
    status: int = 0
    content_type: str = ""
    body: str = ""
    error: str = ""


class Player:
    """Plays one recording, once. `control`: the venue is a sandbox, whose orders are given too."""

    def __init__(
        self, url: str, keys: KeyRing, pace: Pace, *, values: bool, control: bool, refused: Refusals
    ) -> None:
        self.messages = 0
        self._url = url
        self._keys = keys
        self._pace = pace
        self._control = control
        self._refused = refused
        self._ids = Ids()
        self._comparison = Comparison(self._ids, values=values)
        self._got: dict[int, _Got] = {}
        self._open: dict[int, Conversation] = {}
        self._recorded: dict[int, Streams] = {}
        self._before: deque[str] = deque(maxlen=_CONTEXT)
        self._session: aiohttp.ClientSession

    async def play(self, lines: Iterable[Numbered]) -> AsyncIterator[Finding]:
        """Every difference, in the order of the file."""
        timeout = aiohttp.ClientTimeout(total=10 * PATIENCE_SECONDS)
        async with aiohttp.ClientSession(
            timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as self._session:
            try:
                last = 0
                for number, line in lines:
                    last = number
                    if isinstance(line, Header | End):
                        continue
                    await self._pace.reach(line.time)
                    self.messages += 1
                    about = described(line, {number: got.request for number, got in self._got.items()})
                    found = await self._step(line)
                    if found is not None:
                        yield Finding(number, about, found, list(self._before))
                    self._before.append(f"line {number}: {about}")
                for connection in list(self._open):
                    found = await self._states_reached(connection)
                    if found is not None:
                        yield Finding(last, f"WebSocket {connection}", found, list(self._before))
            finally:
                for conversation in self._open.values():
                    await conversation.close()

    async def _step(self, line: Line) -> Difference | None:
        if isinstance(line, Request):
            self._got[line.number] = await self._ask(line)
            self._pace.show()
        elif isinstance(line, Answer):
            return self._answered(line)
        elif isinstance(line, Failure):
            return self._failed(line)
        elif isinstance(line, Opened):
            return await self._connect(line)
        elif isinstance(line, Sent):
            await self._say(line)
        elif isinstance(line, Received):
            return await self._heard(line)
        elif isinstance(line, Closed):
            return await self._hang_up(line)
        return None

    # -- HTTP --------------------------------------------------------------------------------------

    async def _ask(self, line: Request) -> _Got:
        request = RecordedRequest(line.method, line.target, line.headers, line.body)
        if line.target.startswith(_CONTROL):
            order = _without_pace(request) if self._control else None
            if order is None:
                return _Got(line, error="not sent")
            request = self._with_own_key(order)
        wire = wire_of(line.target)
        if wire is not None:
            shift = self._pace.shift(line.time)
            request = in_own_words(request, wire.fields(request), self._ids, shift)
            if line.key:
                refused = self._refused.requests.get(line.number)
                request = wire.signed(request, self._keys.signer(line.key, wire.name, refused), shift)
        body = base64.b64decode(request.body) if line.encoding == "base64" else request.body.encode()
        try:
            async with self._session.request(
                request.method,
                URL(self._url + request.target, encoded=True),
                headers=dict(request.headers),
                skip_auto_headers=("user-agent", "content-type", "accept"),
                data=body or None,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return _Got(line, error=str(error) or type(error).__name__)
        kind = answer.headers.get("content-type", "")
        return _Got(line, answer.status, kind, content.decode(errors="replace"))

    def _with_own_key(self, request: RecordedRequest) -> RecordedRequest:
        """An order of a fault for one key has a label in the recording."""
        order = decoded(request.body)
        if not isinstance(order, dict) or not order.get("key"):
            return request
        protocol = "coinw" if "appapi" in str(order.get("route")).lower() else "coinex"
        own = self._keys.signer(str(order["key"]), protocol).key_id
        return request._replace(body=msgspec.json.encode(order | {"key": own}).decode())

    def _answered(self, line: Answer) -> Difference | None:
        got = self._got.pop(line.number, None)
        if got is None or got.request.cut or got.error == "not sent":
            return None
        if got.error:
            return Difference("", f"HTTP {line.status}", f"no answer: {got.error}")
        if line.status != got.status:
            return Difference("status", str(line.status), f"{got.status} {shown(got.body)}")
        target = got.request.target
        if line.cut or line.encoding != "text" or target.startswith(_CONTROL):
            return None
        wire = wire_of(target)
        if wire is None:
            return None  # pages about the venue, not answers of it
        request = RecordedRequest(got.request.method, target, {}, got.request.body)
        fields = wire.fields(request)
        self._keys.learn(line.body, got.body, fields, wire.name)
        return self._comparison.bodies(line.body, got.body, fields)

    def _failed(self, line: Failure) -> Difference | None:
        got = self._got.pop(line.number, None)
        if got is None or got.error:
            return None
        return Difference("", f"no answer: {line.error}", f"HTTP {got.status} {shown(got.body)}")

    # -- WebSocket ---------------------------------------------------------------------------------

    async def _connect(self, line: Opened) -> Difference | None:
        self._recorded[line.connection] = Streams()
        url = URL(self._url.replace("http", "ws", 1) + line.target, encoded=True)
        try:
            socket = await self._session.ws_connect(url, max_msg_size=0)
        except aiohttp.WSServerHandshakeError as error:
            status = error.status
        except (aiohttp.ClientError, TimeoutError) as error:
            return Difference("", f"HTTP {line.status}", f"no answer: {error}")
        else:
            status = 101
            if line.status == status:
                self._open[line.connection] = Conversation(socket)
                return None
            await socket.close()
        return None if status == line.status else Difference("status", str(line.status), str(status))

    async def _say(self, line: Sent) -> None:
        conversation = self._open.get(line.connection)
        if conversation is None or line.cut:
            return
        if line.encoding == "base64":
            await conversation.send(base64.b64decode(line.text))
            return
        message = decoded(line.text)
        if isinstance(message, dict):
            shift = self._pace.shift(line.time)
            own = dict(message)
            if "params" in own:
                own["params"] = message_in_own_words(own["params"], SOCKET.fields, self._ids, 0)
            if line.key:
                refused = self._refused.messages.get((line.connection, shown(message.get("id"))))
                signer = self._keys.signer(line.key, "coinex", refused)
                own = SOCKET.signed(own, signer, shift)
            if own != message:
                await conversation.send(msgspec.json.encode(own).decode())
                return
        await conversation.send(line.text)

    async def _heard(self, line: Received) -> Difference | None:
        conversation = self._open.get(line.connection)
        if conversation is None or line.cut or line.encoding != "text":
            return None
        message = decoded(line.text)
        push = SOCKET.pushed(message)
        if push is None:
            if not await conversation.until(lambda: bool(conversation.answers), PATIENCE_SECONDS):
                return Difference("", shown(message), _silence(conversation))
            return self._comparison.of("", message, conversation.answers.popleft(), SOCKET.fields)
        if push.kind == "newest":
            self._recorded[line.connection].take(push)
            for stream, _ in push.items:
                await self._glance(line.connection, stream)
            return None
        for stream, item in push.items:
            items = conversation.streams.items.setdefault(stream, deque())
            # Bound here and now: it is awaited before the next turn of the loop.
            if not await conversation.until(lambda items=items: bool(items), PATIENCE_SECONDS):  # type: ignore[misc]
                return Difference("", f"a push of {stream}: {shown(item)}", _silence(conversation))
            found = self._comparison.of("", item, items.popleft(), SOCKET.fields)
            if found is not None:
                return found._replace(path=f"{stream} {found.path}")
        return None

    async def _glance(self, connection: int, stream: str) -> None:
        """Give the run time to come to a recorded state; it need not, it may be overtaken."""
        if not self._comparison.values or not self._pace.glance_seconds:
            return
        conversation, wanted = self._open[connection], self._recorded[connection].states[stream][-1]
        states = conversation.streams.states.setdefault(stream, deque(maxlen=2_000))
        await conversation.until(lambda: wanted in states, self._pace.glance_seconds)

    async def _states_reached(self, connection: int) -> Difference | None:
        """Was what the recorded client knew in the end known to the run's client too?"""
        conversation, recorded = self._open[connection], self._recorded[connection]
        for stream, states in recorded.states.items():
            wanted = states[-1]
            own = conversation.streams.states.setdefault(stream, deque(maxlen=2_000))
            condition = (lambda: wanted in own) if self._comparison.values else (lambda: bool(own))  # noqa: B023
            if not await conversation.until(condition, STATE_SECONDS):
                if not own:
                    return Difference(stream, shown(wanted), _silence(conversation))
                found = self._comparison.of("", wanted, own[-1], SOCKET.fields)
                assert found is not None, "it was not among them"
                return found._replace(path=f"{stream} {found.path}")
        return None

    async def _hang_up(self, line: Closed) -> Difference | None:
        conversation = self._open.get(line.connection)
        if conversation is None:
            return None
        found = await self._states_reached(line.connection)
        if line.by == "server" and found is None:
            await conversation.until(lambda: bool(conversation.code), PATIENCE_SECONDS)
            if conversation.code != line.code:
                got = f"code {conversation.code}" if conversation.code else "it stayed open"
                found = Difference("", f"closed by the server with code {line.code}", got)
        del self._open[line.connection]
        await conversation.close()
        return found


def _without_pace(request: RecordedRequest) -> RecordedRequest | None:
    """An order to the sandbox; the pace of its clock is the replay's business. None when nothing is left."""
    if not request.target.startswith(_CLOCK) or request.method != "POST":
        return request
    order = decoded(request.body)
    if not isinstance(order, dict):
        return request
    left = {name: value for name, value in order.items() if name != "factor"}
    return request._replace(body=msgspec.json.encode(left).decode()) if left else None


def _silence(conversation: Conversation) -> str:
    return f"closed with code {conversation.code}" if conversation.code else "nothing"
