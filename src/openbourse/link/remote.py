"""The gateway's end of the link: a venue in another process, as protocols see it."""

import asyncio
import contextlib
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import structlog
from sqlalchemy import Connection

from openbourse.accounts import errors as accounts_errors
from openbourse.accounts.accounts import KeyListener
from openbourse.accounts.errors import AccountsError
from openbourse.accounts.records import KeyRecord
from openbourse.core.refusal import Refusal
from openbourse.history.writer import HistoryUnavailableError
from openbourse.liabilities import errors as liabilities_errors
from openbourse.liabilities.errors import LiabilityError
from openbourse.link.calls import DESKS, METHODS, Method, query_of
from openbourse.link.messages import (
    VERSION,
    Answer,
    Assets,
    Batch,
    Call,
    Complete,
    Failed,
    FromEngine,
    Hello,
    IndexReport,
    Keys,
    Known,
    Mark,
    Market,
    Measure,
    Metrics,
    Numbers,
    Plans,
    Pulse,
    Serving,
    Standing,
    from_engine,
    happened,
    raw,
)
from openbourse.link.protocol import LinkProtocol
from openbourse.link.replica import Replica
from openbourse.market_data.market_data import Happened, MarketData
from openbourse.venue.clock import Clock
from openbourse.venue.directory import Directory
from openbourse.venue.front import Follows
from openbourse.venue.funds import Funds
from openbourse.venue.holdings import Holdings
from openbourse.venue.liabilities import Liabilities
from openbourse.venue.listing import Kind
from openbourse.venue.maintenance import Calendar
from openbourse.venue.quotas import Quotas
from openbourse.venue.sequencer import Busy, OutcomeUnknown, VenueStopped
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.venue.trading import Trading
from openbourse.venue.unix_socket import address_of

MAX_PENDING: Final = 20_000
RETRY_SECONDS: Final = 0.02
LOOK_SECONDS: Final = 1.0
# An engine says something twice a second.
MOST_SILENT_LOOKS: Final = 10

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class EngineError(Exception):
    """The engine failed at a call; its log says why."""


