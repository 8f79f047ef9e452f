"""A user who trades at random as fast as the answers come, and remembers every word of them."""

import random
import threading
import time
from itertools import accumulate
from typing import Generic, TypeVar

from tests.recovery.client import Client, Refused, Unanswered
from tests.recovery.holdings import Row
from tests.recovery.memory import Memory

T = TypeVar("T")

_PRICES = {"BTCUSDT": 60_000, "ETHUSDT": 3_000}
_NOT_FOUND = 3600
_JOIN_SECONDS = 60.0
_PAUSE_SECONDS = 0.01  # at most, between two commands: few enough orders to check them all every time


class Trader:
    """Sends one command after another on one connection until it breaks or `ended` is set."""

    def __init__(self, name: str, client: Client, memory: Memory, seed: int, above: int) -> None:
        self.name = name
        self.crash: BaseException | None = None
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._client = client
        self._memory = memory
        self._random = random.Random(seed)
        self._above = above
        self._label = f"{name}-{seed}"
        self._count = 0
        self._actions = (
            self._place,
            self._batch,
            self._take,
            self._cancel,
            self._modify,
            self._stop,
            self._unstop,
        )
        self._weights = list(accumulate((40, 6, 14, 22, 12, 4, 2)))

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Until the connection has broken; raises what went wrong beside that."""
        self._thread.join(_JOIN_SECONDS)
        assert not self._thread.is_alive(), f"{self.name} still trades"
        if self.crash is not None:
            raise AssertionError(f"{self.name}: {self.crash!r}") from self.crash

    def _run(self) -> None:
        try:
            while not self.ended.is_set():
                (action,) = self._random.choices(self._actions, cum_weights=self._weights)
                try:
                    action()
                    self._memory.acknowledged += 1
                except Refused:
                    pass
                time.sleep(self._random.random() * _PAUSE_SECONDS)
        except Unanswered:
            self._memory.lost_answers += 1
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.crash = error
        finally:
            self._client.close()

    # -- actions ----------------------------------------------------------------------------------

    def _place(self) -> None:
        order = self._order("limit")
        with _Unsure(self._memory.unanswered, [str(order["client_id"])]):
            self._memory.placed(self._client.post("/spot/order", **order), self._above)

    def _take(self) -> None:
        order = self._order(self._random.choice(("ioc", "fok", "market")))
        with _Unsure(self._memory.unanswered, [str(order["client_id"])]):
            self._memory.placed(self._client.post("/spot/order", **order), self._above)

    def _batch(self) -> None:
        orders = [self._order("limit") for _ in range(self._random.randint(2, 6))]
        with _Unsure(self._memory.unanswered, [str(order["client_id"]) for order in orders]):
            for item in self._client.post("/spot/batch-order", orders=orders):
                assert item["code"] == 0, item
                self._memory.placed(item["data"], self._above)

    def _cancel(self) -> None:
        order_id = self._some_order()
        order = self._memory.orders[order_id]
        order.cancel_unanswered = True
        try:
            order.row = self._client.post("/spot/cancel-order", **self._address(order.row))
            order.over = True
        except Refused as refused:
            # It has been filled in the meantime, or it would still be there to be cancelled.
            _expect_not_found(refused)
        order.cancel_unanswered = False

    def _modify(self) -> None:
        order = self._memory.orders[self._some_order()]
        order.unanswered_price = self._price(order.row["market"])
        try:
            order.row = self._client.post(
                "/spot/modify-order", price=order.unanswered_price, **self._address(order.row)
            )
            order.over = order.row["status"] == "filled"
        except Refused as refused:
            _expect_not_found(refused)
        order.unanswered_price = ""

    def _stop(self) -> None:
        """A stop order too far away to fire."""
        order = self._order("limit") | {"trigger_price": "1000000"}
        client_id = str(order["client_id"])
        with _Unsure(self._memory.unanswered_stops, client_id):
            stop_id = self._client.post("/spot/stop-order", **order)["stop_id"]
            self._memory.stops[stop_id] = {
                "client_id": client_id,
                "amount": order["amount"],
                "price": order["price"],
            }

    def _unstop(self) -> None:
        if not self._memory.stops:
            return
        stop_id, row = self._random.choice(list(self._memory.stops.items()))
        self._memory.unanswered_stop_cancels.add(stop_id)
        market = "BTCUSDT" if row["client_id"].startswith("BTCUSDT") else "ETHUSDT"
        self._client.post("/spot/cancel-stop-order", market=market, market_type="SPOT", stop_id=stop_id)
        del self._memory.stops[stop_id]

    # -- details ----------------------------------------------------------------------------------

    def _order(self, kind: str) -> dict[str, object]:
        self._count += 1
        market = self._random.choice(list(_PRICES))
        order: dict[str, object] = {
            "market": market,
            "market_type": "SPOT",
            "side": self._random.choice(("buy", "sell")),
            "type": kind,
            "amount": f"{self._random.randint(10, 300) / 1000}",
            "client_id": f"{market}-{self._label}-{self._count}",
        }
        if kind == "market":
            return order | {"ccy": market.removesuffix("USDT")}
        return order | {"price": self._price(market)}

    def _price(self, market: str) -> str:
        return str(_PRICES[market] + self._random.randint(-15, 15))

    def _some_order(self) -> int:
        resting = self._memory.resting()
        if not resting:
            raise Refused(_NOT_FOUND, "there is none to choose")
        return self._random.choice(resting)

    def _address(self, row: Row) -> dict[str, object]:
        return {"market": row["market"], "market_type": "SPOT", "order_id": row["order_id"]}


def _expect_not_found(refused: Refused) -> None:
    assert refused.code == _NOT_FOUND, refused


class _Unsure(Generic[T]):
    """Keeps `entry` in `unanswered` when the block ends without an answer of any kind."""

    def __init__(self, unanswered: list[T], entry: T) -> None:
        self._unanswered = unanswered
        self._entry = entry

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, Unanswered):
            self._unanswered.append(self._entry)
