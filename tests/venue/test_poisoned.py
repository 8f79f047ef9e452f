"""A command under which the core fails, in a whole venue: it stops, waits for a word, goes on without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from openbourse.cli import main
from openbourse.core import snapshot
from openbourse.core.commands import AnyCommand, Deposit, MarketSpec, OrderRequest, PlaceOrder
from openbourse.core.events import AnyEvent
from openbourse.core.exchange import Exchange
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.log import replay as replaying
from openbourse.log.errors import PoisonedCommandError
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.sequencer import VenueStopped
from openbourse.venue.venue import Venue

MARKET = MarketSpec("BTCUSDT", "BTC", "USDT", 8, 2, UNIT // 1000, 0, 0)
POISONED_PRICE = 666 * UNIT


class FaultyExchange:
    """An exchange that fails under orders of one price, after it has taken note of the command."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def sequence(self) -> int:
        return self._exchange.sequence

    @property
    def now(self) -> int:
        return self._exchange.now

    def apply(self, command: AnyCommand) -> list[AnyEvent]:
        events = self._exchange.apply(command)
        if isinstance(command, PlaceOrder) and command.order.price == POISONED_PRICE:
            raise ZeroDivisionError("half of it is done")
        return events


@contextmanager
def faulty_replay(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    sound = replaying.replay

    def replay(exchange: Exchange, sequence: int, command: AnyCommand, skipped: frozenset[int]) -> Any:
        core: Any = exchange if sequence in skipped else FaultyExchange(exchange)
        return sound(core, sequence, command, skipped)

    with monkeypatch.context() as patch:
        patch.setattr("openbourse.log.recovery.replay", replay)
        patch.setattr("openbourse.log.verify.replay", replay)
        yield


async def test_it_stops_refuses_to_start_and_goes_on_without_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = VenueOptions(tmp_path / "venue")
    user, before = await _poison(options)
    poisoned = before.sequence + 1
    with faulty_replay(monkeypatch):
        with pytest.raises(PoisonedCommandError, match=f"openbourse quarantine skip {poisoned}"):
            Venue.open(options)
        openbourse = ("quarantine", "list", "--data-dir", str(options.data_directory))
        listed = CliRunner().invoke(main, openbourse)
        assert f"{poisoned}  " in listed.output, listed.output
        assert "place_order" in listed.output
        assert "ZeroDivisionError('half of it is done')" in listed.output
        refused = CliRunner().invoke(main, ["quarantine", "skip", "1", *openbourse[2:]])
        assert refused.exit_code == 1
        assert f"the command that cannot be applied is {poisoned}, not 1" in refused.output
        skipped = CliRunner().invoke(main, ["quarantine", "skip", str(poisoned), *openbourse[2:]])
        assert skipped.exit_code == 0, skipped.output
        assert "the market BTCUSDT is halted" in skipped.output
        verified = CliRunner().invoke(main, ["verify", *openbourse[2:]])
        assert verified.exit_code == 0, verified.output
        assert f"skipped by the operator: {poisoned}\n" in verified.output
        venue = Venue.open(options)
        await venue.start()
        try:
            assert venue.exchange.market_status("BTCUSDT") == "halted"
            assert venue.exchange.open_orders(user) == before.open_orders(user)
            paid = venue.exchange.balances(user, "spot")["USDT"][0] - before.balances(user, "spot")["USDT"][0]
            assert paid == 5 * MONEY_UNIT  # the deposit that stood behind the poisoned command in the log
            await Operations(venue).set_market_status("BTCUSDT", "open")
            (events,) = await venue.submit_all([_order(venue, user, 100 * UNIT)])
            assert events[0].__struct_config__.tag == "balance"
        finally:
            await venue.stop()


async def _poison(options: VenueOptions) -> tuple[int, Exchange]:
    """A venue that meets a poisoned command between two others; returns a user and the state before."""
    venue = Venue.open(options)
    await venue.start()
    failures: list[Exception] = []
    venue.on_failure = failures.append
    operations = Operations(venue)
    await operations.add_market(MARKET)
    alice = await operations.add_user("alice")
    await operations.deposit(alice, "USDT", 10_000 * MONEY_UNIT)
    user = alice.id
    await venue.submit(_order(venue, user, 100 * UNIT))
    before = snapshot.restore(snapshot.dump(venue.exchange))
    venue._sequencer._exchange = FaultyExchange(venue.exchange)
    deposit = Deposit(venue.now(), "later", user, "USDT", 5 * MONEY_UNIT)
    with pytest.raises(VenueStopped):
        await venue.submit_all([_order(venue, user, POISONED_PRICE), deposit])
    with pytest.raises(VenueStopped):
        await venue.submit(_order(venue, user, 100 * UNIT))
    (failure,) = failures
    assert isinstance(failure, PoisonedCommandError)
    assert venue.failure is failure
    assert (options.data_directory / "quarantine" / f"{before.sequence + 1}.json").exists()
    await venue.stop()
    return user, before


def _order(venue: Venue, user: int, price: int) -> PlaceOrder:
    return PlaceOrder(venue.now(), OrderRequest(user, "spot", "BTCUSDT", "buy", "limit", UNIT, price))


async def test_a_fault_that_does_not_come_back_needs_nobody(tmp_path: Path) -> None:
    """A bit that flipped in memory, say: the command is durable and is carried out at the next start."""
    options = VenueOptions(tmp_path / "venue")
    user, before = await _poison(options)
    venue = Venue.open(options)
    assert venue.exchange.sequence == before.sequence + 2
    assert {order.price for order in venue.exchange.open_orders(user)} == {100 * UNIT, POISONED_PRICE}
    venue.close()
