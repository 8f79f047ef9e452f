"""Trading actions: a user's orders and balances (reference/coinw/legacy.md §8)."""

from functools import partial
from typing import Final

from msgspec import UNSET, Raw, Struct, UnsetType

from openbourse.core.commands import CancelOrder, MarketSpec, OrderRequest
from openbourse.core.events import OrderState
from openbourse.core.units import MAX_AMOUNT, UNIT_DECIMALS
from openbourse.history.orders import finished_orders
from openbourse.wire.coinw import values
from openbourse.wire.coinw.desk import Action, Call
from openbourse.wire.coinw.envelope import Answer
from openbourse.wire.coinw.errors import wrong
from openbourse.wire.coinw.numbers import (
    SIDE_NUMBERS,
    SIDE_WORDS,
    STATUS_NUMBERS,
    STATUS_WORDS,
    money,
    number,
    padded,
)

LAST_ORDERS: Final = 10
# The protocol knows no other wallet.
WALLET: Final = "spot"


class Entrust(Struct, rename={"created_at": "createTime"}, kw_only=True):
    """An order. Which answers have the last two members differs, and so does a type (§10, 11 and 12)."""

    prize: Raw
    count: Raw
    success_count: Raw | str
    amount: Raw
    success_amount: Raw
    type: int
    type_s: str
    status: int
    status_s: str
    created_at: int | UnsetType = UNSET
    id: int | UnsetType = UNSET


def shown(state: OrderState) -> Entrust:
    """The members that all answers have.

    A market order of another protocol has no price, and one in quote money no quantity but what it has got.
    """
    request = state.request
    quantity = state.filled.quantity if request.in_quote else state.amount
    status = STATUS_NUMBERS[state.status]
    return Entrust(
        prize=number(state.price),
        count=number(quantity),
        success_count=number(state.filled.quantity),
        amount=money(state.price * quantity),
        success_amount=money(state.filled.notional),
        type=SIDE_NUMBERS[request.side],
        type_s=SIDE_WORDS[request.side],
        status=status,
        status_s=STATUS_WORDS[status],
    )


def open_entrust(state: OrderState) -> Entrust:
    """As `entrust` shows an order."""
    row = shown(state)
    row.created_at = state.created_at
    row.id = state.order_id
    return row


def single_entrust(state: OrderState, market: MarketSpec) -> Entrust:
    """As `order` shows one: what is filled is text, padded to the precision."""
    row = shown(state)
    row.success_count = padded(state.filled.quantity, market.base_precision)
    row.id = state.order_id
    return row


async def trade(call: Call) -> Answer:
    """Place a limit order, good till cancelled; its id."""
    market = await call.pair()
    side = values.side(call.parameters)
    amount = values.amount(call.parameters, "amount", UNIT_DECIMALS, market.base_precision, MAX_AMOUNT)
    price = values.amount(call.parameters, "price", UNIT_DECIMALS, market.quote_precision, MAX_AMOUNT)
    if amount < market.min_amount:
        # Before the state of the market and of the balance, by the order of checks (§4).
        raise wrong("amount is below the minimum")
    request = OrderRequest(
        user=call.user,
        wallet=WALLET,
        market=market.name,
        side=side,
        type="limit",
        amount=amount,
        price=price,
    )
    return Answer((await call.desk.trading.place(request)).order_id)


async def cancel_entrust(call: Call) -> Answer:
    """Cancel what is left of an order."""
    order_id = values.order_id(call.parameters)
    await call.desk.trading.cancel(CancelOrder(call.desk.venue.now(), call.user, WALLET, "", order_id))
    return Answer(None)


async def entrust(call: Call) -> Answer:
    """The open orders of a pair, newest first: all of them."""
    market = await call.pair()
    page = await call.desk.trading.open_orders(call.user, WALLET, market=market.name)
    return Answer([open_entrust(state) for state in page.rows])


async def last_entrust(call: Call) -> Answer:
    """The newest filled orders of a pair."""
    market = await call.pair()
    page = await call.desk.venue.ask(
        partial(
            finished_orders,
            user=call.user,
            wallet=WALLET,
            market=market.name,
            statuses=["filled"],
            limit=LAST_ORDERS,
        )
    )
    return Answer([shown(state) for state in page.rows])


async def order(call: Call) -> Answer:
    """One order in whatever state, in a list; an empty one when it is not there or somebody else's."""
    state = await call.desk.trading.order(call.user, values.order_id(call.parameters))
    if state is None or state.request.wallet != WALLET:
        return Answer([])
    market = call.desk.venue.directory.market_spec(state.request.market)
    assert market is not None, "an order has a market"
    return Answer([single_entrust(state, market)])


async def user_info(call: Call) -> Answer:
    """All balances. Both maps have every currency: clients look them up without asking (§8 `userinfo`)."""
    balances = await call.desk.venue.holdings.balances(call.user, WALLET)
    free: dict[str, Raw] = {}
    frozen: dict[str, Raw] = {}
    for _, asset in await call.desk.identifiers.currencies():
        available, held = balances.get(asset.name, (0, 0))
        free[asset.name] = money(available)
        frozen[asset.name] = money(held)
    return Answer({"frozen": frozen, "free": free})


ACTIONS: Final = (
    Action("trade", "trade", "Place order successfully", trade),
    Action("cancel_entrust", "trade", "Cancel successfully", cancel_entrust),
    Action("entrust", "read", "View open orders", entrust),
    Action("lastentrust", "read", "Get multiple orders info, return 10 records in one time", last_entrust),
    Action("order", "read", "Get order details by order id", order),
    Action("userinfo", "read", "successful", user_info),
)
