"""The clerk: carries out what gateways call for at the engine's desks, and answers them."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

import structlog
from msgspec import MsgspecError

from openbourse.accounts.errors import AccountsError
from openbourse.core.refusal import Refusal
from openbourse.history.writer import HistoryUnavailableError
from openbourse.liabilities.errors import LiabilityError
from openbourse.link.calls import METHODS, QUERIES, Method
from openbourse.link.gateway import Gateway
from openbourse.link.messages import Answer, Call, Failed, Message, Result, raw
from openbourse.venue.errand import Errand
from openbourse.venue.front import VenueFront
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.venue.venue import Venue

_QUERIES: Final = {f"history.{query.__name__}": query for query in QUERIES}

_log = structlog.get_logger(__name__)


class Clerk:
    """Answers each call once. `changes` counts what all gateways must know before who made it is answered;
    `settled` waits until they do.
    """

    def __init__(
        self,
        venue: Venue,
        front: VenueFront,
        changes: Callable[[], int],
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        self._venue = venue
        self._changes = changes
        self._settled = settled
        self._functions = _functions(front)

    def take(self, gateway: Gateway, call: Call) -> None:
        """Carry a call out, at once as far as it waits for nothing."""
        try:
            method = METHODS[call.method]
            coroutine = self._coroutine(method, call)
        except Exception as error:  # noqa: BLE001 - one call must not end the engine
            gateway.link.send(failed(error, gateway, call))
            return
        if method.quick:
            _QuickCall(gateway, call, method, coroutine).go_on()
        else:
            gateway.start(self._carry_out(gateway, call, method, coroutine))

    async def _carry_out(
        self, gateway: Gateway, call: Call, method: Method, coroutine: Awaitable[Any]
    ) -> None:
        try:
            before = self._changes()
            result = await coroutine
            answer: Message = Answer(call.number, raw(method.answer(result)))
            if self._changes() != before and not method.reads:
                await self._settled()
        except Exception as error:  # noqa: BLE001 - as above
            answer = failed(error, gateway, call)
        gateway.link.send(answer)

    def _coroutine(self, method: Method, call: Call) -> Coroutine[Any, Any, Any]:
        given, named = method.unpack(call.arguments, self._venue.accounts.user, self._venue.now)
        query = _QUERIES.get(call.method)
        if query is not None:
            return self._venue.ask(partial(query, **method.by_name(given, named)))
        return self._functions[call.method](*given, **named)


class _QuickCall(Errand[Any]):
    """A call that awaits nothing but futures, and changes nothing that gateways have a replica of."""

    __slots__ = ("_call", "_gateway", "_method")

    def __init__(
        self, gateway: Gateway, call: Call, method: Method, coroutine: Coroutine[Any, Any, Any]
    ) -> None:
        super().__init__(coroutine)
        self._gateway = gateway
        self._call = call
        self._method = method

    def waits(self, future: asyncio.Future[Any]) -> None:
        self._gateway.under_way.add(future)
        future.add_done_callback(self._gateway.under_way.discard)

    def ended(self, result: Any) -> None:
        try:
            answer: Message = Result(self._call.number, self._method.answer(result))
        except Exception as error:  # noqa: BLE001 - as above
            answer = failed(error, self._gateway, self._call)
        self._gateway.link.send(answer)

    def failed(self, error: BaseException) -> None:
        if not isinstance(error, Exception):
            raise error
        self._gateway.link.send(failed(error, self._gateway, self._call))


def failed(error: Exception, gateway: Gateway, call: Call) -> Failed:
    """What is told of an exception that a call has raised; the log says more of those that no call should."""
    if isinstance(error, Refusal):
        return Failed(call.number, "Refusal", [error.reason, error.detail])
    if isinstance(error, Busy | VenueStopped | HistoryUnavailableError | AccountsError | LiabilityError):
        return Failed(call.number, type(error).__name__, [str(error)])
    understood = not isinstance(error, KeyError | MsgspecError)
    # Without the arguments: they are a client's business.
    _log.error(
        "call_failed" if understood else "call_not_understood",
        gateway=gateway.name,
        method=call.method,
        traceback="".join(traceback.format_exception(error)),
    )
    return Failed(call.number, "Failure" if understood else "NotUnderstood", [])


def _functions(front: VenueFront) -> dict[str, Callable[..., Coroutine[Any, Any, Any]]]:
    """The methods of desks by the names under which they are called."""
    functions: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {}
    for name in METHODS.keys() - _QUERIES.keys():
        desk, _, method = name.partition(".")
        functions[name] = getattr(front if desk == "front" else getattr(front, desk), method)
    return functions
