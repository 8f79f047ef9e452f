"""balance: one's spot and margin balances, and on the other endpoint those for futures, whenever they change
(ws §8.5, §8.6).

A push has one balance: ccxt needs n² steps for a push of n, and live pushes are short.
"""

from msgspec import Struct

from openbourse.core.events import BalanceChanged
from openbourse.wire.coinex.balances import FuturesBalance, futures_row
from openbourse.wire.coinex.numbers import money
from openbourse.wire.coinex.ws.private_channel import PrivateChannel, margin_market


class WsBalance(Struct, kw_only=True):
    """What is available and frozen; ccxt recognises spot by `updated_at` (Unix ms)."""

    margin_market: str
    ccy: str
    available: str
    frozen: str
    updated_at: int


class BalanceUpdate(Struct):
    """`balance_list` is never empty."""

    balance_list: list[WsBalance]


class CurrencyChannel(PrivateChannel):
    """Subscribed by currency. Unknown ones are fine: clients list all they ever loaded (ws §6.1)."""

    list_name = "ccy_list"
    lenient = True
    method = b"balance.update"


class BalancesChannel(CurrencyChannel):
    """Spot and margin wallets."""

    def changed(self, event: BalanceChanged, time: int) -> None:
        """A balance changed at `time` (ms)."""
        takers = self.takers(event.user, event.asset)
        margin = margin_market(event.wallet)
        if not takers or margin is None:
            return
        balance = WsBalance(
            margin_market=margin,
            ccy=event.asset,
            available=money(event.available),
            frozen=money(event.frozen),
            updated_at=time,
        )
        self.deliver(BalanceUpdate([balance]), takers)


class FuturesBalanceUpdate(Struct):
    """`balance_list` is never empty."""

    balance_list: list[FuturesBalance]


class FuturesBalancesChannel(CurrencyChannel):
    """The futures wallet: no contracts are traded, but funds are transferred into it and out of it."""

    def changed(self, event: BalanceChanged) -> None:
        """A balance changed."""
        if event.wallet != "futures":
            return
        takers = self.takers(event.user, event.asset)
        if takers:
            row = futures_row(event.asset, event.available, event.frozen)
            self.deliver(FuturesBalanceUpdate([row]), takers)
