"""Public actions: what there is to trade, and market data of a pair (reference/coinw/legacy.md §6, §7)."""

from typing import Final

from msgspec import Raw, Struct

from openbourse.core.commands import MarketStatus
from openbourse.market_data.depth import Level
from openbourse.wire.coinw.desk import Action, Call
from openbourse.wire.coinw.envelope import Answer
from openbourse.wire.coinw.errors import wrong
from openbourse.wire.coinw.klines import kline
from openbourse.wire.coinw.numbers import SIDE_WORDS, TAKER_WORDS, dotted, money, number, padded, text
from openbourse.wire.coinw.terms import terms_of
from openbourse.wire.coinw.times import time_of_day
from openbourse.wire.coinw.values import clamped

MAX_LEVELS: Final = 10
MAX_TRADES: Final = 50
# Clients search these texts for a pair between two spaces, or split them at two (§6 `getSymbol`).
_GAP: Final = "  "
# Not "post_only": the only orders that this protocol knows are refused then.
_TRADABLE: Final[tuple[MarketStatus, ...]] = ("open", "auction")


class Currency(Struct, rename="camel"):
    """A currency. Its two switches are text: clients compare them with "0"."""

    short_name: str
    last_update_time: int
    name: str
    id: int
    with_draw: str
    recharge: str
    max_qty: Raw
    min_qty: Raw
    tx_fee: Raw


class Symbol(
    Struct,
    rename={
        "base": "base-currency",
        "quote": "quote-currency",
        "last_update_time": "lastUpdateTime",
        "latest_deal_price": "latestDealPrice",
        "lowest_price": "lowestPrice",
        "highest_price": "highestPrice",
        "total": "24Total",
        "status": "fStatus",
    },
):
    """A pair with its last 24 hours."""

    symbol: int
    base: str
    quote: str
    last_update_time: int
    latest_deal_price: str
    lowest_price: str
    highest_price: str
    total: str
    status: str


class DepthLevel(Struct):
    """A price level; `id` is its rank from 1."""

    id: int
    price: str
    amount: str


class PublicTrade(Struct):
    """A trade; `en_type` and `type` are the taker's side, `time` is the time of day."""

    amount: Raw
    price: Raw
    id: int
    time: str
    en_type: str
    type: str


# -- what there is ----------------------------------------------------------------------------------


async def currencys(call: Call) -> Answer:
    """All currencies, by short name."""
    found: dict[str, Currency] = {}
    for currency_id, asset in await call.desk.identifiers.currencies():
        terms = terms_of(call.desk.venue.directory, asset)
        found[asset.name] = Currency(
            short_name=asset.name,
            last_update_time=asset.changed_at,
            name=asset.full_name,
            id=currency_id,
            with_draw="1" if terms.withdraw_enabled and call.desk.settings.withdrawals else "0",
            recharge="1" if terms.deposit_enabled else "0",
            max_qty=money(terms.most),
            min_qty=money(terms.least),
            tx_fee=money(terms.fee),
        )
    return Answer(found)


async def symbols(call: Call) -> Answer:
    """All pairs. The base is what is traded, whatever the documentation's sample says (§6)."""
    venue = call.desk.venue
    now = venue.now()
    found: list[Symbol] = []
    for pair_id, market in await call.desk.identifiers.pairs():
        ticker = venue.market_data.ticker(market.name, now)
        found.append(
            Symbol(
                symbol=pair_id,
                base=market.base,
                quote=market.quote,
                last_update_time=venue.market_data.depth(market.name, 1).updated_at,
                latest_deal_price=dotted(ticker.last),
                lowest_price=dotted(ticker.low),
                highest_price=dotted(ticker.high),
                total=dotted(ticker.volume),
                status="1" if venue.directory.market_status(market.name) in _TRADABLE else "2",
            )
        )
    return Answer(found)


async def get_symbol(call: Call) -> Answer:
    """All numbers, as two texts under Chinese names: of currencies, and of pairs."""
    currencies = await call.desk.identifiers.currencies()
    pairs = await call.desk.identifiers.pairs()
    return Answer(
        {
            "币种symbol": _GAP.join(f"{number}-{asset.name}" for number, asset in currencies),
            "交易对symbol": _GAP.join(f"{number}:{market.base}/{market.quote}" for number, market in pairs),
        }
    )


# -- one pair ---------------------------------------------------------------------------------------


async def depth(call: Call) -> Answer:
    """Both sides of the book; a larger `size` than the maximum is clamped, since clients send such."""
    market = await call.pair()
    size = clamped(call.parameters.get("size") or str(MAX_LEVELS), "size", MAX_LEVELS)
    if size < 1:
        raise wrong("size is at least 1")
    book = call.desk.venue.market_data.depth(market.name, size)

    def side(levels: list[Level]) -> list[DepthLevel]:
        return [
            DepthLevel(rank, text(price), padded(quantity, market.base_precision))
            for rank, (price, quantity) in enumerate(levels, start=1)
        ]

    return Answer({"bids": side(book.bids), "asks": side(book.asks)})


async def market(call: Call) -> Answer:
    """The last 24 hours in numbers, with the best prices beside `data`."""
    name = (await call.pair()).name
    data = call.desk.venue.market_data
    ticker = data.ticker(name, call.desk.venue.now())
    best = {"buy": number(data.best(name, "buy")[0]), "sell": number(data.best(name, "sell")[0])}
    day = {"high": number(ticker.high), "low": number(ticker.low), "vol": number(ticker.volume)}
    last = {"last": number(ticker.last)}
    if call.desk.settings.market_copies:
        return Answer(last | day | best, best | day)
    return Answer(last | day, best)


async def trades(call: Call) -> Answer:
    """The newest trades of everybody, newest first."""
    name = (await call.pair()).name
    return Answer(
        [
            PublicTrade(
                amount=number(trade.quantity),
                price=number(trade.price),
                id=trade.trade_id,
                time=time_of_day(trade.time),
                en_type=TAKER_WORDS[trade.side],
                type=SIDE_WORDS[trade.side],
            )
            for trade in call.desk.venue.market_data.tape(name, MAX_TRADES)
        ]
    )


ACTIONS: Final = (
    Action("currencys", "public", "Obtain token and trading pair symbol", currencys),
    Action("symbols", "public", "Obtain token and trading pair symbol", symbols),
    Action("getSymbol", "public", "Obtain token and trading pair symbol", get_symbol),
    Action("depth", "public", "Get market depth", depth),
    Action("kline", "public", "Get kline", kline),
    Action("market", "public", "Get enabled market information", market),
    Action("trades", "public", "Get the latest trade records", trades),
)
