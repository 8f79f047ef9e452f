"""The conservation watch: silent while money adds up, and prompt when it does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from structlog.testing import capture_logs

from openbourse.core.commands import AnyCommand, SetMarketStatus
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.core.matching import fills_of
from openbourse.core.units import MONEY_UNIT
from openbourse.history.rows import _order_row as finished_row
from openbourse.history.tables import balance_changes
from openbourse.history.tables import orders as history_orders
from openbourse.history.writer import HistoryUnavailableError
from openbourse.venue.finding import SUM, Finding, user_account
from openbourse.venue.options import VenueOptions
from openbourse.venue.sweep import HeldByOrders, Sweep
from openbourse.venue.venue import Venue
from openbourse.wallet.catalogue import AssetSpec
from tests.core.dice import Dice
from tests.core.streams import Traffic
from tests.waiting import until


def following(exchange: Exchange, sweep: Sweep, command: AnyCommand, traffic: Traffic) -> None:
    events = exchange.apply(command)
    traffic.observe(events)
    sweep.follow([Applied(exchange.sequence, command, events)])


def busy_exchange(seed: int, commands: int = 2000) -> tuple[Exchange, Traffic]:
    exchange, traffic = Exchange(), Traffic(seed, users=8, resting=40)
    for _ in range(commands):
        traffic.observe(exchange.apply(traffic.next_command()))
    return exchange, traffic


@pytest.mark.parametrize("seed", range(12))
def test_a_sound_exchange_is_sound_at_any_moment_of_any_sweep(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users trade between all slices, and some come while it goes on."""
    monkeypatch.setattr("openbourse.venue.sweep.ORDERS_AT_ONCE", 3)
    dice = Dice(seed)
    exchange, traffic = busy_exchange(seed, dice.between(10, 1500))
    sweep, slices = Sweep(exchange), 0
    for _ in sweep.slices():
        slices += 1
        for _ in range(dice.between(0, 12)):
            following(exchange, sweep, traffic.next_command(), traffic)
    assert sweep.findings == []
    assert sweep.users == len(exchange.state.users)
    assert slices >= 8


