"""Client and AsyncClient: CoinEx API v2 over HTTP."""

from collections.abc import Callable
from typing import Self, TypeVar

from openbourse.client.coinex import groups
from openbourse.client.coinex.calls import common
from openbourse.client.coinex.signer import Signer
from openbourse.client.request import Request
from openbourse.client.transport import (
    DEFAULT_TIMEOUT,
    AsyncHttpClient,
    AsyncTransport,
    HttpClient,
    Transport,
)

T = TypeVar("T")


class Client(groups.Common):
    """`with Client(url, key, secret) as client: client.spot.place_order(...)`.

    May be used by several threads. Every method raises `openbourse.client.errors.ClientError`.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        timeout: float = DEFAULT_TIMEOUT,
        window: int | None = None,
        now: Callable[[], int] | None = None,
        http: HttpClient | None = None,
    ) -> None:
        """`url` is the exchange's, without `/v2`; no key is needed for what is public.

        `timeout` in seconds; `window` (ms) is how old a request may be when it arrives, 5000 if not given;
        `now` gives the time in Unix ms where it is not the computer's; `http` brings one's own connections.
        """
        super().__init__(self)
        self.signer = Signer(key, secret, now, window)
        self._transport = Transport(url, timeout, http)
        self.spot = groups.Spot(self)
        self.assets = groups.Assets(self)
        self.account = groups.Account(self)
        self.sub_accounts = groups.SubAccounts(self)
        self.futures = groups.Futures(self)
        self.referral = groups.Referral(self)

    def send(self, request: Request[T], /) -> T:
        """Carry out a request of `openbourse.client.coinex.calls`; all methods end here."""
        return request.result(self._transport.send(self.signer.prepared(request), changes=request.changes))

    def sync_clock(self) -> int:
        """Ask for the exchange's time and sign with it from now on; how far it is ahead, in ms."""
        before = self.signer.now()
        there = self.send(common.time()).timestamp
        return _adjusted(self.signer, before, there)

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AsyncClient(groups.AsyncCommon):
    """As `Client`, for asyncio: `async with AsyncClient(url, key, secret) as client: ...`."""

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        timeout: float = DEFAULT_TIMEOUT,
        window: int | None = None,
        now: Callable[[], int] | None = None,
        http: AsyncHttpClient | None = None,
    ) -> None:
        """See Client."""
        super().__init__(self)
        self.signer = Signer(key, secret, now, window)
        self._transport = AsyncTransport(url, timeout, http)
        self.spot = groups.AsyncSpot(self)
        self.assets = groups.AsyncAssets(self)
        self.account = groups.AsyncAccount(self)
        self.sub_accounts = groups.AsyncSubAccounts(self)
        self.futures = groups.AsyncFutures(self)
        self.referral = groups.AsyncReferral(self)

    async def send(self, request: Request[T], /) -> T:
        """See Client.send."""
        body = await self._transport.send(self.signer.prepared(request), changes=request.changes)
        return request.result(body)

    async def sync_clock(self) -> int:
        """See Client.sync_clock."""
        before = self.signer.now()
        there = (await self.send(common.time())).timestamp
        return _adjusted(self.signer, before, there)

    async def close(self) -> None:
        """See Client.close."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


def _adjusted(signer: Signer, before: int, there: int) -> int:
    """The time was taken about half-way between the question and the answer."""
    signer.offset += there - (before + signer.now()) // 2
    return signer.offset
