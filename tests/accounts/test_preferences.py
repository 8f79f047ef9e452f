"""Preferences and fee tiers outlive the program."""

from pathlib import Path

import pytest

from openbourse.accounts.accounts import Accounts
from openbourse.accounts.errors import InvalidDetailsError, UnknownTierError
from openbourse.accounts.fee_tiers import FeeTier
from openbourse.accounts.opening import open_accounts


def opened(folder: Path) -> Accounts:
    return open_accounts(f"sqlite:///{folder}/accounts.db", folder / "master.key", {})


def test_a_preference_is_kept_for_each_user(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    first, second = (accounts.create_user(name, now=1).id for name in ("first", "second"))
    assert accounts.preferences.get(first, "colour", "grey") == "grey"
    accounts.preferences.set(first, "colour", "blue")
    accounts.preferences.set(first, "colour", "red")
    accounts.close()
    accounts = opened(tmp_path)
    assert accounts.preferences.get(first, "colour", "grey") == "red"
    assert accounts.preferences.get(second, "colour", "grey") == "grey"
    accounts.close()


def test_tiers_and_their_members(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    user = accounts.create_user("main", now=1).id
    gold, silver = FeeTier("gold", 1, 2), FeeTier("silver", 3, 4)
    for tier in (silver, FeeTier("gold", 9, 9), gold):
        accounts.fee_tiers.put(tier)
    assert accounts.fee_tiers.all() == [gold, silver]
    assert accounts.fee_tiers.tier_of(user) is None
    accounts.fee_tiers.assign(user, "silver")
    accounts.fee_tiers.assign(user, "gold")
    with pytest.raises(UnknownTierError):
        accounts.fee_tiers.assign(user, "bronze")
    for name in ("", "no blank", "x" * 33):
        with pytest.raises(InvalidDetailsError):
            accounts.fee_tiers.put(FeeTier(name, 0, 0))
    accounts.close()
    accounts = opened(tmp_path)
    assert (accounts.fee_tiers.all(), accounts.fee_tiers.members()) == ([gold, silver], {user: gold})
    accounts.fee_tiers.assign(user, "")
    assert accounts.fee_tiers.members() == {}
    accounts.close()


def test_sub_accounts_are_found_by_their_main_account(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    main, other = (accounts.create_user(name, now=1) for name in ("main", "other"))
    desks = [accounts.create_user(name, now=1, parent=main.id) for name in ("desk-1", "desk-2")]
    assert accounts.users(main.id) == desks
    accounts.close()
    accounts = opened(tmp_path)
    assert (accounts.users(main.id), accounts.users(other.id)) == (desks, [])
    assert (accounts.users(0), accounts.users()) == ([main, other], [main, other, *desks])
    accounts.close()