def test_no_step_of_a_sweep_counts_more_orders_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many a user has, and however many of them change meanwhile."""
    at_once = 3
    monkeypatch.setattr("openbourse.venue.sweep.ORDERS_AT_ONCE", at_once)
    counted: list[int] = []
    count = HeldByOrders.count

    def noting(held: HeldByOrders, numbers: list[int]) -> None:
        counted.extend(numbers)
        count(held, numbers)

    monkeypatch.setattr(HeldByOrders, "count", noting)
    exchange, _ = busy_exchange(9, 500)
    user = max(exchange.state.users.values(), key=lambda user: len(user.orders))
    assert len(user.orders) > 2 * at_once
    sweep, most, changed = Sweep(exchange), 0, False
    for _ in sweep.slices():
        most = max(most, len(counted))
        counted.clear()
        if sweep._current == user.user and not changed:
            sweep._touched.update(user.orders)
            changed = True
    assert changed
    assert most <= 2 * at_once  # the last of all, and then the first that have changed
    assert sweep.findings == []


def _some_account(exchange: Exchange, *, frozen: bool) -> tuple[int, str]:
    for user, wallets in exchange.state.ledger.wallets.items():
        for asset, account in wallets.get("spot", {}).items():
            if account.frozen if frozen else account.available:
                return user, asset
    raise AssertionError("nobody has any money")


@pytest.mark.parametrize("moment", [0, 3, 7])
def test_money_that_appears_is_found_whenever_it_does(moment: int) -> None:
    """Before the sweep, or in the middle of it to a user that was not passed yet."""
    exchange, traffic = busy_exchange(5)
    user = list(exchange.state.users)[-1]
    sweep = Sweep(exchange)
    for number, _ in enumerate(sweep.slices()):
        if number == moment:
            account = exchange.state.ledger.account(user, "spot", "BTC")
            account.available += 7
        if number < 7:
            following(exchange, sweep, traffic.next_command(), traffic)
    found = sweep.findings
    if moment == 7:  # after the last user: seen by the next sweep
        assert found == []
        sweep = Sweep(exchange)
        list(sweep.slices())
        found = sweep.findings
    assert found == [Finding("BTC", "all accounts", SUM, 0, 7)]


def test_money_that_is_frozen_for_nothing_is_found_by_user() -> None:
    exchange, _ = busy_exchange(6)
    user, asset = _some_account(exchange, frozen=False)
    account = exchange.state.ledger.account(user, "spot", asset)
    account.available -= 1
    account.frozen += 1
    sweep = Sweep(exchange)
    list(sweep.slices())
    (finding,) = sweep.findings
    name, what = user_account(user, "spot"), "frozen for orders and withdrawals"
    assert finding == Finding(asset, name, what, account.frozen - 1, account.frozen)
    assert finding.text == f"{name}: {what} {account.frozen}, must be {account.frozen - 1}"


def test_an_order_that_holds_too_much_is_found_though_nothing_says_so() -> None:
    exchange, _ = busy_exchange(7)
    user = next(user for user in exchange.state.users.values() if user.orders)
    order = next(iter(user.orders.values()))
    order.remaining += 1
    sweep = Sweep(exchange)
    list(sweep.slices())
    assert [finding.asset for finding in sweep.findings] == [order.pays.asset]


def test_a_negative_balance_is_found() -> None:
    exchange, _ = busy_exchange(8)
    user, asset = _some_account(exchange, frozen=False)
    account = exchange.state.ledger.account(user, "spot", asset)
    exchange.state.ledger.system_account("custody", asset).available += account.available + 1
    account.available = -1
    sweep = Sweep(exchange)
    list(sweep.slices())
    assert sweep.findings == [Finding(asset, user_account(user, "spot"), "available", 0, -1)]


# -- in a venue -----------------------------------------------------------------------------------


@pytest.fixture
async def venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Venue]:
    monkeypatch.setattr("openbourse.venue.samples._PAUSE_SECONDS", 0)
    venue = Venue.open(VenueOptions(tmp_path, mode="sandbox", conservation_every_seconds=3600))
    await venue.start()
    await venue.wallet.stop()  # it would move withdrawals while a test counts commands
    traffic = Traffic(3, users=30, resting=30)
    for _ in range(15):
        answers = [venue.submit(traffic.next_command()) for _ in range(200)]
        for answer in answers:
            traffic.observe(await answer)
    yield venue
    await venue.stop()


async def test_a_sound_venue_is_looked_at_in_short_slices_while_it_trades(venue: Venue) -> None:
    watch, traffic = venue.conservation, Traffic(4, users=30)

    async def trade() -> None:
        while True:
            traffic.observe(await venue.submit(traffic.next_command()))

    trading = asyncio.create_task(trade())
    for _ in range(5):
        assert await watch.look() == []
    trading.cancel()
    assert (watch.passes, watch.alarms, watch.stopped) == (5, 0, set())
    assert watch.samples.taken > 5
    assert watch.longest_slice > 0  # how long it may be is no matter for a machine with other work


async def test_the_first_look_finds_its_queries_prepared(venue: Venue) -> None:
    await venue.conservation.samples.prepare()
    known = venue.history.engine._compiled_cache
    assert known is not None
    before = len(known)
    assert await venue.conservation.look() == []
    assert venue.conservation.samples.taken > 5
    assert len(known) == before


async def test_a_sum_that_is_wrong_halts_the_asset_and_nothing_else(venue: Venue) -> None:
    watch, alarms = venue.conservation, list[Finding]()
    watch.on_alarm = alarms.append
    for name in ("BTC", "ETH"):
        venue.assets.put(AssetSpec(name, name))
    for name in venue.exchange.market_names():
        await _open(venue, name)
    assert await watch.look() == []
    sound_at = venue.exchange.sequence
    account = venue.exchange.state.ledger.account(1, "spot", "ETH")
    account.available += 5
    with capture_logs() as said:
        found = await watch.look()
    total, owned = found
    assert total == Finding("ETH", "all accounts", SUM, 0, 5, sound_at)
    has = account.available + account.frozen
    assert owned[:5] == ("ETH", "user 1, wallet spot", "by its last posting", has - 5, has)
    assert 0 < owned.sound_at <= sound_at, "the command of the posting after which it was right"
    assert (alarms, watch.alarms, watch.stopped) == (found, 2, {"ETH"})
    _only_this_is_stopped(venue, "ETH")
    lines = [line for line in said if line["event"] == "money_not_conserved"]
    assert [(line["account"], line["expected"], line["found"]) for line in lines] == [
        (each.account, each.expected, each.found) for each in found
    ]
    before = venue.exchange.sequence
    assert [finding.sound_at for finding in await watch.look() if finding.what == SUM] == [sound_at]
    assert venue.exchange.sequence == before, "what is halted already needs no command"
    account.available -= 5
    assert await watch.look() == []


async def test_what_the_sweep_finds_does_not_wait_for_a_history_that_is_behind(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def behind(query: object) -> object:
        raise HistoryUnavailableError("the history is behind")

    monkeypatch.setattr(venue, "ask", behind)
    watch, alarms = venue.conservation, list[Finding]()
    watch.on_alarm = alarms.append
    assert (await watch.look(), watch.passes) == ([], 1)
    venue.exchange.state.ledger.account(1, "spot", "ETH").available += 5
    found = await watch.look()
    assert [(finding.asset, finding.what) for finding in found] == [("ETH", SUM)]
    assert (alarms, watch.stopped) == (found, {"ETH"})


def _only_this_is_stopped(venue: Venue, asset: str) -> None:
    assert venue.exchange.withdrawals_enabled
    stopped = [spec.name for spec in venue.assets.all() if not spec.withdraw_enabled]
    assert stopped == [asset]
    for name in venue.exchange.market_names():
        spec = venue.exchange.market_spec(name)
        assert spec is not None
        concerned = asset in (spec.base, spec.quote)
        assert (venue.exchange.market_status(name) == "halted") == concerned


async def test_money_of_the_venue_itself_is_found_too(venue: Venue) -> None:
    venue.exchange.state.ledger.system_account("fees", "BTC").available += 3
    total, venues = await venue.conservation.look()
    assert (total.account, total.found) == ("all accounts", 3)
    assert venues.account.startswith("the venue's accounts (custody")
    assert venues.found - venues.expected == 3


async def test_money_moved_from_one_to_another_without_a_posting_is_found(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sums are right: only the history knows better."""
    monkeypatch.setattr("openbourse.venue.samples.USERS", 1000)
    ledger = venue.exchange.state.ledger
    victim, thief = ledger.account(1, "spot", "USDT"), ledger.account(2, "spot", "USDT")
    victim.available -= 9
    thief.available += 9
    found = {finding.account: finding for finding in await venue.conservation.look()}
    assert found.keys() == {"user 1, wallet spot", "user 2, wallet spot"}
    assert [each.found - each.expected for each in found.values()].count(9) == 1
    assert all(finding.sound_at > 0 for finding in found.values())


