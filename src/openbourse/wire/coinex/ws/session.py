"""The session of one connection: what a client has said, and what it is answered (ws §2, §5, §12).

No socket and no clock in here: text goes in, frames collect in the outbox until the hub lets them out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from openbourse.accounts.records import KeyRecord
from openbourse.wire.coinex.auth import KeyLookup
from openbourse.wire.coinex.ws.counters import Counters
from openbourse.wire.coinex.ws.crowds import Crowd, Crowds
from openbourse.wire.coinex.ws.errors import CloseCode, WsCode, WsError
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.messages import (
    NotARequestError,
    Params,
    Request,
    decode_request,
    failure,
    success,
)
from openbourse.wire.coinex.ws.params import invalid
from openbourse.wire.coinex.ws.rate import Allowance
from openbourse.wire.coinex.ws.sign import verified
from openbourse.wire.http.audit import AuthAudit


class Connection(Protocol):
    """What a session needs of its socket, which in turn sets the session's `paused`. Nothing ever waits."""

    def send(self, frames: bytes) -> None:
        """Write whole frames."""

    def close(self, code: CloseCode, reason: str) -> None:
        """Say goodbye; nothing is sent after it."""


class Channel(Protocol):
    """Something to subscribe to."""

    @property
    def private(self) -> bool:
        """Only for signed sessions."""

    def subscribe(self, session: "Session", params: Params) -> Callable[[], None]:
        """Take the subscription in; what is returned sends the first pushes, once the answer is out.

        Raises WsError, and has changed nothing then.
        """

    def unsubscribe(self, session: "Session", params: Params) -> None:
        """Never refused for something that is not subscribed. Raises WsError for a wrong shape."""

    def drop(self, session: "Session") -> None:
        """The session has gone, or has become somebody else's."""

    def count(self, session: "Session") -> int:
        """How many names the session has subscribed."""


@dataclass(slots=True)
class Desk:
    """What all sessions share. `now` is the time in Unix ms, see `Clock`.

    `waiting` have something in their outbox; `paused` do not read as fast as they are sent to.
    """

    now: Callable[[], int]
    find_key: KeyLookup
    limits: WsLimits = field(default_factory=WsLimits)
    counters: Counters = field(default_factory=Counters)
    audit: AuthAudit = field(default_factory=AuthAudit)
    waiting: list["Session"] = field(default_factory=list)
    paused: dict["Session", None] = field(default_factory=dict)
    crowds: Crowds["Session"] = field(default_factory=Crowds)

    def deliver(self, crowd: Crowd["Session"], frame: bytes) -> None:
        """Send a frame to all of a crowd with the next `flush`, after what is in their outboxes by then."""
        self.crowds.deliver(crowd, frame)

    def reading(self, crowd: Crowd["Session"]) -> Crowd["Session"]:
        """Those of them who read as fast as they are sent to."""
        return self.crowds.without(crowd, self.paused)

    def flush(self) -> None:
        """Let out everything that is waiting, with one write for each session."""
        for sessions, frames in self.crowds.take():
            self.counters.delivered += len(sessions) * len(frames)
            joined = b"".join(frames)
            for session in sessions:
                session.pass_on(joined)
        waiting, self.waiting = self.waiting, []
        for session in waiting:
            session.let_out()


