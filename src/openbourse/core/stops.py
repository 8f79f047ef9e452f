"""Stop orders: requests that wait for a price.

A rising stop fires when the last price is at or above its trigger price, a falling one at or below
(reference/coinex/spot.md §4.11). As in the book, keys are signed so that the next stop to fire is
the last of the ascending keys on both sides.
"""

from openbourse.core.commands import OrderRequest
from openbourse.core.events import Rates, StopState
from openbourse.core.sorted_keys import SortedKeys


class Stop:
    """One waiting stop order; it holds no money. The fee rates are those shown while it waits."""

    def __init__(
        self,
        stop_id: int,
        request: OrderRequest,
        trigger_price: int,
        rising: bool,
        rates: Rates,
        now: int,
    ) -> None:
        self.stop_id = stop_id
        self.request = request
        self.trigger_price = trigger_price
        self.rising = rising
        self.rates = rates
        self.created_at = now

    def matches(self, wallet: str, market: str, side: str, client_id: str) -> bool:
        """Is it of all these? An empty one is any."""
        request = self.request
        return (
            (not wallet or request.wallet == wallet)
            and (not market or request.market == market)
            and (not side or request.side == side)
            and (not client_id or request.client_id == client_id)
        )

    def state(self, now: int) -> StopState:
        return StopState(
            self.stop_id,
            self.request,
            self.trigger_price,
            self.rising,
            self.rates.maker,
            self.rates.taker,
            self.created_at,
            now,
        )


class StopSide:
    """The rising or the falling stops of one market."""

    def __init__(self, rising: bool) -> None:
        self.rising = rising
        self.by_key: dict[int, dict[int, Stop]] = {}
        self.keys = SortedKeys()

    def key(self, trigger_price: int) -> int:
        return -trigger_price if self.rising else trigger_price

    def add(self, stop: Stop) -> None:
        key = self.key(stop.trigger_price)
        waiting = self.by_key.get(key)
        if waiting is None:
            waiting = self.by_key[key] = {}
            self.keys.add(key)
        waiting[stop.stop_id] = stop

    def remove(self, stop: Stop) -> None:
        key = self.key(stop.trigger_price)
        waiting = self.by_key[key]
        del waiting[stop.stop_id]
        if not waiting:
            del self.by_key[key]
            self.keys.remove(key)

    def take_due(self, last_price: int) -> list[Stop]:
        """Remove and return the stops that `last_price` fires, nearest trigger price first."""
        due: list[Stop] = []
        limit = self.key(last_price)
        while self.keys and self.keys.last() >= limit:
            key = self.keys.last()
            self.keys.remove(key)
            due.extend(self.by_key.pop(key).values())
        return due


class StopBook:
    """All waiting stops of one market."""

    def __init__(self) -> None:
        self.rising = StopSide(True)
        self.falling = StopSide(False)

    def side(self, rising: bool) -> StopSide:
        return self.rising if rising else self.falling

    def add(self, stop: Stop) -> None:
        self.side(stop.rising).add(stop)

    def remove(self, stop: Stop) -> None:
        self.side(stop.rising).remove(stop)

    def take_due(self, last_price: int) -> list[Stop]:
        """Rising stops before falling ones; none before the first trade."""
        if last_price == 0:
            return []
        return self.rising.take_due(last_price) + self.falling.take_due(last_price)
