"""Somebody who trades over the CoinW protocol, where requests carry neither a time nor a name."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from tests.core.dice import Dice
from tests.simulation.town import claims
from tests.simulation.town.claims import MONEY, number
from tests.simulation.town.coinex_caller import Credentials
from tests.simulation.town.ledger import Ledger
from tests.simulation.town.life import Life
from tests.simulation.town.network import Call, ConnectionBroken, Request
from tests.simulation.town.record import Window

_PATIENCE = 3.0
_OK, _UNKNOWN = 200, (500, 10001)
SYMBOLS = {"BTC_USDT": 100.0, "CET_USDT": 0.07}

Believe = Callable[[Any, Window], None]


class CoinwCustomer:
    """All orders of this user are placed over CoinW: `mark` names them all together."""

    def __init__(self, who: Credentials, ledger: Ledger, dice: Dice, outside: str) -> None:
        self.who = who
        self.mark = f"orders of {who.user}"
        self._ledger = ledger
        self._dice = dice
        self._outside = outside
        self._orders: list[int] = []

    async def live(self, life: Life, actions: int) -> None:
        """So many actions, one after another."""
        choices = [self._trade] * 6 + [self._cancel] * 3
        choices += [self._look_at_orders, self._look_at_orders, self._look_at_balances, self._withdraw]
        for _ in range(actions):
            await asyncio.sleep(self._dice.random() * self._dice.choice((0.1, 0.4, 2.0)))
            await self._dice.choice(choices)(life)

    async def _trade(self, life: Life) -> None:
        symbol = self._dice.choice(tuple(SYMBOLS))
        digits = 1 if symbol == "BTC_USDT" else 4
        price = SYMBOLS[symbol] * (0.97 + 0.06 * self._dice.random())
        amount = self._dice.between(2, 60) / (1000 if symbol == "BTC_USDT" else 0.1)
        params = {
            "symbol": symbol,
            "type": self._dice.between(0, 1),
            "amount": f"{amount:.4f}",
            "price": f"{price:.{digits}f}",
        }

        def believe(order_id: int, window: Window) -> None:
            self._ledger.tell(claims.order_exists(order_id, self.who.user, window))
            self._orders = [*self._orders[-20:], int(order_id)]

        for _ in range(2):
            if await self._post(life, "trade", params, believe, self.mark) is not None:
                break

    async def _cancel(self, life: Life) -> None:
        if not self._orders:
            return
        order_id = self._dice.choice(self._orders)

        def believe(_: object, window: Window) -> None:
            self._ledger.tell(claims.order_is_over(order_id, window))

        await self._post(life, "cancel_entrust", {"id": order_id}, believe)

    async def _look_at_orders(self, life: Life) -> None:
        """Those of one pair: each of them must have been open."""
        symbol = self._dice.choice(tuple(SYMBOLS))

        def believe(rows: list[dict[str, Any]], window: Window) -> None:
            for row in rows:
                self._ledger.tell(claims.order_was_open(row["id"], self.who.user, window))

        await self._post(life, "entrust", {"symbol": symbol}, believe)

    async def _look_at_balances(self, life: Life) -> None:
        def believe(row: dict[str, dict[str, Any]], window: Window) -> None:
            told = {
                asset: (number(str(free), MONEY), number(str(row["frozen"][asset]), MONEY))
                for asset, free in row["free"].items()
            }
            self._ledger.tell(claims.balances_are(self.who.user, told, window))

        await self._post(life, "userinfo", {}, believe)

    async def _withdraw(self, life: Life) -> None:
        params = {"symbol": "CET", "amount": f"{self._dice.between(200, 400) / 100:.2f}"}
        await self._post(life, "withdraw", {**params, "withdrawaddress": self._outside})

    async def _post(
        self,
        life: Life,
        action: str,
        params: dict[str, Any],
        believe: Believe | None = None,
        mark: str = "",
    ) -> Any:
        low = life.sequence
        told: list[Any] = []

        def hear(answer: bytes, high: int) -> None:
            reply = json.loads(answer, parse_float=Decimal)
            life.counts["answers heard"] += 1
            if reply["code"] == _OK:
                told.append(True)
                if mark:
                    self._ledger.agreed[mark] += 1
                if believe is not None:
                    believe(reply["data"], Window(low, high))
            elif mark and reply["code"] not in _UNKNOWN:
                self._ledger.refused[mark] += 1

        def arrived() -> None:
            if mark:
                self._ledger.arrived[mark] += 1

        texts = {name: str(value) for name, value in params.items()} | {"api_key": self.who.key}
        text = "&".join(f"{name}={texts[name]}" for name in sorted(texts))
        signed = hashlib.md5(f"{text}&secret_key={self.who.secret}".encode()).hexdigest().upper()
        body = urlencode(texts | {"sign": signed}).encode()
        call = Call(Request("POST", f"/appApi.html?action={action}", {}, body), hear, arrived)
        try:
            await life.network.call(life.application, call, _PATIENCE)
        except (ConnectionBroken, TimeoutError):
            return None
        return told[0] if told else None
