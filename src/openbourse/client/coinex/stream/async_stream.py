"""AsyncStream: subscriptions that outlive their connections."""

from collections.abc import Callable
from typing import Final, Self

from openbourse.client.coinex.signer import Signer
from openbourse.client.coinex.stream import channels
from openbourse.client.coinex.stream.book import BookView
from openbourse.client.coinex.stream.flows import Books, Deals, Gap, Plain
from openbourse.client.coinex.stream.keeper import Keeper
from openbourse.client.coinex.stream.patience import Patience
from openbourse.client.coinex.stream.registry import Registry
from openbourse.client.coinex.stream.subscription import Subscription
from openbourse.client.coinex.types import (
    BalanceState,
    BboUpdate,
    DealsUpdate,
    Depth,
    IndexUpdate,
    NoticeUpdate,
    OrderUpdate,
    StopUpdate,
    Ticker,
    UserDeal,
)

_MAINTENANCE: Final = 101
_PATH: Final = "/v2/spot"


class AsyncStream:
    """`async with AsyncStream(url, key, secret) as stream: ...`, then subscriptions by its methods.

    Entering it returns when it is connected, and signed in if there is a key. From then on it connects anew,
    signs and subscribes again by itself, as often as need be, until it is closed or its key is refused.
    What a reader is told of a reconnect depends on the channel: see `Gap`.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        now: Callable[[], int] | None = None,
        patience: Patience | None = None,
        queue: int = 10_000,
    ) -> None:
        """`url` is the exchange's, with http or ws; private channels need a key.

        `now` gives the time in Unix ms where it is not the computer's; at most `queue` items wait for each
        reader.
        """
        self._registry = Registry(queue, signed=bool(key))
        signer = Signer(key, secret, now)
        self._keeper = Keeper(socket_url(url), signer, patience or Patience(), self._registry)

    @property
    def reconnects(self) -> int:
        """How often the connection was lost and made again."""
        return self._keeper.reconnects

    @property
    def resyncs(self) -> int:
        """How often a book had to begin anew."""
        return self._registry.resyncs

    async def __aenter__(self) -> Self:
        """Connect; raises Unreachable when that fails, AuthenticationError when the key is refused."""
        await self._keeper.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection and all subscriptions."""
        await self._keeper.stop()

    # -- public channels -----------------------------------------------------------------------------

    def tickers(self, *markets: str) -> Subscription[Ticker | Gap]:
        """24 hours of markets, all of them if none is named: first as they are, then whenever they change."""
        return self._registry.subscription(channels.STATE, markets, Plain())

    def bbo(self, *markets: str) -> Subscription[BboUpdate | Gap]:
        """The best bid and ask of markets, or all: first as they are, then whenever they change."""
        return self._registry.subscription(channels.BBO, markets, Plain())

    def index(self, *markets: str) -> Subscription[IndexUpdate | Gap]:
        """Index prices of markets, or all, every few seconds."""
        return self._registry.subscription(channels.INDEX, markets, Plain())

    def deals(self, *markets: str) -> Subscription[DealsUpdate | Gap]:
        """Deals of markets, or all, newest first in each update, recent ones at first. None comes twice."""
        return self._registry.subscription(channels.DEALS, markets, Deals())

    def depth(
        self, market: str, *, limit: int = 20, interval: str = "0", full: bool = False
    ) -> Subscription[Depth | Gap]:
        """Depth as it is pushed, for who keeps a book of their own; `full` asks for whole windows only.

        `limit` is 5, 10, 20 or 50 levels a side, `interval` the step that prices are merged to.
        """
        return self._registry.subscription(channels.DEPTH, [[market, limit, interval, full]], Plain())

    def book(self, market: str, *, limit: int = 20, interval: str = "0") -> Subscription[BookView]:
        """The book of a market after every change: always one that the exchange's checksum has confirmed.

        After a push that does not fit, or was lost, it begins anew by itself; `resyncs` counts that. A slow
        reader gets the newest.
        """
        flow = Books(market, lambda misses: self._registry.resync(found, misses))
        found = self._registry.subscription(channels.DEPTH, [[market, limit, interval, False]], flow)
        return found

    # -- private channels ----------------------------------------------------------------------------

    def orders(self, *markets: str) -> Subscription[OrderUpdate | Gap]:
        """What becomes of one's orders, in some markets or all."""
        return self._registry.subscription(channels.ORDER, markets, Plain())

    def stop_orders(self, *markets: str) -> Subscription[StopUpdate | Gap]:
        """What becomes of one's stop orders, in some markets or all."""
        return self._registry.subscription(channels.STOP, markets, Plain())

    def user_deals(self, *markets: str) -> Subscription[UserDeal | Gap]:
        """The fills of one's orders, in some markets or all."""
        return self._registry.subscription(channels.USER_DEALS, markets, Plain())

    def balances(self, *ccys: str) -> Subscription[BalanceState | Gap]:
        """One's balances of some assets, or all, whenever they change."""
        return self._registry.subscription(channels.BALANCE, ccys, Plain())

    def notices(self) -> Subscription[NoticeUpdate | Gap]:
        """Planned maintenance."""
        return self._registry.subscription(channels.NOTICE, [_MAINTENANCE], Plain())


def socket_url(url: str) -> str:
    """The address of the WebSocket: that of the exchange, with ws for http and the protocol's path."""
    scheme, colon, rest = url.rstrip("/").partition("://")
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if not colon or scheme not in schemes:
        raise ValueError(f"not an address of an exchange: {url}")
    return f"{schemes[scheme]}://{rest.removesuffix(_PATH)}{_PATH}"
