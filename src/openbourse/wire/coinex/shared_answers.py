"""Shared answers: what everybody was told last, told again to the same words while nothing has changed."""

from typing import Final, NamedTuple

from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, State
from openbourse.wire.http.messages import Request, Response

MAX_KEPT: Final = 1_000
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_TARGET_BYTES: Final = 300


class _Answer(NamedTuple):
    """`told` is what `state` said before it was made."""

    state: State
    told: object
    response: Response


class SharedAnswers:
    """The answers of public endpoints that have a `state`, by the target of the request."""

    def __init__(self) -> None:
        self._kept: dict[bytes, _Answer] = {}  # the oldest first
        self._bytes = 0

    def known(self, request: Request) -> Response | None:
        """What was told last to this GET, None if another answer may have to be made now."""
        kept = self._kept.get(request.target)
        if kept is None:
            return None
        state, told, response = kept
        return response if state() == told else None

    async def made(self, endpoint: AnyEndpoint, call: Call, request: Request) -> Response:
        """The answer, made now and kept; raises what handlers do."""
        assert endpoint.state is not None, "only what has a state is shared"
        params = endpoint.read(request.query, request.body)
        state = endpoint.state(call, params)
        # Before the answer: what changes while it is made shows in the next comparison.
        told = state()
        body = await endpoint.handler(call, params)
        response = Response(body, endpoint=endpoint.name, code=0, forms={})
        if len(request.target) <= MAX_TARGET_BYTES:
            self._keep(request.target, _Answer(state, told, response))
        return response

    def _keep(self, target: bytes, answer: _Answer) -> None:
        if target in self._kept:
            self._drop(target)
        self._kept[target] = answer
        self._bytes += len(answer.response.body)
        while len(self._kept) > MAX_KEPT or self._bytes > MAX_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, target: bytes) -> None:
        self._bytes -= len(self._kept.pop(target).response.body)
