"""The playground: a sandbox venue with everything that can be done to it, and its doors.

The demo, the control API and the pytest plugin all work on one of these.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from openbourse.sandbox.control.api import ControlApi, Route
from openbourse.sandbox.faults.addressing import Receive, Scope
from openbourse.sandbox.faults.desk import FaultDesk
from openbourse.sandbox.faults.pushes import FaultyWebSockets
from openbourse.sandbox.faults.requests import App, FaultyDoor, Send
from openbourse.sandbox.faults.withdrawals import WithdrawalJam
from openbourse.sandbox.recording.lines import SandboxState
from openbourse.sandbox.refusals import RefusalWatch
from openbourse.sandbox.regimes import Regimes
from openbourse.sandbox.setup import require_sandbox
from openbourse.sandbox.virtual_clock import VirtualClock
from openbourse.venue.front import VenueFront
from openbourse.venue.venue import Venue
from openbourse.wallet.simulated_chain import SimulatedChains
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinex.ws.service import WebSocketService
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies
from openbourse.wire.http.router import Router


@dataclass
class Playground:
    """A venue that runs on `clock`, the regimes of its markets, and the fault desk at its doors.

    `bots`, `history`, `stepped` and `own_prices` tell how it came to be, see SandboxState; `further` are
    orders of the control API that only some sandboxes take.
    Raises SandboxOnlyError.
    """

    venue: Venue
    clock: VirtualClock
    seed: int = 1
    bots: bool = False
    history: int = 0
    stepped: bool = False
    own_prices: bool = False
    further: dict[tuple[str, str], Route] = field(default_factory=dict)
    faults: FaultDesk = field(init=False)
    regimes: Regimes = field(init=False)
    began: int = field(init=False)

    def __post_init__(self) -> None:
        require_sandbox(self.venue)
        self.faults = FaultDesk(self.venue.now, self.seed)
        self.regimes = Regimes(self.venue)
        self.began = self.clock.now()
        chains = self.venue.wallet.chains
        assert isinstance(chains, SimulatedChains), "a sandbox has no others"
        chains.holds_back = WithdrawalJam(self.faults).holds_back

    async def advance(self, seconds: float) -> None:
        """Let the venue's time go on by `seconds`, and the wallet see the blocks that have come.

        Raises ClockError.
        """
        await self.clock.advance(seconds)
        await self.venue.wallet.step()

    def state(self) -> SandboxState:
        """What a recording has to know to be repeated."""
        return SandboxState(
            began=self.began,
            time=self.clock.now(),
            sequence=self.venue.exchange.sequence,
            seed=self.seed,
            bots=self.bots,
            history=self.history,
            stepped=self.stepped,
            own_prices=self.own_prices,
        )

    def websockets(
        self, limits: WsLimits | None = None, proxies: TrustedProxies = NO_PROXIES
    ) -> WebSocketService:
        """See Doors.websockets."""
        return FaultyWebSockets(VenueFront(self.venue), self.faults, limits, proxies)

    def around(self, app: Application) -> App:
        """See Doors.around: `/sandbox` is served beside it, and no fault stands before that."""
        watch = RefusalWatch(self.venue.now, self.venue.accounts.find_key)
        app.watch = watch.look
        control = ControlApi(
            self.clock,
            self.faults,
            self.regimes,
            watch.kept,
            moved=self.venue.wallet.step,
            state=self.state,
            further=self.further,
        )
        return _Doors(app, self.faults, self.venue.now, Application(Router({"/sandbox": control})))


class _Doors:
    """Sends each request to the venue or to the control API. A `DirectDoor` while no fault is ordered."""

    def __init__(self, app: Application, faults: FaultDesk, now: Callable[[], int], control: App) -> None:
        self._faults = faults
        self._faulty = FaultyDoor(app, faults, now)
        self._control = control
        self._admits = app.admits
        self.request = app.request
        self.known = app.known
        self.respond = app.respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and _is_ours(scope["path"])
        await (self._control if ours else self._faulty)(scope, receive, send)

    def admits(self, path: str, size: int) -> bool:
        """See `DirectDoor.admits`."""
        return not self._faults.armed and not _is_ours(path) and self._admits(path, size)


def _is_ours(path: str) -> bool:
    return path.startswith("/sandbox") and (path + "/").startswith("/sandbox/")
