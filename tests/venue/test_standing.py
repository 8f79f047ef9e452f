"""The operator's word on a main account holds for its sub-accounts: keys, money, and what a crash leaves."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from openbourse.accounts.records import User
from openbourse.core.refusal import Refusal
from openbourse.venue.fund_operations import FundOperations
from openbourse.venue.operations import Operations
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.venue.venue import Venue
from tests.venue.test_sub_accounts import named, running, status


async def family(venue: Venue) -> tuple[User, User, User]:
    """A main account with two sub-accounts, of which it has frozen the second."""
    main = await Operations(venue).add_user("main")
    subs = SubAccounts(venue)
    free, frozen = [await subs.create(main, name) for name in ("free", "frozen")]
    await subs.freeze(main, "frozen")
    return main, free, frozen


def admitted(venue: Venue, *users: User) -> list[bool]:
    return [venue.accounts.user(user.id).admitted for user in users]


async def test_a_main_account_takes_its_sub_accounts_along(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        users = await family(venue)
        operator = FundOperations(venue)
        for told, standing, keys in (
            ("frozen", ["frozen"] * 3, [False, False, False]),
            ("no_trading", ["no_trading"] * 3, [True, True, False]),
            ("frozen", ["frozen"] * 3, [False, False, False]),
            ("active", ["active", "active", "no_trading"], [True, True, False]),
            ("no_trading", ["no_trading"] * 3, [True, True, False]),
        ):
            await operator.set_user_status(venue.accounts.user(users[0].id), told)  # type: ignore[arg-type]
            assert [status(venue, user) for user in users] == standing, told
            assert admitted(venue, *users) == keys, told


async def test_it_holds_after_a_restart_and_for_new_sub_accounts(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        main, *_ = await family(venue)
        await FundOperations(venue).set_user_status(main, "frozen")
    async with running(tmp_path) as venue:
        main = named(venue, "main")
        late = await SubAccounts(venue).create(main, "late")
        assert status(venue, late) == "frozen"
        members = [named(venue, name, main.id) for name in ("free", "frozen", "late")]
        assert admitted(venue, main, *members) == [False] * 4
        await FundOperations(venue).set_user_status(main, "no_trading")
        assert status(venue, await SubAccounts(venue).create(main, "later")) == "no_trading"


async def test_an_owner_does_not_lift_what_the_operator_said(tmp_path: Path) -> None:
    async with running(tmp_path) as venue:
        main, _, frozen = await family(venue)
        operator, subs = FundOperations(venue), SubAccounts(venue)
        await operator.set_user_status(main, "frozen")
        with pytest.raises(Refusal, match="user_barred"):
            await subs.unfreeze(main, "frozen")
        await operator.set_user_status(main, "no_trading")
        await subs.unfreeze(main, "frozen")
        assert (status(venue, frozen), admitted(venue, frozen)) == ("no_trading", [True])
        await operator.set_user_status(main, "active")
        assert status(venue, frozen) == "active"


async def test_owner_and_operator_at_once(tmp_path: Path) -> None:
    """Whoever comes second finds what the other said; in the end both words hold."""
    async with running(tmp_path) as venue:
        main, _, frozen = await family(venue)
        operator, subs = FundOperations(venue), SubAccounts(venue)
        for told in ("no_trading", "active", "no_trading"):
            await asyncio.gather(
                subs.unfreeze(main, "frozen"),
                operator.set_user_status(main, told),
            )
            assert status(venue, frozen) == told
            await subs.freeze(main, "frozen")
            assert status(venue, frozen) == "no_trading"


@pytest.mark.parametrize("told", ["frozen", "active"])
async def test_a_crash_half_way_leaves_them_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise OSError("the disk is gone")

    async with running(tmp_path) as venue:
        main, *_ = await family(venue)
        if told == "active":
            await FundOperations(venue).set_user_status(main, "frozen")
        part, method = (venue, "submit_all") if told == "frozen" else (venue.accounts, "edit_user")
        monkeypatch.setattr(part, method, crash)
        with pytest.raises(OSError, match="gone"):
            await FundOperations(venue).set_user_status(main, told)
        monkeypatch.undo()
    async with running(tmp_path) as venue:
        users = [main := named(venue, "main"), named(venue, "free", main.id), named(venue, "frozen", main.id)]
        assert [status(venue, user) for user in users] == ["frozen"] * 3
        assert admitted(venue, *users) == [False] * 3