class Session:
    """One client. `key` is the one it signed with; `channels` are those of its endpoint."""

    __slots__ = (
        "_allowance",
        "_desk",
        "_garbage",
        "_outbox",
        "address",
        "channels",
        "connection",
        "key",
    )

    def __init__(
        self, connection: Connection, channels: Mapping[str, Channel], desk: Desk, address: str
    ) -> None:
        self.address = address
        self.channels = channels
        self.key: KeyRecord | None = None
        self.connection = connection
        self._desk = desk
        self._outbox: list[bytes] | None = None
        self._garbage = 0
        limits = desk.limits
        self._allowance = Allowance(limits.request_rate, limits.request_burst)

    @property
    def user(self) -> int:
        """The account that signed, 0 before."""
        return 0 if self.key is None else self.key.user

    @property
    def paused(self) -> bool:
        """Does the client not read as fast as it is sent to?"""
        return self in self._desk.paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        if paused:
            self._desk.paused[self] = None
        else:
            self._desk.paused.pop(self, None)

    # -- what arrives ------------------------------------------------------------------------------

    def receive(self, data: bytes, elapsed: float) -> None:
        """A text message; `elapsed` is a monotonic time in seconds."""
        if not self._admit(elapsed):
            self._refuse_frequent(data)
            return
        self._desk.counters.requests += 1
        try:
            request = decode_request(data)
        except NotARequestError as error:
            self._answer_garbage(error.id)
            return
        self._garbage = 0
        try:
            follow_up = self._handle(request)
        except WsError as error:
            self._fail(request.id, error)
            return
        if follow_up is not None:
            follow_up()

    def receive_binary(self, elapsed: float) -> None:
        """A binary message: nobody sends such, and there is no id to answer to (ws §1)."""
        if self._admit(elapsed):
            self._desk.counters.requests += 1
            self._answer_garbage(b"null")

    def receive_control(self, elapsed: float) -> None:
        """A ping or pong. They count like requests, so that a flood of them ends too."""
        self._admit(elapsed)

    # -- what leaves -------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Put a frame into the outbox; the desk's `flush` lets it out."""
        desk = self._desk
        desk.counters.delivered += 1
        if self._outbox is None:
            self._outbox = [frame]
            desk.waiting.append(self)
        else:
            self._outbox.append(frame)

    def pass_on(self, frames: bytes) -> None:
        """Send frames that were counted already, at once unless something waits that goes before them."""
        if self._outbox is None:
            self.connection.send(frames)
        else:
            self._outbox.append(frames)

    def let_out(self) -> None:
        """Send what waits, if anything does."""
        outbox, self._outbox = self._outbox, None
        if outbox is not None:
            self.connection.send(b"".join(outbox))

    def close(self, code: CloseCode, reason: str) -> None:
        self.let_out()
        self.connection.close(code, reason)

    def drop_all(self) -> None:
        """Forget every subscription."""
        for channel in self.channels.values():
            channel.drop(self)

    # -- inside ------------------------------------------------------------------------------------

    def _admit(self, elapsed: float) -> bool:
        """Within the rate? Beyond it for too long the connection ends (ws §6.5)."""
        if self._allowance.take(elapsed):
            return True
        if self._allowance.strikes >= self._desk.limits.strikes:
            self.close(CloseCode.POLICY, "too many requests")
        return False

    def _refuse_frequent(self, data: bytes) -> None:
        if self._allowance.strikes >= self._desk.limits.strikes:
            return
        try:
            id_text = decode_request(data).id
        except NotARequestError as error:
            id_text = error.id
        self._fail(id_text, WsError(WsCode.TOO_FREQUENT))

    def _answer_garbage(self, id_text: bytes) -> None:
        self._garbage += 1
        self._fail(id_text, invalid())
        if self._garbage >= self._desk.limits.garbage:
            self.close(CloseCode.GARBAGE, "these are no requests")

    def _fail(self, id_text: bytes, error: WsError) -> None:
        self._desk.counters.errors += 1
        self.send(failure(id_text, error))

    def _handle(self, request: Request) -> Callable[[], None] | None:
        """Answer; what is returned is to be done after the answer."""
        if request.method in _SYSTEM:
            if request.params is None:
                raise invalid()
            self.send(success(request.id, _SYSTEM[request.method](self, request.params)))
            return None
        name, _, verb = request.method.rpartition(".")
        channel = self.channels.get(name)
        if channel is None or verb not in ("subscribe", "unsubscribe"):
            raise WsError(WsCode.UNKNOWN_METHOD)
        if channel.private and self.key is None:
            raise WsError(WsCode.NOT_SIGNED)
        if request.params is None:
            raise invalid()
        follow_up = None
        if verb == "subscribe":
            self._check_room(request.params)
            follow_up = channel.subscribe(self, request.params)
        else:
            channel.unsubscribe(self, request.params)
        self.send(success(request.id))
        return follow_up

    def _check_room(self, params: Params) -> None:
        asked = sum(len(value) for value in params.values() if isinstance(value, list))
        held = sum(channel.count(self) for channel in self.channels.values())
        if held + asked > self._desk.limits.subscriptions:
            raise invalid()

    def _ping(self, params: Params) -> object:
        del params
        return {"result": "pong"}

    def _time(self, params: Params) -> object:
        del params
        return {"timestamp": self._desk.now()}

    def _sign(self, params: Params) -> object:
        """Who this is from now on. A failed try changes nothing (ws §5 `server.sign`)."""
        try:
            key = verified(params, self.address, self._desk.now(), self._desk.find_key)
        except WsError as error:
            sent = params.get("access_id")
            key_id = sent.encode(errors="replace") if isinstance(sent, str) else b""
            self._desk.audit.failed_from(self.address, "server.sign", int(error.code), key_id)
            raise
        if self.key is not None and key.user != self.key.user:
            for channel in self.channels.values():
                if channel.private:
                    channel.drop(self)
        self.key = key
        return None


_SYSTEM: Mapping[str, Callable[[Session, Params], object]] = {
    "server.ping": Session._ping,  # noqa: SLF001 - a table of the class's own methods
    "server.time": Session._time,  # noqa: SLF001
    "server.sign": Session._sign,  # noqa: SLF001
}