async def test_orders_that_the_history_tells_otherwise_are_found(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbourse.venue.samples.USERS", 1000)
    monkeypatch.setattr("openbourse.venue.samples.ORDERS", 1000)
    orders = [order for user in venue.exchange.state.users.values() for order in user.orders.values()]
    traded, finished = orders[0], orders[-1]
    fills_of(traded).quantity += 4
    await venue.ask(lambda connection: None)
    with venue.history.engine.begin() as connection:
        connection.execute(insert(history_orders).values(finished_row(finished.state("cancelled"))))
    found = {finding.account: finding for finding in await venue.conservation.look()}
    assert found.keys() == {f"order {each.order_id} of user {each.owner.user}" for each in (traded, finished)}
    first = found[f"order {traded.order_id} of user {traded.owner.user}"]
    assert (first.what, first.found - first.expected) == ("filled, by its trades", 4)
    assert (
        "the history says it ended" in found[f"order {finished.order_id} of user {finished.owner.user}"].what
    )


async def test_a_depth_that_is_not_the_book_is_found(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openbourse.venue.samples.MARKETS", 1000)
    name = next(name for name in venue.exchange.market_names() if venue.exchange.levels(name, "buy", 1))
    [(price, quantity)] = venue.exchange.levels(name, "buy", 1)
    venue.market_data._markets[name].book.set_level("buy", price, quantity + 6, venue.now())
    [finding] = await venue.conservation.look()
    assert finding.account == f"{name}, buy side, price {price}"
    assert (finding.what, finding.expected, finding.found) == ("by the market data", quantity + 6, quantity)
    assert venue.exchange.market_status(name) == "halted"


async def _open(venue: Venue, market: str) -> None:
    await venue.submit(SetMarketStatus(venue.now(), market, "open"))


async def test_a_history_that_tells_otherwise_halts_the_asset(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbourse.venue.samples.USERS", 1000)
    await venue.ask(lambda connection: None)
    with venue.history.engine.begin() as connection:
        connection.execute(
            update(balance_changes).where(balance_changes.c.asset == "USDT").values(balance=77 * MONEY_UNIT)
        )
    found = await venue.conservation.look()
    assert {finding.asset for finding in found} == {"USDT"}
    assert {finding.expected for finding in found} == {77 * MONEY_UNIT}
    assert {finding.what for finding in found} == {"by its last posting"}
    assert venue.conservation.stopped == {"USDT"}
    assert venue.exchange.market_status("BTCUSDT") == "halted"


async def test_it_looks_by_itself(tmp_path: Path) -> None:
    venue = Venue.open(VenueOptions(tmp_path, mode="sandbox", conservation_every_seconds=0.01))
    await venue.start()
    await until(lambda: venue.conservation.passes >= 3)
    await venue.stop()
    assert venue.conservation.alarms == 0
