"""A small exchange for tests that say one thing: two markets, three rich users, text for numbers."""

from decimal import Decimal

from openbourse.core.commands import (
    AnyCommand,
    CancelOrder,
    DefineMarket,
    Deposit,
    MarketSpec,
    MarketStatus,
    ModifyOrder,
    OpenUser,
    OrderRequest,
    OrderType,
    PlaceOrder,
    PlaceStop,
    SelfTrade,
    SetMarketStatus,
    Side,
)
from openbourse.core.decimals import plain, scaled
from openbourse.core.events import AnyEvent, OrderChanged, OrderState, Refused, StopChanged, Trade
from openbourse.core.exchange import Exchange
from openbourse.core.invariants import violations
from openbourse.core.units import MONEY_DECIMALS, UNIT_DECIMALS

ANN, BOB, EVE = 1, 2, 3
MARKET = "BTCUSDT"


def unit(text: str) -> int:
    return scaled(Decimal(text), UNIT_DECIMALS)


def money(text: str) -> int:
    return scaled(Decimal(text), MONEY_DECIMALS)


class House:
    """Every command is followed by a check of all invariants."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.time = 1_000
        rate = unit("0.002")
        self.do(DefineMarket(1, MarketSpec(MARKET, "BTC", "USDT", 8, 2, unit("0.0001"), rate, rate)))
        self.do(DefineMarket(1, MarketSpec("ETHUSDT", "ETH", "USDT", 8, 2, unit("0.001"), rate, rate)))
        for user in (ANN, BOB, EVE):
            self.do(OpenUser(1, user))
            for asset, amount in (("BTC", "10"), ("ETH", "100"), ("USDT", "1000000")):
                self.do(Deposit(1, f"{user}-{asset}", user, asset, money(amount)))

    def do(self, command: AnyCommand) -> list[AnyEvent]:
        events = self.exchange.apply(command)
        assert violations(self.exchange) == []
        return events

    def place(
        self,
        user: int,
        side: Side,
        amount: str,
        price: str = "0",
        kind: OrderType = "limit",
        *,
        in_quote: bool = False,
        hidden: bool = False,
        self_trade: SelfTrade = "allow",
        client_id: str = "",
    ) -> list[AnyEvent]:
        counted = money(amount) if in_quote else unit(amount)
        request = OrderRequest(
            user, "spot", MARKET, side, kind, counted, unit(price), in_quote, client_id, hidden, self_trade
        )
        return self.do(PlaceOrder(self.time, request))

    def stop(self, user: int, side: Side, amount: str, trigger: str, price: str) -> list[AnyEvent]:
        request = OrderRequest(user, "spot", MARKET, side, "limit", unit(amount), unit(price))
        return self.do(PlaceStop(self.time, request, unit(trigger)))

    def modify(
        self, user: int, order_id: int, amount: str | None = None, price: str | None = None
    ) -> list[AnyEvent]:
        new_amount = None if amount is None else unit(amount)
        new_price = None if price is None else unit(price)
        return self.do(ModifyOrder(self.time, user, "spot", MARKET, order_id, new_amount, new_price))

    def cancel(self, user: int, order_id: int) -> list[AnyEvent]:
        return self.do(CancelOrder(self.time, user, "spot", MARKET, order_id))

    def phase(self, status: MarketStatus) -> list[AnyEvent]:
        return self.do(SetMarketStatus(self.time, MARKET, status))

    def trade_at(self, price: str) -> None:
        """Make this the last price."""
        self.place(EVE, "sell", "0.001", price)
        self.place(EVE, "buy", "0.001", price, "ioc")

    def balance(self, user: int, asset: str) -> tuple[str, str]:
        """Available and frozen, as text."""
        available, frozen = self.exchange.balances(user, "spot").get(asset, (0, 0))
        return plain(available, MONEY_DECIMALS), plain(frozen, MONEY_DECIMALS)

    def book(self, side: Side) -> list[tuple[str, str]]:
        levels = self.exchange.levels(MARKET, side, 0)
        return [(plain(price, UNIT_DECIMALS), plain(size, UNIT_DECIMALS)) for price, size in levels]


def order_of(events: list[AnyEvent]) -> OrderState:
    """The newest order state among the events."""
    return [event.order for event in events if isinstance(event, OrderChanged)][-1]


def trades_of(events: list[AnyEvent]) -> list[tuple[str, str, int, int]]:
    """Price, quantity, maker's and taker's order of each trade."""
    return [
        (
            plain(event.price, UNIT_DECIMALS),
            plain(event.quantity, UNIT_DECIMALS),
            event.maker.order_id,
            event.taker.order_id,
        )
        for event in events
        if isinstance(event, Trade)
    ]


def refusal_of(events: list[AnyEvent]) -> str:
    """The reason of the refusal, or nothing."""
    return events[0].reason if events and isinstance(events[0], Refused) else ""


def stops_of(events: list[AnyEvent]) -> list[str]:
    return [event.change for event in events if isinstance(event, StopChanged)]
