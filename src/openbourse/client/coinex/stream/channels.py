"""The channels: how they are asked for, and what is in their pushes (websocket.md §7, §8)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

from openbourse.client.coinex.answers import with_numbers
from openbourse.client.coinex.types import (
    BalanceState,
    BalanceUpdate,
    BboUpdate,
    DealsUpdate,
    Depth,
    IndexUpdate,
    NoticeUpdate,
    OrderUpdate,
    StateUpdate,
    StopUpdate,
    Ticker,
    UserDeal,
)
from openbourse.client.errors import UnexpectedAnswer

P = TypeVar("P", bound=Struct)
T = TypeVar("T")


@dataclass(frozen=True)
class Channel(Generic[T]):
    """`read` makes of a push its items, each with the name that it is about: a market or a currency.

    `list_name` is the parameter of subscriptions; `private` channels need a signed connection.
    """

    name: str
    read: Callable[[Raw], list[tuple[str, T]]]
    list_name: str = "market_list"
    private: bool = False


def _channel(
    name: str,
    kind: type[P],
    items: Callable[[P], Iterable[tuple[str, T]]],
    list_name: str = "market_list",
    *,
    private: bool = False,
) -> Channel[T]:
    decoder = msgspec.json.Decoder(kind)

    def read(data: Raw) -> list[tuple[str, T]]:
        try:
            return list(items(decoder.decode(with_numbers(data))))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UnexpectedAnswer(f"a push of {name} that cannot be read: {error}") from error

    return Channel(name, read, list_name, private)


def _tickers(push: StateUpdate) -> Iterable[tuple[str, Ticker]]:
    return ((ticker.market, ticker) for ticker in push.state_list)


def _balances(push: BalanceUpdate) -> Iterable[tuple[str, BalanceState]]:
    return ((balance.ccy, balance) for balance in push.balance_list)


STATE: Final = _channel("state", StateUpdate, _tickers)
DEPTH: Final = _channel("depth", Depth, lambda push: [(push.market, push)])
DEALS: Final = _channel("deals", DealsUpdate, lambda push: [(push.market, push)])
BBO: Final = _channel("bbo", BboUpdate, lambda push: [(push.market, push)])
INDEX: Final = _channel("index", IndexUpdate, lambda push: [(push.market, push)])
ORDER: Final = _channel("order", OrderUpdate, lambda push: [(push.order.market, push)], private=True)
STOP: Final = _channel("stop", StopUpdate, lambda push: [(push.stop.market, push)], private=True)
USER_DEALS: Final = _channel("user_deals", UserDeal, lambda push: [(push.market, push)], private=True)
BALANCE: Final = _channel("balance", BalanceUpdate, _balances, "ccy_list", private=True)
NOTICE: Final = _channel("notice", NoticeUpdate, lambda push: [("", push)], "channels", private=True)

CHANNELS: Final[Mapping[str, Channel[Any]]] = {
    channel.name: channel
    for channel in (STATE, DEPTH, DEALS, BBO, INDEX, ORDER, STOP, USER_DEALS, BALANCE, NOTICE)
}
