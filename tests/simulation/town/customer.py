"""Somebody who trades over the CoinEx protocol, moves money in and out, and does not trust the network."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import accumulate
from typing import Any

from openbourse.wire.coinex.withdrawals import STATUS_WORDS
from tests.core.dice import Dice
from tests.simulation.town import claims
from tests.simulation.town.chain import NAME as CHAIN
from tests.simulation.town.claims import MONEY, number
from tests.simulation.town.coinex_caller import CoinexCaller, Credentials
from tests.simulation.town.ledger import Ledger
from tests.simulation.town.life import Life
from tests.simulation.town.record import Window

MARKETS = {"BTCUSDT": (100.0, 1), "CETUSDT": (0.07, 4), "CETBTC": (0.0007, 6)}
NEIGHBOUR = "bob"  # to whom everybody may send money inside the venue
ASSETS = ("BTC", "USDT", "CET")
TYPES = ("limit", "limit", "limit", "limit", "maker_only", "ioc", "fok", "market")

Action = Callable[[Life], Awaitable[None]]


class Customer:
    """`sub_account` is the name of a sub-account to move money to and from, "" for none."""

    def __init__(self, who: Credentials, ledger: Ledger, dice: Dice, outside: str, sub_account: str) -> None:
        self.who = who
        self.caller = CoinexCaller(who, ledger, dice)
        self._ledger = ledger
        self._dice = dice
        self._outside = outside
        self._sub_account = sub_account
        self._orders: list[tuple[str, int]] = []  # market and id, as far as known
        self._stops: list[tuple[str, int]] = []
        self._withdrawals: list[int] = []
        actions: list[tuple[Action, int]] = [
            (self._place, 300),
            (self._place_batch, 50),
            (self._cancel, 90),
            (self._modify, 70),
            (self._cancel_all, 15),
            (self._place_stop, 50),
            (self._cancel_stop, 25),
            (self._look_at_balances, 70),
            (self._look_at_orders, 60),
            (self._look_at_stops, 15),
            (self._look_at_one, 30),
            (self._withdraw, 45),
            (self._cancel_withdrawal, 20),
            (self._look_at_withdrawals, 25),
            (self._look_at_deposits, 25),
            (self._ask_for_address, 12),
            (self._transfer, 30 if sub_account else 0),
        ]
        self._actions = [action for action, _ in actions]
        self._weights = list(accumulate(weight for _, weight in actions))

    async def live(self, life: Life, actions: int) -> None:
        """So many actions, one after another."""
        await self._ask_for_address(life)
        for _ in range(actions):
            await asyncio.sleep(self._dice.random() * self._dice.choice((0.1, 0.4, 2.0)))
            await self._dice.weighted(self._actions, self._weights)(life)

    # -- orders --------------------------------------------------------------------------------------

    def _order(self, mark: str) -> dict[str, object]:
        market = self._dice.choice(tuple(MARKETS))
        middle, decimals = MARKETS[market]
        kind, side = self._dice.choice(TYPES), self._dice.choice(("buy", "sell"))
        amount = self._dice.between(2, 60) / (1000 if market == "BTCUSDT" else 0.1)
        order: dict[str, object] = {
            "market": market,
            "market_type": "SPOT",
            "side": side,
            "type": kind,
            "client_id": mark,
            "amount": f"{amount:.4f}",
            "stp_mode": self._dice.choice(("ct", "cm", "both")),
        }
        if kind != "market":
            order["price"] = f"{middle * (0.97 + 0.06 * self._dice.random()):.{decimals}f}"
        if self._dice.random() < 0.1:
            order["is_hide"] = True
        return order

    async def _place(self, life: Life) -> None:
        """After silence, look whether it is there, or just send it again: the second time may be too many."""
        mark = self._ledger.mark("order")
        order = self._order(mark)
        for _ in range(3):
            if await self.caller.post(life, "/spot/order", order, self._believe_placed, [mark]) is not None:
                return
            if self._dice.random() < 0.5:
                params: dict[str, object] = {"market_type": "SPOT", "client_id": mark}
                if await self.caller.get(life, "/spot/pending-order", params):
                    return
            elif self._dice.random() < 0.5:
                return

    def _believe_placed(self, row: dict[str, Any], window: Window) -> None:
        self._ledger.tell(claims.order_is(row, window))
        self._orders = [*self._orders[-20:], (row["market"], row["order_id"])]

    async def _place_batch(self, life: Life) -> None:
        marks = [self._ledger.mark("order") for _ in range(self._dice.between(2, 4))]

        def believe(items: list[dict[str, Any]], window: Window) -> None:
            for item in items:
                if item["code"] == 0:
                    self._believe_placed(item["data"], window)

        orders = [self._order(mark) for mark in marks]
        await self.caller.post(life, "/spot/batch-order", {"orders": orders}, believe, marks)

    async def _cancel(self, life: Life) -> None:
        if not self._orders:
            return
        market, order_id = self._dice.choice(self._orders)

        def believe(row: dict[str, Any], window: Window) -> None:
            self._ledger.tell(claims.order_is(row, window))
            self._ledger.tell(claims.order_is_over(order_id, window))

        params: dict[str, object] = {"market": market, "market_type": "SPOT", "order_id": order_id}
        for _ in range(2):
            if await self.caller.post(life, "/spot/cancel-order", params, believe) is not None:
                break

    async def _modify(self, life: Life) -> None:
        if not self._orders:
            return
        market, order_id = self._dice.choice(self._orders)
        middle, decimals = MARKETS[market]
        params: dict[str, object] = {"market": market, "market_type": "SPOT", "order_id": order_id}
        if self._dice.random() < 0.6:
            params["price"] = f"{middle * (0.97 + 0.06 * self._dice.random()):.{decimals}f}"
        else:
            params["amount"] = f"{self._dice.between(1, 60) / (1000 if market == 'BTCUSDT' else 0.1):.4f}"
        await self.caller.post(life, "/spot/modify-order", params, self._believe_placed)

    async def _cancel_all(self, life: Life) -> None:
        market = self._dice.choice(tuple(MARKETS))
        known = [order_id for name, order_id in self._orders if name == market]

        def believe(_: object, window: Window) -> None:
            for order_id in known:
                self._ledger.tell(claims.order_is_over(order_id, window))

        params: dict[str, object] = {"market": market, "market_type": "SPOT"}
        await self.caller.post(life, "/spot/cancel-all-order", params, believe)

    async def _look_at_orders(self, life: Life) -> None:
        def believe(rows: list[dict[str, Any]], window: Window) -> None:
            for row in rows:
                self._ledger.tell(claims.order_is(row, window))
            ids = [row["order_id"] for row in rows]
            self._ledger.tell(claims.open_orders_are(self.who.user, ids, window))
            self._orders = [(row["market"], row["order_id"]) for row in rows]

        await self.caller.get(
            life, "/spot/pending-order", {"market_type": "SPOT", "page": 1, "limit": 1000}, believe
        )

    async def _look_at_one(self, life: Life) -> None:
        """Through the history, when it is over."""
        if not self._orders:
            return
        market, order_id = self._dice.choice(self._orders)

        def believe(row: dict[str, Any], window: Window) -> None:
            self._ledger.tell(claims.order_is(row, window))

        await self.caller.get(life, "/spot/order-status", {"market": market, "order_id": order_id}, believe)

    # -- stop orders ---------------------------------------------------------------------------------

    async def _place_stop(self, life: Life) -> None:
        mark = self._ledger.mark("stop")
        order = self._order(mark)
        middle, decimals = MARKETS[str(order["market"])]
        if order["type"] not in ("limit", "market"):
            order["type"], order["price"] = "limit", f"{middle:.{decimals}f}"
        order["trigger_price"] = f"{middle * (0.98 + 0.04 * self._dice.random()):.{decimals}f}"

        def believe(row: dict[str, Any], window: Window) -> None:
            self._ledger.tell(claims.stop_was_placed(self.who.user, row["stop_id"], window))
            self._stops = [*self._stops[-10:], (str(order["market"]), row["stop_id"])]

        await self.caller.post(life, "/spot/stop-order", order, believe, [mark])

    async def _cancel_stop(self, life: Life) -> None:
        if self._stops:
            market, stop_id = self._dice.choice(self._stops)
            params: dict[str, object] = {"market": market, "market_type": "SPOT", "stop_id": stop_id}
            await self.caller.post(life, "/spot/cancel-stop-order", params)

    async def _look_at_stops(self, life: Life) -> None:
        def believe(rows: list[dict[str, Any]], window: Window) -> None:
            ids = [row["stop_id"] for row in rows]
            self._ledger.tell(claims.stops_are(self.who.user, ids, window))
            self._stops = [(row["market"], row["stop_id"]) for row in rows]

        await self.caller.get(
            life, "/spot/pending-stop-order", {"market_type": "SPOT", "page": 1, "limit": 1000}, believe
        )

    # -- money ---------------------------------------------------------------------------------------

    async def _look_at_balances(self, life: Life) -> None:
        def believe(rows: list[dict[str, str]], window: Window) -> None:
            told = {
                row["ccy"]: (number(row["available"], MONEY), number(row["frozen"], MONEY)) for row in rows
            }
            self._ledger.tell(claims.balances_are(self.who.user, told, window))

        await self.caller.get(life, "/assets/spot/balance", {}, believe)

    async def _ask_for_address(self, life: Life) -> None:
        def believe(row: dict[str, str], _: Window) -> None:
            known = self._ledger.addresses.setdefault(row["address"], self.who.user)
            if known != self.who.user:
                life.accuse(f"address {row['address']} was told to {known} and to {self.who.user}")

        where: dict[str, object] = {"ccy": self._dice.choice(ASSETS), "chain": CHAIN}
        if self._dice.random() < 0.1:
            await self.caller.post(life, "/assets/renewal-deposit-address", where, believe)
        else:
            await self.caller.get(life, "/assets/deposit-address", where, believe)

    async def _withdraw(self, life: Life) -> None:
        mark = self._ledger.mark("withdrawal")
        amount = f"{self._dice.between(2, 400) / 100:.2f}"
        params: dict[str, object] = {"ccy": self._dice.choice(ASSETS), "amount": amount, "remark": mark}
        if self._dice.random() < 0.2:
            params |= {"withdraw_method": "inter_user", "to_address": NEIGHBOUR}
        else:
            params |= {"chain": CHAIN, "to_address": self._outside}

        def believe(row: dict[str, Any], window: Window) -> None:
            self._ledger.tell(claims.withdrawal_is(row, dict(STATUS_WORDS), window))
            self._withdrawals = [*self._withdrawals[-8:], row["withdraw_id"]]

        await self.caller.post(life, "/assets/withdraw", params, believe, [mark])

    async def _cancel_withdrawal(self, life: Life) -> None:
        if not self._withdrawals:
            return
        chosen = self._dice.choice(self._withdrawals[-2:])

        def believe(_: object, window: Window) -> None:
            self._ledger.tell(claims.withdrawal_was_cancelled(chosen))

        await self.caller.post(life, "/assets/cancel-withdraw", {"withdraw_id": chosen}, believe)

    async def _look_at_withdrawals(self, life: Life) -> None:
        def believe(rows: list[dict[str, Any]], window: Window) -> None:
            for row in rows:
                self._ledger.tell(claims.withdrawal_is(row, dict(STATUS_WORDS), window))

        await self.caller.get(life, "/assets/withdraw", {"page": 1, "limit": 20}, believe)

    async def _look_at_deposits(self, life: Life) -> None:
        def believe(rows: list[dict[str, Any]], window: Window) -> None:
            for row in rows:
                if row["deposit_method"] == "on_chain":
                    self._ledger.tell(claims.deposit_is(row, window))

        await self.caller.get(life, "/assets/deposit-history", {"page": 1, "limit": 20}, believe)

    async def _transfer(self, life: Life) -> None:
        """To or from the sub-account; every amount is another, which is its mark."""
        mark = int(self._ledger.mark(""))
        amount = f"0.{mark:08d}"
        params: dict[str, object] = {
            "from_account_type": "SPOT",
            "to_account_type": "SPOT",
            "ccy": self._dice.choice(ASSETS),
            self._dice.choice(("from_user_name", "to_user_name")): self._sub_account,
            "amount": amount,
        }
        marks = [f"transfer {number(amount, MONEY)}"]
        for _ in range(2):
            if await self.caller.post(life, "/account/subs/transfer", params, None, marks) is not None:
                break
