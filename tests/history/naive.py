"""What the history should hold, gathered from the recorded events by plain loops."""

from dataclasses import dataclass
from typing import Literal

from openbourse.core.events import (
    Applied,
    BalanceChanged,
    OrderChanged,
    OrderState,
    StopChanged,
    TradeSide,
)
from openbourse.history.statement import StatementEntry
from openbourse.history.stops import FinishedStop
from openbourse.history.trades import UserTrade
from openbourse.market_data.tape import TapeTrade
from tests.market_data.recorded import timed_trades


@dataclass(frozen=True)
class Owned:
    """A statement entry and whose it is."""

    user: int
    wallet: str
    entry: StatementEntry


def finished_orders(record: list[Applied]) -> list[OrderState]:
    """Newest first."""
    found = [
        event.order
        for applied in record
        for event in applied.events
        if isinstance(event, OrderChanged) and event.change == "finished"
    ]
    return sorted(found, key=lambda order: -order.order_id)


def finished_stops(record: list[Applied]) -> list[FinishedStop]:
    """Newest first."""
    found = [
        FinishedStop(event.stop, event.change, event.order_id)
        for applied in record
        for event in applied.events
        if isinstance(event, StopChanged) and event.change in ("triggered", "failed")
    ]
    return sorted(found, key=lambda stop: -stop.stop.stop_id)


def user_trades(record: list[Applied]) -> list[UserTrade]:
    """Newest first, of a trade the taker first."""
    found = []
    for time, trade in timed_trades(record):
        parties: tuple[tuple[Literal["maker", "taker"], TradeSide], ...] = (
            ("maker", trade.maker),
            ("taker", trade.taker),
        )
        for role, side in parties:
            found.append(
                UserTrade(
                    trade.trade_id,
                    time,
                    side.user,
                    side.wallet,
                    trade.market,
                    side.order_id,
                    side.client_id,
                    side.side,
                    role,
                    trade.price,
                    trade.quantity,
                    side.fee,
                    side.fee_asset,
                )
            )
    return found[::-1]


def tape(record: list[Applied], market: str) -> list[TapeTrade]:
    """Newest first."""
    return [
        TapeTrade(trade.trade_id, time, trade.price, trade.quantity, trade.taker.side)
        for time, trade in reversed(timed_trades(record))
        if trade.market == market
    ]


def statement(record: list[Applied]) -> list[Owned]:
    """Newest first."""
    now = 0
    found = []
    for applied in record:
        now = max(now, applied.command.time)
        for position, event in enumerate(applied.events):
            if isinstance(event, BalanceChanged) and event.change:
                entry = StatementEntry(
                    applied.sequence,
                    position,
                    now,
                    event.asset,
                    event.cause,
                    event.change,
                    event.available + event.frozen,
                    event.reference,
                )
                found.append(Owned(event.user, event.wallet, entry))
    return found[::-1]
