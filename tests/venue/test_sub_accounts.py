"""Sub-accounts and fee terms between the accounts and the core: what a crash or an overload leaves."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from openbourse.accounts.errors import InvalidDetailsError, NameTakenError, UnknownTierError
from openbourse.accounts.fee_tiers import FeeTier
from openbourse.accounts.records import User
from openbourse.core.commands import MarketSpec, OrderRequest, SetUserStatus, Side
from openbourse.core.refusal import Refusal
from openbourse.core.units import MONEY_UNIT, UNIT
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.sequencer import Busy
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.venue.trading import Trading
from openbourse.venue.valuation import Valuation
from openbourse.venue.venue import Venue
from openbourse.wallet.catalogue import AssetSpec

VIP = FeeTier("vip-1", UNIT // 2000, UNIT // 1000)


@contextlib.asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Venue]:
    """A venue as its server starts it, and stops it."""
    venue = Venue.open(VenueOptions(directory / "venue", mode="sandbox"))
    await venue.start()
    try:
        await Operations(venue).open_missing_users()
        yield venue
    finally:
        await venue.stop()


def rates(venue: Venue, user: User) -> tuple[int | None, int | None]:
    terms = venue.exchange.user_terms(user.id)
    assert terms is not None
    return terms.maker_rate, terms.taker_rate


def status(venue: Venue, user: User) -> str:
    terms = venue.exchange.user_terms(user.id)
    assert terms is not None
    return terms.status


def failing(*_: Any) -> Any:
    raise Busy


def named(venue: Venue, name: str, parent: int = 0) -> User:
    user = venue.accounts.user_by_name(name, parent)
    assert user is not None
    return user


# -- between the two --------------------------------------------------------------------------------


async def test_a_creation_that_an_overload_cut_short_is_finished_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as venue:
        main = await Operations(venue).add_user("main")
        subs = SubAccounts(venue)
        with monkeypatch.context() as patch:
            patch.setattr(venue, "submit_all", failing)
            with pytest.raises(Busy):
                await subs.create(main, "desk")
        half_made = named(venue, "desk", main.id)
        assert venue.exchange.user_terms(half_made.id) is None
        assert await subs.create(main, "desk") == half_made
        assert status(venue, half_made) == "active"
        with pytest.raises(NameTakenError):
            await subs.create(main, "desk")


async def test_a_crash_between_accounts_and_core_is_made_good_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as venue:
        operations, subs = Operations(venue), SubAccounts(venue)
        main = await operations.add_user("main")
        await operations.define_fee_tier(VIP)
        frozen = await subs.create(main, "frozen")
        with monkeypatch.context() as patch:
            patch.setattr(venue, "submit_all", failing)
            for half in (
                lambda: subs.create(main, "half"),
                lambda: subs.freeze(main, "frozen"),
                lambda: operations.assign_fee_tier(main, "vip-1"),
            ):
                with pytest.raises(Busy):
                    await half()
        assert (status(venue, frozen), rates(venue, main)) == ("active", (None, None))
    async with running(tmp_path) as venue:
        assert status(venue, frozen) == "no_trading"
        half_made = named(venue, "half", main.id)
        for user in (main, frozen, half_made):
            assert rates(venue, user) == (VIP.maker_rate, VIP.taker_rate)
        sequence = venue.exchange.sequence
    async with running(tmp_path) as venue:
        assert venue.exchange.sequence == sequence  # nothing is said twice


async def test_an_unfreezing_that_was_cut_short_leaves_it_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise OSError("the disk is gone")

    async with running(tmp_path) as venue:
        main = await Operations(venue).add_user("main")
        desk = await SubAccounts(venue).create(main, "desk")
        await SubAccounts(venue).freeze(main, "desk")
        monkeypatch.setattr(venue.accounts, "edit_user", crash)
        with pytest.raises(OSError, match="gone"):
            await SubAccounts(venue).unfreeze(main, "desk")
        assert status(venue, desk) == "active"
    async with running(tmp_path) as venue:
        assert named(venue, "desk", main.id).status == "frozen"
        assert status(venue, desk) == "no_trading"


async def test_the_operators_ban_is_not_the_owners_to_lift(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        main = await Operations(venue).add_user("main")
        desk = await SubAccounts(venue).create(main, "desk")
        await venue.submit(SetUserStatus(venue.now(), desk.id, "frozen"))
        for _ in range(2):
            with pytest.raises(Refusal, match="user_barred"):
                await SubAccounts(venue).unfreeze(main, "desk")
            await SubAccounts(venue).freeze(main, "desk")
            assert status(venue, desk) == "frozen"


# -- fee terms --------------------------------------------------------------------------------------


async def test_a_tier_is_for_the_main_account_and_all_its_sub_accounts(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        operations, subs = Operations(venue), SubAccounts(venue)
        main, other = await operations.add_user("main"), await operations.add_user("other")
        old = await subs.create(main, "old")
        await operations.define_fee_tier(VIP)
        await operations.assign_fee_tier(main, "vip-1")
        new = await subs.create(main, "new")
        family = (main, old, new)
        assert [rates(venue, user) for user in family] == [(VIP.maker_rate, VIP.taker_rate)] * 3
        assert rates(venue, other) == (None, None)

        cheaper = FeeTier("vip-1", -UNIT // 10_000, UNIT // 5000)
        await operations.define_fee_tier(cheaper)
        assert [rates(venue, user) for user in family] == [(cheaper.maker_rate, cheaper.taker_rate)] * 3

        await operations.set_fee_rates(main, UNIT // 100, None)
        assert [rates(venue, user) for user in family] == [(UNIT // 100, None)] * 3
        assert venue.accounts.fee_tiers.tier_of(main.id) is None
        await operations.define_fee_tier(VIP)
        assert rates(venue, main) == (UNIT // 100, None)

        await operations.assign_fee_tier(main, "vip-1")
        await operations.assign_fee_tier(main, "")
        assert [rates(venue, user) for user in family] == [(None, None)] * 3


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda desk: desk.define_fee_tier(FeeTier("no blank", 0, 0)), InvalidDetailsError),
        (lambda desk: desk.define_fee_tier(FeeTier("vip", UNIT, 0)), ValueError),
        (lambda desk: desk.define_fee_tier(FeeTier("vip", 0, -UNIT // 100)), ValueError),
        (lambda desk: desk.define_fee_tier(FeeTier("vip", 1, 0)), ValueError),
    ],
)
async def test_no_such_tier(
    tmp_path: Path, make: Callable[[Operations], Any], error: type[Exception]
) -> None:
    async with running(tmp_path) as venue:
        operations = Operations(venue)
        with pytest.raises(error):
            await make(operations)
        assert venue.accounts.fee_tiers.all() == []
        with pytest.raises(UnknownTierError):
            await operations.assign_fee_tier(await operations.add_user("main"), "vip")


# -- valuation --------------------------------------------------------------------------------------


async def test_what_things_are_worth(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        operations, valuation = Operations(venue), Valuation(venue)
        maker, taker = await operations.add_user("maker"), await operations.add_user("taker")
        for asset in ("BTC", "USDT", "ALT"):
            operations.add_asset(AssetSpec(asset, asset))
            for user in (maker, taker):
                await operations.deposit(user, asset, 1_000_000 * MONEY_UNIT)
        one = MONEY_UNIT
        assert valuation.of("BTC", one) == 0
        assert valuation.of("USDT", 3 * one) == valuation.of("USDC", 3 * one) == 3 * one
        for base, quote, price in (("BTC", "USDT", 50_000 * UNIT), ("ALT", "BTC", 3 * UNIT // 1000)):
            spec = MarketSpec(base + quote, base, quote, 8, 8, UNIT // 100, 0, 0)
            await operations.add_market(spec)
            assert valuation.of(base, one) == 0  # it has a market and no price
            sides: tuple[tuple[User, Side], ...] = ((maker, "sell"), (taker, "buy"))
            for user, side in sides:
                request = OrderRequest(user.id, "spot", spec.name, side, "limit", UNIT, price)
                await Trading(venue).place(request)
        assert valuation.of("BTC", one // 2) == 25_000 * one
        assert valuation.of("ALT", one) == 150 * one  # 0.003 BTC
        assert valuation.of("NONE", one) == 0
        dollars = 1_000_000 + 50_000 * 1_000_000 + 150 * 1_000_000
        assert valuation.of_user(maker.id) == (dollars + 50_000 - 50_000 + 150 - 150) * one
