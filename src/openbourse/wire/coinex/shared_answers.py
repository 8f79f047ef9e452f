"""Shared answers: what everybody was told last, told again to the same words while nothing has changed."""

from typing import Final, NamedTuple

from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.params import Params
from openbourse.wire.http.messages import Request

MAX_KEPT: Final = 1_000
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_TARGET_BYTES: Final = 300


class _Answer(NamedTuple):
    params: Params
    state: object
    body: bytes


class SharedAnswers:
    """The answers of public endpoints that have a `state`, by the target of the request."""

    def __init__(self) -> None:
        self._kept: dict[bytes, _Answer] = {}  # the oldest first
        self._bytes = 0

    async def answer(self, endpoint: AnyEndpoint, call: Call, request: Request) -> bytes:
        """The answer, made anew only if it would be another one than the last; raises what handlers do."""
        assert endpoint.state is not None, "only what has a state is shared"
        kept = self._kept.get(request.target)
        if kept is not None and kept.state == endpoint.state(call, kept.params):
            return kept.body
        params = endpoint.read(request.query, request.body)
        # Before the answer: what changes while it is made shows in the next comparison.
        state = endpoint.state(call, params)
        body = await endpoint.handler(call, params)
        if len(request.target) <= MAX_TARGET_BYTES:
            self._keep(request.target, _Answer(params, state, body))
        return body

    def _keep(self, target: bytes, answer: _Answer) -> None:
        if target in self._kept:
            self._drop(target)
        self._kept[target] = answer
        self._bytes += len(answer.body)
        while len(self._kept) > MAX_KEPT or self._bytes > MAX_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, target: bytes) -> None:
        self._bytes -= len(self._kept.pop(target).body)
