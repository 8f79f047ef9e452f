"""Client and AsyncClient: CoinW's `/appApi.html`."""

from typing import Self, TypeVar

from openbourse.client.coinw import actions
from openbourse.client.coinw.signer import Signer
from openbourse.client.methods import AsyncGroup, AsyncMethod, Group, Method
from openbourse.client.request import Request
from openbourse.client.transport import (
    DEFAULT_TIMEOUT,
    AsyncHttpClient,
    AsyncTransport,
    HttpClient,
    Transport,
)

T = TypeVar("T")


class Client(Group):
    """`with Client(url, key, secret) as client: client.place_order(78, ...)`.

    May be used by several threads. Every method raises `openbourse.client.errors.ClientError`.
    """

    currencies = Method(actions.currencies)
    symbols = Method(actions.symbols)
    numbers = Method(actions.numbers)
    depth = Method(actions.depth)
    klines = Method(actions.klines)
    market = Method(actions.market)
    trades = Method(actions.trades)
    place_order = Method(actions.place_order)
    cancel_order = Method(actions.cancel_order)
    open_orders = Method(actions.open_orders)
    last_orders = Method(actions.last_orders)
    order = Method(actions.order)
    balances = Method(actions.balances)
    withdraw = Method(actions.withdraw)
    cancel_withdrawal = Method(actions.cancel_withdrawal)
    withdrawals = Method(actions.withdrawals)

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        timeout: float = DEFAULT_TIMEOUT,
        http: HttpClient | None = None,
    ) -> None:
        """`url` is the exchange's, without the path; no key is needed for what is public.

        `timeout` in seconds; `http` brings one's own connections.
        """
        super().__init__(self)
        self.signer = Signer(key, secret)
        self._transport = Transport(url, timeout, http)

    def send(self, request: Request[T], /) -> T:
        """Carry out a request of `openbourse.client.coinw.actions`; all methods end here."""
        return request.result(self._transport.send(self.signer.prepared(request), changes=request.changes))

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class AsyncClient(AsyncGroup):
    """As `Client`, for asyncio: `async with AsyncClient(url, key, secret) as client: ...`."""

    currencies = AsyncMethod(actions.currencies)
    symbols = AsyncMethod(actions.symbols)
    numbers = AsyncMethod(actions.numbers)
    depth = AsyncMethod(actions.depth)
    klines = AsyncMethod(actions.klines)
    market = AsyncMethod(actions.market)
    trades = AsyncMethod(actions.trades)
    place_order = AsyncMethod(actions.place_order)
    cancel_order = AsyncMethod(actions.cancel_order)
    open_orders = AsyncMethod(actions.open_orders)
    last_orders = AsyncMethod(actions.last_orders)
    order = AsyncMethod(actions.order)
    balances = AsyncMethod(actions.balances)
    withdraw = AsyncMethod(actions.withdraw)
    cancel_withdrawal = AsyncMethod(actions.cancel_withdrawal)
    withdrawals = AsyncMethod(actions.withdrawals)

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        *,
        timeout: float = DEFAULT_TIMEOUT,
        http: AsyncHttpClient | None = None,
    ) -> None:
        """See Client."""
        super().__init__(self)
        self.signer = Signer(key, secret)
        self._transport = AsyncTransport(url, timeout, http)

    async def send(self, request: Request[T], /) -> T:
        """See Client.send."""
        body = await self._transport.send(self.signer.prepared(request), changes=request.changes)
        return request.result(body)

    async def close(self) -> None:
        """See Client.close."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
