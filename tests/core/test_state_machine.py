"""Hypothesis plays against both exchanges and, when they differ, finds the shortest game that shows it."""

from typing import Literal, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from openbourse.core import commands as c
from openbourse.core.commands import AnyCommand, OrderRequest, OrderType, SelfTrade, Side
from openbourse.core.units import MONEY_UNIT, RATE_STEP, UNIT
from tests.core.naive.comparison import Judge
from tests.core.streams import FEE_TOKEN, MARKETS, PURSES, STATUSES, TradedMarket

USERS = (1, 2, 3)

users = st.sampled_from(USERS)
markets = st.sampled_from(MARKETS)
assets = st.sampled_from(sorted(PURSES))
lots = st.sampled_from((1, 2, 3, 5, 8, 20, 100))
ticks = st.integers(-3, 3)
sides: st.SearchStrategy[Side] = st.sampled_from(("buy", "sell"))
side_filters: st.SearchStrategy[Literal["", "buy", "sell"]] = st.sampled_from(("", "buy", "sell"))
types: st.SearchStrategy[OrderType] = st.sampled_from(("limit", "limit", "post_only", "ioc", "fok", "market"))
self_trades: st.SearchStrategy[SelfTrade] = st.sampled_from(
    ("allow", "cancel_taker", "cancel_maker", "cancel_both")
)
client_ids = st.sampled_from(("", "a", "b"))
keys = st.sampled_from(("k1", "k2", "k3", "k4"))
some_money = st.sampled_from((1, MONEY_UNIT // 1000, MONEY_UNIT, 20 * MONEY_UNIT))
wallets = st.sampled_from(("spot", "spot", "other"))
picks = st.integers(0, 15)
rates = st.sampled_from((None, 0, -500 * RATE_STEP, 1000 * RATE_STEP, 2500 * RATE_STEP))


@st.composite
def requests(draw: st.DrawFn) -> OrderRequest:
    market, kind = draw(markets), draw(types)
    amount, price = draw(lots) * market.lot, market.middle + draw(ticks) * market.tick
    in_quote = kind == "market" and draw(st.booleans())
    if in_quote:
        amount = (amount * price + draw(st.integers(0, 3)) * 10**16) // 10**16 * 10**16
    return OrderRequest(
        user=draw(users),
        wallet="spot",
        market=market.spec.name,
        side=draw(sides),
        type=kind,
        amount=amount,
        price=0 if kind == "market" else price,
        in_quote=in_quote,
        client_id=draw(client_ids),
        hidden=draw(st.integers(0, 9)) == 9,
        self_trade=draw(self_trades),
    )


class TwoExchanges(RuleBasedStateMachine):
    """Everything is compared after every command; `Judge.apply` compares the events."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge()
        self.time = 1_700_000_000_000

    def do(self, command: AnyCommand) -> None:
        self.judge.apply(command)
        self.time += 1

    @initialize(discount=st.booleans())
    def open_venue(self, discount: bool) -> None:
        for market in MARKETS:
            self.do(c.DefineMarket(self.time, market.spec))
        self.do(c.SetFeeToken(self.time, FEE_TOKEN, UNIT // 5))
        for user in USERS:
            self.do(c.OpenUser(self.time, user))
            self.do(c.SetFeeDiscount(self.time, user, discount))
            for asset, purse in PURSES.items():
                self.do(c.Deposit(self.time, f"{user}{asset}", user, asset, 3 * purse))

    # Placing and changing orders come several times: the more rules of a kind, the likelier it is drawn.
    @rule(request=requests())
    def place_order(self, request: OrderRequest) -> None:
        self.do(c.PlaceOrder(self.time, request))

    @rule(first=requests(), second=requests())
    def place_two_against_each_other(self, first: OrderRequest, second: OrderRequest) -> None:
        self.do(c.PlaceOrder(self.time, first))
        self.do(c.PlaceOrder(self.time, second))

    @rule(pick=picks, amount=st.none() | lots, tick=st.none() | ticks)
    def modify_order(self, pick: int, amount: int | None, tick: int | None) -> None:
        orders = list(self.judge.naive.world.orders.values())
        if orders:
            order = orders[pick % len(orders)]
            market = traded(order.request.market)
            new_amount = None if amount is None else amount * market.lot
            new_price = None if tick is None else market.middle + tick * market.tick
            user, name = order.request.user, order.request.market
            self.do(c.ModifyOrder(self.time, user, "spot", name, order.order_id, new_amount, new_price))

    @rule(pick=picks, user=users, own=st.booleans())
    def cancel_order(self, pick: int, user: int, own: bool) -> None:
        orders = list(self.judge.naive.world.orders.values())
        if orders:
            order = orders[pick % len(orders)]
            self.do(c.CancelOrder(self.time, order.request.user if own else user, "", "", order.order_id))

    @rule(user=users, market=markets, everywhere=st.booleans(), side=side_filters, client_id=client_ids)
    def cancel_orders(
        self,
        user: int,
        market: TradedMarket,
        everywhere: bool,
        side: Literal["", "buy", "sell"],
        client_id: str,
    ) -> None:
        name = "" if everywhere else market.spec.name
        self.do(c.CancelOrders(self.time, user, "", name, side, client_id))
        self.do(c.CancelStops(self.time, user, "", name, side, client_id))

    @rule(request=requests(), tick=ticks)
    def place_stop(self, request: OrderRequest, tick: int) -> None:
        market = traded(request.market)
        self.do(c.PlaceStop(self.time, request, market.middle + tick * market.tick))

    @rule(pick=picks, amount=st.none() | lots, tick=st.none() | ticks, trigger=st.none() | ticks)
    def modify_stop(self, pick: int, amount: int | None, tick: int | None, trigger: int | None) -> None:
        stops = list(self.judge.naive.world.stops.values())
        if stops:
            stop = stops[pick % len(stops)]
            market = traded(stop.request.market)
            new_amount = None if amount is None else amount * market.lot
            prices = [None if t is None else market.middle + t * market.tick for t in (tick, trigger)]
            self.do(c.ModifyStop(self.time, stop.request.user, "", "", stop.stop_id, new_amount, *prices))

    @rule(pick=picks, user=users)
    def cancel_stop(self, pick: int, user: int) -> None:
        stops = list(self.judge.naive.world.stops)
        self.do(c.CancelStop(self.time, user, "", "", stops[pick % len(stops)] if stops else 1))

    @rule(key=keys, user=users, asset=assets, amount=some_money)
    def deposit(self, key: str, user: int, asset: str, amount: int) -> None:
        self.do(c.Deposit(self.time, key, user, asset, amount))

    @rule(key=keys, user=users, asset=assets, amount=some_money, debit=st.booleans())
    def adjust(self, key: str, user: int, asset: str, amount: int, debit: bool) -> None:
        self.do(c.Adjust(self.time, key, user, asset, -amount if debit else amount, "why"))

    @rule(key=keys, asset=assets, amount=some_money, ends=st.tuples(users, wallets, users, wallets))
    def transfer(self, key: str, asset: str, amount: int, ends: tuple[int, str, int, str]) -> None:
        self.do(c.Transfer(self.time, key, *ends, asset, amount))

    @rule(
        key=keys, user=users, fee_asset=assets, fee=st.integers(0, 2), limited=st.booleans(), data=st.data()
    )
    def request_withdrawal(
        self, key: str, user: int, fee_asset: str, fee: int, limited: bool, data: st.DataObject
    ) -> None:
        asset, amount = data.draw(assets), data.draw(some_money)
        receiver = data.draw(st.sampled_from((0, 0, 1, 2, 3)))
        method: c.TransferMethod = "inter_user" if receiver else "on_chain"
        destination = c.Destination(method, "NET", "somewhere", receiver=receiver)
        limits = (5 * MONEY_UNIT, 8 * MONEY_UNIT) if limited else (None, None)
        request = c.RequestWithdrawal(
            self.time, key, user, asset, amount, fee_asset, fee * MONEY_UNIT, destination, "", *limits
        )
        self.do(request)

    @rule(pick=picks, user=users, data=st.data())
    def change_withdrawal(self, pick: int, user: int, data: st.DataObject) -> None:
        known = list(self.judge.naive.world.withdrawals) or [0]
        withdrawal = known[pick % len(known)]
        if data.draw(st.booleans()):
            step = data.draw(st.sampled_from(get_args(c.WithdrawalStep)))
            tx_id = data.draw(st.sampled_from(("", "tx")))
            self.do(c.AdvanceWithdrawal(self.time, withdrawal, step, tx_id, pick % 3))
        else:
            self.do(c.CancelWithdrawal(self.time, user, withdrawal))

    @rule(halted=st.booleans())
    def set_withdrawals(self, halted: bool) -> None:
        self.do(c.SetWithdrawals(self.time, not halted))

    @rule(user=users, output=st.integers(0, 5), depth=st.integers(-1, 3), odd=st.booleans(), minimum=lots)
    def report_deposit(self, user: int, output: int, depth: int, odd: bool, minimum: int) -> None:
        """Few outputs, each of which may be told of at every depth, in any order; odd ones are small."""
        findings: tuple[c.DepositFinding, ...] = ("seen", "seen", "safe", "irreversible", "gone")
        amount = (1 + output) * MONEY_UNIT
        self.do(
            c.ReportDeposit(
                self.time, "NET", "tx", output, 1 if odd else user, "USDT", amount, "home", "",
                max(0, depth), findings[depth], minimum * MONEY_UNIT,
            )
        )  # fmt: skip

    @rule(pick=picks, credit=st.booleans())
    def resolve_deposit(self, pick: int, credit: bool) -> None:
        known = [deposit.deposit_id for deposit in self.judge.naive.world.deposits.values()] or [0]
        self.do(c.ResolveDeposit(self.time, known[pick % len(known)], credit, "a person says so"))

    @rule(market=markets, status=st.sampled_from((*STATUSES, "open", "open", "auction")))
    def set_market_status(self, market: TradedMarket, status: c.MarketStatus) -> None:
        self.do(c.SetMarketStatus(self.time, market.spec.name, status))

    @rule(user=users, enabled=st.booleans(), maker_rate=rates, taker_rate=rates)
    def set_fee_terms(self, user: int, enabled: bool, maker_rate: int | None, taker_rate: int | None) -> None:
        self.do(c.SetFeeDiscount(self.time, user, enabled))
        self.do(c.SetFeeRates(self.time, user, maker_rate, taker_rate))

    @rule(user=users, bar=st.sampled_from(("active", "no_trading", "frozen")), lift=st.booleans())
    def bar_user(self, user: int, bar: c.UserStatus, lift: bool) -> None:
        self.do(c.SetUserStatus(self.time, user, "active" if lift else bar))

    @rule()
    def snapshot_and_restore(self) -> None:
        self.judge.replace_by_restored()

    @invariant()
    def nothing_differs(self) -> None:
        self.judge.compare_all()


def traded(name: str) -> TradedMarket:
    return next(market for market in MARKETS if market.spec.name == name)


TestTwoExchanges = TwoExchanges.TestCase
TestTwoExchanges.settings = settings(
    max_examples=120,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
