"""The engine's end of the link: takes gateways in, carries out their calls, tells them what happens."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, Self, TypeVar

import structlog
from msgspec import Raw

from openbourse.accounts.records import KeyRecord
from openbourse.core.events import Applied, MarketChanged
from openbourse.link.clerk import Clerk
from openbourse.link.gateway import Gateway
from openbourse.link.messages import (
    VERSION,
    Assets,
    Batch,
    Call,
    Complete,
    FromGateway,
    Hello,
    IndexReport,
    Keys,
    Known,
    Mark,
    Market,
    Measure,
    Message,
    Metrics,
    Numbers,
    Plans,
    Pulse,
    Serving,
    Standing,
    from_gateway,
)
from openbourse.link.protocol import LinkProtocol
from openbourse.link.stream import told
from openbourse.venue.front import VenueFront
from openbourse.venue.unix_socket import bound
from openbourse.venue.venue import Venue
from openbourse.wallet.catalogue import AssetSpec

PULSE_SECONDS: Final = 0.5
SETTLE_SECONDS: Final = 5.0
MEASURE_SECONDS: Final = 2.0
MAX_GATEWAYS: Final = 256

_KEYS_AT_ONCE: Final = 500

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class EngineLink:
    """Serves gateways while it is entered; `venue` has started."""

    def __init__(self, venue: Venue, front: VenueFront | None = None) -> None:
        self._venue = venue
        self._front = front or VenueFront(venue)
        self._clerk = Clerk(venue, self._front, lambda: self._changes, self.settled)
        self._gateways: dict[LinkProtocol[FromGateway], Gateway] = {}
        self._loop = asyncio.get_running_loop()
        self._server: asyncio.AbstractServer | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._changes = 0
        self._marks = 0
        self._progress = asyncio.Condition()
        venue.listen(self._applied)
        self._say_key = self._from_any_thread(lambda key: self._tell(Keys([key])))
        venue.accounts.on_key_change(self._key_changed)
        venue.assets.on_change(self._from_any_thread(lambda spec: self._tell(self._assets([spec]))))
        venue.listing.on_change(self._from_any_thread(lambda *given: self._tell(Numbers([given]))))
        venue.maintenance.on_change(self._plans_changed)
        venue.market_data.indices.on_report(lambda *report: self._tell(IndexReport(*report)))

    # -- life ----------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Listen. Raises LogError."""
        listener = bound(self._venue.directory.gateway_socket)
        self._server = await self._loop.create_unix_server(self._accept, sock=listener)
        self._pulse = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Send everybody away."""
        assert self._server is not None
        assert self._pulse is not None
        self._pulse.cancel()
        self._server.close()
        under_way = [each for gateway in self._gateways.values() for each in gateway.under_way]
        try:
            await asyncio.wait([self._pulse, *under_way], timeout=SETTLE_SECONDS)
        finally:
            for gateway in list(self._gateways.values()):
                gateway.link.close()
            with contextlib.suppress(OSError):  # of a failing disk; the next start removes a dead socket
                self._venue.directory.gateway_socket.unlink()

    async def served_by(self, count: int) -> None:
        """Wait until so many gateways have their doors open."""
        async with self._progress:
            await self._progress.wait_for(
                lambda: sum(gateway.serving for gateway in self._gateways.values()) >= count
            )

    # -- changes that must be known ------------------------------------------------------------------

    def settling(self, work: Callable[[bytes], Awaitable[T]]) -> Callable[[bytes], Awaitable[T]]:
        """What an operator asks for: that it is done is not told before all gateways know of it."""

        async def settled(line: bytes) -> T:
            result = await work(line)
            await self.settled()
            return result

        return settled

    async def settled(self) -> None:
        """Wait until every gateway has taken in all that was said so far; cut off those that do not."""
        await asyncio.sleep(0)  # what changed in this turn of the loop is said at its end
        self._marks += 1
        mark = self._marks
        # Who has not said who it is knows of nothing yet.
        asked = [gateway for gateway in self._gateways.values() if gateway.name]
        for gateway in asked:
            gateway.link.send(Mark(mark))

        def behind() -> list[Gateway]:
            return [gateway for gateway in asked if gateway.known < mark and not gateway.link.lost]

        try:
            async with asyncio.timeout(SETTLE_SECONDS), self._progress:
                await self._progress.wait_for(lambda: not behind())
        except TimeoutError:
            for gateway in behind():
                _log.error("gateway_too_slow", gateway=gateway.name)
                gateway.link.abort()

    def _key_changed(self, key: KeyRecord) -> None:
        """Called in the thread that makes the change: whoever made it looks at the count afterwards."""
        self._changes += 1
        self._say_key(key)

    def _plans_changed(self) -> None:
        self._changes += 1
        self._tell(self._plans())

    def _plans(self) -> Plans:
        return Plans(self._venue.maintenance.coming(self._venue.now()))

    def _assets(self, assets: list[AssetSpec]) -> Assets:
        """With the chains of all assets: a new asset may be the first on its chain."""
        chains = {chain.name for spec in self._venue.assets.all() for chain in spec.chains}
        return Assets(assets, [name for name in sorted(chains) if self._front.directory.is_connected(name)])

    def _from_any_thread(self, tell: Callable[..., None]) -> Callable[..., None]:
        """Registers change in worker threads; the link belongs to the loop's."""

        def listener(*change: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: there are no gateways
                self._loop.call_soon_threadsafe(tell, *change)

        return listener

    # -- measuring -----------------------------------------------------------------------------------

    async def measure(self) -> dict[str, Raw]:
        """What every gateway has measured, by its name; those that do not answer are left out."""
        self._marks += 1
        mark = self._marks
        asked: dict[str, asyncio.Future[Raw]] = {}
        gateways = [gateway for gateway in self._gateways.values() if gateway.serving]
        for gateway in gateways:
            asked[gateway.name] = gateway.metrics[mark] = self._loop.create_future()
            gateway.link.send(Measure(mark))
        if asked:
            await asyncio.wait(asked.values(), timeout=MEASURE_SECONDS)
        for gateway in gateways:
            gateway.metrics.pop(mark, None)  # nobody waits any more for what comes too late
        return {name: future.result() for name, future in asked.items() if future.done()}

    # -- what happens --------------------------------------------------------------------------------

    def _applied(self, batch: list[Applied]) -> None:
        """Tell all gateways of a durable batch. A bug in here must not stop the exchange."""
        following = [gateway for gateway in self._gateways.values() if gateway.follows]
        if not following:
            return
        try:
            message = Batch(told(batch))
            for gateway in following:
                gateway.link.send(message)
        except Exception:  # noqa: BLE001 - gateways must not go on with a gap: they begin anew
            _log.exception("stream_failed")
            for gateway in following:
                gateway.link.abort()

    def _tell(self, message: Message) -> None:
        """To all, also to those whose snapshot is not complete: it only says how things are now."""
        for gateway in self._gateways.values():
            if gateway.name:
                gateway.link.send(message)

    async def _beat(self) -> None:
        while True:
            pulse = Pulse(self._venue.now(), self._front.trouble())
            for gateway in self._gateways.values():
                gateway.link.send(pulse)
            await asyncio.sleep(PULSE_SECONDS)

    # -- gateways ------------------------------------------------------------------------------------

    def _accept(self) -> LinkProtocol[FromGateway]:
        link = LinkProtocol(from_gateway, self._received, self._gone)
        if len(self._gateways) >= MAX_GATEWAYS:
            _log.error("too_many_gateways", most=MAX_GATEWAYS)
            link.abort()
        self._gateways[link] = Gateway(link)
        return link

    def _gone(self, link: LinkProtocol[FromGateway]) -> None:
        gateway = self._gateways.pop(link)
        _log.info("gateway_gone", gateway=gateway.name)
        self._report_progress()

    def _received(self, link: LinkProtocol[FromGateway], message: FromGateway) -> None:
        gateway = self._gateways[link]
        match message:
            case Call():
                self._clerk.take(gateway, message)
            case Known():
                gateway.known = message.number
                self._report_progress()
            case Metrics():
                found = gateway.metrics.pop(message.number, None)
                if found is not None and not found.done():
                    found.set_result(message.families)
            case Serving():
                gateway.serving = True
                _log.info("gateway_serves", gateway=gateway.name)
                self._report_progress()
            case Hello():
                if message.version != VERSION:
                    _log.error("gateway_of_another_version", gateway=message.name, version=message.version)
                    link.abort()
                    return
                gateway.name = message.name
                gateway.start(self._welcome(gateway))

    def _report_progress(self) -> None:
        async def notify() -> None:
            async with self._progress:
                self._progress.notify_all()

        self._loop.create_task(notify())

    async def _welcome(self, gateway: Gateway) -> None:
        """Whoever has not got all of the snapshot must not wait for the rest: it begins anew."""
        try:
            await self._send_snapshot(gateway)
        except Exception:  # noqa: BLE001 - a bug in here must not stop the exchange
            _log.exception("snapshot_failed", gateway=gateway.name)
            gateway.link.abort()

    async def _send_snapshot(self, gateway: Gateway) -> None:
        """Send the snapshot in pieces, each when the gateway has read the one before: neither the engine nor
        what waits for a gateway feels how much there is. The stream begins with the directory, the market
        data are told in the middle of it.
        """
        venue, link = self._venue, gateway.link
        keys = venue.accounts.living_keys()
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            # As they are now: those that have changed since the list was made have been told of already.
            found = (venue.accounts.find_key(key.key_id) for key in keys[start : start + _KEYS_AT_ONCE])
            link.send(Keys([key for key in found if key is not None]))
            await link.drained()
        link.send(self._assets(venue.assets.all()))
        link.send(Numbers(venue.listing.all()))
        link.send(self._plans())
        link.send(self._standing())
        gateway.follows = True
        data = venue.market_data
        for report in data.indices.reports():
            link.send(IndexReport(*report))
        for name in data.markets():
            if link.lost:
                return
            link.send(Market(data.state(name)))
            await link.drained()
        link.send(Pulse(venue.now(), self._front.trouble()))
        link.send(Complete(data.sequence, venue.now()))

    def _standing(self) -> Standing:
        data, exchange = self._venue.market_data, self._venue.exchange
        markets = [
            MarketChanged(spec, exchange.market_status(name))
            for name in exchange.market_names()
            if (spec := exchange.market_spec(name)) is not None
        ]
        return Standing(data.sequence, data.now, markets, exchange.withdrawals_enabled)
