"""A function for each action, which makes its request (reference/coinw/legacy.md §6 to §9).

A pair is given by its number or its name: 78, "BTC_USDT"; a currency likewise: 50, "BTC".
"""

from typing import TypeVar

from openbourse.client.coinw import answers
from openbourse.client.coinw.types import (
    Balances,
    Candle,
    Currency,
    Depth,
    Entrust,
    Market,
    Numbers,
    Side,
    Symbol,
    Trade,
    Withdrawal,
)
from openbourse.client.request import Amount, Request, number

T = TypeVar("T")

Name = int | str


def currencies() -> Request[dict[str, Currency]]:
    """All currencies, by code (`currencys`)."""
    return Request("POST", "currencys", {}, answers.plain(dict[str, Currency]))


def symbols() -> Request[list[Symbol]]:
    """All pairs with their last 24 hours."""
    return Request("POST", "symbols", {}, answers.plain(list[Symbol]))


def numbers() -> Request[Numbers]:
    """The numbers of all currencies and pairs (`getSymbol`)."""
    return Request("POST", "getSymbol", {}, answers.numbers)


def depth(symbol: Name, *, size: int = 10) -> Request[Depth]:
    """Both sides of the book of a pair; there are never more than ten levels."""
    return Request("POST", "depth", {"symbol": symbol, "size": size}, answers.plain(Depth))


def klines(
    symbol: Name, *, step: int, start: int | None = None, end: int | None = None
) -> Request[list[Candle]]:
    """Candles of `step` seconds, ascending, the running one last; `start` and `end` in Unix ms (`kline`)."""
    params = {"symbol": symbol, "step": step, "startdate": start, "enddate": end}
    return Request("POST", "kline", params, answers.candles)


def market(symbol: Name) -> Request[Market]:
    """The last 24 hours of a pair, and its best prices."""
    return Request("POST", "market", {"symbol": symbol}, answers.market)


def trades(symbol: Name) -> Request[list[Trade]]:
    """The newest trades of a pair, newest first."""
    return Request("POST", "trades", {"symbol": symbol}, answers.plain(list[Trade]))


def place_order(symbol: Name, *, side: Side, amount: Amount, price: Amount) -> Request[int]:
    """Place a limit order; its id (`trade`). Needs a key that may trade.

    The protocol knows no id of one's own: after `OutcomeUnknown`, look at the open and the last orders.
    """
    kind = {"buy": 0, "sell": 1}[side]
    params = {"symbol": symbol, "type": kind, "amount": number(amount), "price": number(price)}
    return Request("POST", "trade", params, answers.plain(int), signed=True, changes=True)


def cancel_order(order_id: int) -> Request[None]:
    """Cancel what is left of an order (`cancel_entrust`). Needs a key that may trade."""
    return Request("POST", "cancel_entrust", {"id": order_id}, answers.nothing, signed=True, changes=True)


def open_orders(symbol: Name) -> Request[list[Entrust]]:
    """The open orders of a pair, newest first (`entrust`). Needs a key."""
    return Request("POST", "entrust", {"symbol": symbol}, answers.plain(list[Entrust]), signed=True)


def last_orders(symbol: Name) -> Request[list[Entrust]]:
    """The ten newest filled orders of a pair (`lastentrust`). Needs a key."""
    return Request("POST", "lastentrust", {"symbol": symbol}, answers.plain(list[Entrust]), signed=True)


def order(order_id: int) -> Request[Entrust | None]:
    """One order in whatever state; None when there is none of that id. Needs a key."""
    return Request("POST", "order", {"id": order_id}, answers.first(Entrust), signed=True)


def balances() -> Request[Balances]:
    """All balances (`userinfo`). Needs a key."""
    return Request("POST", "userinfo", {}, answers.plain(Balances), signed=True)


def withdraw(symbol: Name, *, amount: Amount, address: str, memo: str | None = None) -> Request[None]:
    """Ask for a withdrawal to a verified address. Needs a key that may withdraw.

    The fee is taken out of the amount. The answer has no id: find it among the `withdrawals`.
    """
    params = {"symbol": symbol, "amount": number(amount), "withdrawaddress": address, "memo": memo}
    return Request("POST", "withdraw", params, answers.nothing, signed=True, changes=True)


def cancel_withdrawal(withdraw_id: int) -> Request[None]:
    """Take a withdrawal back that waits (`cancel_withdraw`). Needs a key that may withdraw."""
    params = {"withdraw_id": withdraw_id}
    return Request("POST", "cancel_withdraw", params, answers.nothing, signed=True, changes=True)


def withdrawals(symbol: Name) -> Request[list[Withdrawal]]:
    """The newest withdrawals of a currency (`withdraw_record`). Needs a key that may withdraw."""
    return Request(
        "POST", "withdraw_record", {"symbol": symbol}, answers.plain(list[Withdrawal]), signed=True
    )
