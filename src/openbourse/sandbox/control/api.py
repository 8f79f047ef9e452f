"""`/sandbox/...`: clock, markets and fault desk over HTTP, for programs on this machine only.

Plain JSON in and out; what is refused is HTTP 400 with `{"error": "a sentence"}`. Web pages are kept out:
whoever sends an `Origin`, or found the sandbox under another name than this machine's, is refused.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Final

import msgspec

from openbourse.log.errors import LogError
from openbourse.sandbox.faults.desk import FaultDesk, FaultError
from openbourse.sandbox.faults.rules import MEANINGS, Rule
from openbourse.sandbox.recording.lines import SandboxState
from openbourse.sandbox.regimes import Climate, Regime, RegimeError, Regimes
from openbourse.sandbox.virtual_clock import ClockError, VirtualClock
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import NOT_FOUND, Nobody

MAX_BODY: Final = 64 * 1024
_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")

Route = Callable[[Request], Awaitable[object]]


class ClockOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with the clock, in this order; `jump` and `advance` in seconds (see VirtualClock)."""

    factor: float | None = None
    jump: float | None = None
    advance: float | None = None


class MarketOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another regime for a market, or another climate, or both (see sandbox.regimes).

    What is not given of the climate stays as it is.
    """

    market: str
    regime: Regime | None = None
    climate: dict[str, int] | None = None


class ControlApi(Nobody):
    """Serves `/sandbox`. See `Dialect` for its methods."""

    max_body = MAX_BODY

    def __init__(
        self,
        clock: VirtualClock,
        faults: FaultDesk,
        regimes: Regimes,
        refusals: Iterable[object],
        moved: Callable[[], Awaitable[None]],
        state: Callable[[], SandboxState],
        further: Mapping[tuple[str, str], Route],
    ) -> None:
        """`refusals` are the explained refusals of signed requests, oldest first.

        `moved` is awaited when the clock was moved: for what looks at it only now and then.
        """
        self._moved = moved
        self._state = state
        self._refusals = refusals
        self._clock = clock
        self._regimes = regimes
        self._faults = faults
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "/sandbox"): self._overview,
            ("GET", "/sandbox/clock"): self._show_clock,
            ("POST", "/sandbox/clock"): self._move_clock,
            ("GET", "/sandbox/refusals"): self._show_refusals,
            ("GET", "/sandbox/markets"): self._show_markets,
            ("POST", "/sandbox/markets"): self._order_market,
            ("GET", "/sandbox/faults"): self._show_faults,
            ("POST", "/sandbox/faults"): self._add_fault,
            ("DELETE", "/sandbox/faults"): self._clear_faults,
            ("GET", "/sandbox/faults/injected"): self._show_injected,
            ("GET", "/sandbox/faults/kinds"): self._show_kinds,
            **further,
        }

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        if not _from_here(request):
            return _json({"error": "the sandbox is ordered from this machine, and by no web page"}, 403)
        route = self._routes.get((request.method, request.path.rstrip("/")))
        if route is None:
            return NOT_FOUND
        try:
            return _json(await route(request))
        except (ClockError, FaultError, RegimeError, LogError) as error:
            return _json({"error": str(error)}, 400)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return _json({"error": f"not what is expected here: {error}"}, 400)

    async def _overview(self, request: Request) -> object:
        del request
        return {
            "time": self._clock.now(),
            "paths": sorted({path for _, path in self._routes}),
            "state": msgspec.structs.asdict(self._state()),
        }

    async def _show_clock(self, request: Request) -> object:
        del request
        return {"time": self._clock.now(), "factor": self._clock.factor}

    async def _move_clock(self, request: Request) -> object:
        order = msgspec.json.decode(request.body, type=ClockOrder)
        if order.factor is not None:
            self._clock.run(order.factor)
        if order.jump is not None:
            self._clock.jump(order.jump)
        if order.advance is not None:
            await self._clock.advance(order.advance)
        if order.jump or order.advance:
            await self._moved()
        return await self._show_clock(request)

    async def _show_markets(self, request: Request) -> object:
        del request
        return [
            {"market": name, "regime": self._regimes.of(name), "climate": self._regimes.climate(name)}
            for name in self._regimes.markets()
        ]

    async def _order_market(self, request: Request) -> object:
        order = msgspec.json.decode(request.body, type=MarketOrder)
        if order.climate is not None:
            climate = msgspec.structs.asdict(self._regimes.climate(order.market)) | order.climate
            self._regimes.settle(order.market, msgspec.convert(climate, Climate))
        if order.regime is not None:
            await self._regimes.order(order.market, order.regime)
        return await self._show_markets(request)

    async def _show_refusals(self, request: Request) -> object:
        del request
        return list(self._refusals)

    async def _show_faults(self, request: Request) -> object:
        del request
        return [
            {"id": standing.id, "struck": standing.struck, **msgspec.structs.asdict(standing.rule)}
            for standing in self._faults.rules()
        ]

    async def _add_fault(self, request: Request) -> object:
        return {"id": self._faults.add(msgspec.json.decode(request.body, type=Rule))}

    async def _clear_faults(self, request: Request) -> object:
        self._faults.clear()
        return await self._show_faults(request)

    async def _show_injected(self, request: Request) -> object:
        del request
        return list(self._faults.injected)

    async def _show_kinds(self, request: Request) -> object:
        del request
        return MEANINGS


def _from_here(request: Request) -> bool:
    if b"origin" in request.headers:
        return False
    host = request.headers.get(b"host", b"").decode("ascii", "replace")
    try:
        return ip_address(request.client_ip).is_loopback and names_this_machine(host)
    except ValueError:
        return False


def names_this_machine(host: str) -> bool:
    """Is a `Host` one that no web page can have found this machine under?"""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower() in _NAMES


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status)
