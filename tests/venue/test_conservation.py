"""The conservation watch: silent while money adds up, and prompt when it does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from openbourse.core.commands import AnyCommand, SetMarketStatus
from openbourse.core.events import Applied
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT
from openbourse.history.tables import balance_changes
from openbourse.venue.options import VenueOptions
from openbourse.venue.sweep import Finding, Sweep
from openbourse.venue.venue import Venue
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
    assert found == [Finding("BTC", "all accounts together have 7, not zero")]


def test_money_that_is_frozen_for_nothing_is_found_by_user() -> None:
    exchange, _ = busy_exchange(6)
    user, asset = _some_account(exchange, frozen=False)
    account = exchange.state.ledger.account(user, "spot", asset)
    account.available -= 1
    account.frozen += 1
    sweep = Sweep(exchange)
    list(sweep.slices())
    (finding,) = sweep.findings
    assert finding.asset == asset
    assert f"user {user}, wallet spot: {account.frozen} frozen" in finding.text
    assert f"hold {account.frozen - 1}" in finding.text


def test_an_order_that_holds_too_much_is_found_though_nothing_says_so() -> None:
    exchange, _ = busy_exchange(7)
    user = next(user for user in exchange.state.users.values() if user.orders)
    order = next(iter(user.orders.values()))
    order.held += 1
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
    assert [finding.asset for finding in sweep.findings] == [asset]
    assert "-1 available" in sweep.findings[0].text


# -- in a venue -----------------------------------------------------------------------------------


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    venue = Venue.open(VenueOptions(tmp_path, mode="sandbox", conservation_every_seconds=3600))
    await venue.start()
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
    assert watch.samples > 5
    assert watch.longest_slice > 0  # how long it may be is no matter for a machine with other work


async def test_a_sum_that_is_wrong_halts_the_asset_and_nothing_else(venue: Venue) -> None:
    watch, alarms = venue.conservation, list[Finding]()
    watch.on_alarm = alarms.append
    for name in venue.exchange.market_names():
        await _open(venue, name)
    account = venue.exchange.state.ledger.account(1, "spot", "ETH")
    account.available += 5
    with capture_logs() as said:
        found = await watch.look()
    assert Finding("ETH", "all accounts together have 5, not zero") in found
    assert {finding.asset for finding in found} == {"ETH"}
    assert alarms == found
    assert (watch.alarms, watch.stopped) == (len(found), {"ETH"})
    assert not venue.exchange.withdrawals_enabled
    for name in venue.exchange.market_names():
        spec = venue.exchange.market_spec(name)
        assert spec is not None
        concerned = "ETH" in (spec.base, spec.quote)
        assert (venue.exchange.market_status(name) == "halted") == concerned
    lines = [line for line in said if line["event"] == "money_not_conserved"]
    assert {(line["asset"], line["disagreement"]) for line in lines} == set(found)
    before = venue.exchange.sequence
    assert await watch.look() != []
    assert venue.exchange.sequence == before, "what is halted already needs no command"
    account.available -= 5
    assert await watch.look() == []


async def _open(venue: Venue, market: str) -> None:
    await venue.submit(SetMarketStatus(venue.now(), market, "open"))


async def test_a_history_that_tells_otherwise_halts_the_asset(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openbourse.venue.conservation._SAMPLES", 1000)
    await venue.ask(lambda connection: None)
    with venue.history.engine.begin() as connection:
        connection.execute(
            update(balance_changes).where(balance_changes.c.asset == "USDT").values(balance=77 * MONEY_UNIT)
        )
    found = await venue.conservation.look()
    assert {finding.asset for finding in found} == {"USDT"}
    assert all(f"the history says {77 * MONEY_UNIT}" in finding.text for finding in found)
    assert venue.conservation.stopped == {"USDT"}
    assert venue.exchange.market_status("BTCUSDT") == "halted"


async def test_it_looks_by_itself(tmp_path: Path) -> None:
    venue = Venue.open(VenueOptions(tmp_path, mode="sandbox", conservation_every_seconds=0.01))
    await venue.start()
    await until(lambda: venue.conservation.passes >= 3)
    await venue.stop()
    assert venue.conservation.alarms == 0