class RemoteFront:
    """See venue.front.Front. `run` keeps it connected to the engine behind the socket at `path`."""

    def __init__(self, path: Path, name: str, clock: Clock | None = None) -> None:
        self.in_touch = False
        self.first_touch = asyncio.Event()
        self.measure: Callable[[], Any] = list
        self._path = path
        self._name = name
        self._replica = Replica(clock)
        self._link: LinkProtocol[FromEngine] | None = None
        self._lost = asyncio.Event()
        self._pending: dict[int, tuple[asyncio.Future[Any], Method]] = {}
        self._last = 0
        self._serving = False
        self._trouble = "the engine is not there"
        self._heard = False
        self._listeners: list[tuple[Callable[[Sequence[Happened]], None], Follows]] = []
        self._gap_listeners: list[Callable[[], None]] = []
        self._key_listeners: list[KeyListener] = []
        self.directory: Directory = self._replica
        self.maintenance: Calendar = self._replica.calendar
        self.now = self._replica.now
        self.present = self._replica.present
        desks = {desk: _Desk(self, desk) for desk in DESKS}
        self.trading = cast("Trading", desks["trading"])
        self.funds = cast("Funds", desks["funds"])
        self.sub_accounts = cast("SubAccounts", desks["sub_accounts"])
        self.holdings = cast("Holdings", desks["holdings"])
        self.liabilities = cast("Liabilities", desks["liabilities"])
        self.quotas = cast("Quotas", desks["quotas"])

    # -- what protocols see --------------------------------------------------------------------------

    @property
    def market_data(self) -> MarketData:
        return self._replica.market_data

    def find_key(self, key_id: str) -> KeyRecord | None:
        return self._replica.keys.get(key_id)

    def on_key_change(self, listener: KeyListener) -> None:
        self._key_listeners.append(listener)

    def listen(self, listener: Callable[[Sequence[Happened]], None], follows: Follows) -> None:
        self._listeners.append((listener, follows))

    def on_gap(self, listener: Callable[[], None]) -> None:
        self._gap_listeners.append(listener)

    async def ask(self, query: Callable[[Connection], T]) -> T:
        method, arguments = query_of(query)
        found: T = await self.call(method, (), arguments)
        return found

    async def give_number(self, kind: Kind, name: str, preferred: int) -> int:
        number: int = await self.call(METHODS["front.give_number"], (kind, name, preferred), {})
        return number

    def trouble(self) -> str:
        return self._trouble

    # -- calls ---------------------------------------------------------------------------------------

    def call(self, method: Method, given: Sequence[Any], named: dict[str, Any]) -> Awaitable[Any]:
        """What the engine answers. Raises Busy at once, with nothing done."""
        link = self._link
        if link is None or not self.in_touch:
            raise Busy("the engine is not there")
        if len(self._pending) >= MAX_PENDING:
            raise Busy(f"{len(self._pending)} calls are under way")
        self._last += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[self._last] = (future, method)
        link.send(Call(self._last, method.name, method.pack(given, named)))
        return future

    # -- the connection ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, and again whenever the engine has gone, until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    with address_of(self._path) as address:
                        await loop.create_unix_connection(self._begin, address)
                except OSError:
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                await self._until_lost()
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            link, self._link = self._link, None
            if link is not None:
                link.close()

    async def _until_lost(self) -> None:
        """Wait for the end of the connection, and end it when nothing comes any more: clients wait behind it.

        Looks are counted, not seconds: who was suspended as well has not looked.
        """
        silent = 0
        while not self._lost.is_set():
            self._heard = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._lost.wait()
            silent = 0 if self._heard or not self.in_touch else silent + 1
            if silent >= MOST_SILENT_LOOKS and self._link is not None:
                _log.warning("engine_silent")
                self._link.abort()

    def serving(self) -> None:
        """The doors of this gateway are open."""
        self._serving = True
        if self._link is not None:
            self._link.send(Serving())

    def _begin(self) -> LinkProtocol[FromEngine]:
        self._lost.clear()
        self._replica.begin()
        self._link = LinkProtocol(from_engine, self._received, self._gone)
        self._link.send(Hello(VERSION, self._name))
        return self._link

    def _gone(self, link: LinkProtocol[FromEngine]) -> None:
        if link is not self._link:
            return
        self._link = None
        had = self.in_touch
        self.in_touch = False
        self._trouble = "the engine is not there"
        pending, self._pending = self._pending, {}
        for future, method in pending.values():
            if not future.done():
                future.set_exception(
                    Busy("the engine has gone")
                    if method.reads
                    else OutcomeUnknown("the engine has gone; the outcome of the command is unknown")
                )
        if had:
            _log.warning("engine_lost", calls_under_way=len(pending))
            for listener in self._gap_listeners:
                listener()
        self._lost.set()

    # -- what the engine says ------------------------------------------------------------------------

    def _received(self, link: LinkProtocol[FromEngine], message: FromEngine) -> None:
        match message:
            case Answer() | Failed():
                self._answered(message)
            case Batch():
                self._applied(message)
            case Pulse():
                self._heard = True
                self._replica.told_time(message.time)
                self._trouble = message.trouble
            case Mark():
                link.send(Known(message.number))
            case Measure():
                link.send(Metrics(message.number, raw(self.measure())))
            case Complete():
                self._completed(link, message)
            case _:
                self._taken(message)

    def _taken(self, message: Keys | Assets | Numbers | Plans | Standing | Market | IndexReport) -> None:
        self._replica.take(message)
        if self.in_touch and isinstance(message, Keys):
            for key in message.keys:
                for listener in self._key_listeners:
                    listener(key)

    def _answered(self, message: Answer | Failed) -> None:
        future, method = self._pending.pop(message.number)
        if future.done():  # a client may have gone
            return
        try:
            if isinstance(message, Answer):
                future.set_result(method.result(message.value))
            else:
                future.set_exception(_raised(message))
        except Exception:  # noqa: BLE001 - who has called must hear something, the others go on
            _log.error("answer_not_understood", method=method.name, traceback=traceback.format_exc())
            text = "the engine's answer was not understood"
            future.set_exception(EngineError(text) if method.reads else OutcomeUnknown(text))

    def _applied(self, message: Batch) -> None:
        batch = happened.decode(message.happened)
        if not self.in_touch:  # the rest of the snapshot is still to come
            self._replica.follow(batch, _nobody)
            return
        seen = self._replica.follow(batch, self._follows)
        for listener, _ in self._listeners:
            listener(seen)

    def _follows(self, user: int) -> bool:
        return any(follows(user) for _, follows in self._listeners)

    def _completed(self, link: LinkProtocol[FromEngine], message: Complete) -> None:
        self._replica.complete(message)
        self.in_touch = True
        self.first_touch.set()
        if self._serving:
            link.send(Serving())
        _log.info("engine_found", sequence=message.sequence)


class _Desk:
    """A desk of the engine: each of its methods is a call."""

    def __init__(self, front: RemoteFront, desk: str) -> None:
        for name, method in METHODS.items():
            room, _, short = name.partition(".")
            if room == desk:
                setattr(self, short, _method(front, method))


def _method(front: RemoteFront, method: Method) -> Callable[..., Awaitable[Any]]:
    def call(*given: Any, **named: Any) -> Awaitable[Any]:
        return front.call(method, given, named)

    return call


def _nobody(user: int) -> bool:
    del user
    return False


def _raised(message: Failed) -> Exception:
    """The exception that the engine has met, as far as protocols know it."""
    known: dict[str, type[Exception]] = {
        kind.__name__: kind for kind in (Refusal, Busy, VenueStopped, OutcomeUnknown, HistoryUnavailableError)
    }
    kind = known.get(message.kind)
    if kind is None:
        found = getattr(accounts_errors, message.kind, None) or getattr(
            liabilities_errors, message.kind, None
        )
        if isinstance(found, type) and issubclass(found, (AccountsError, LiabilityError)):
            kind = found
    if kind is None:
        return EngineError(message.kind)
    return kind(*message.arguments)
