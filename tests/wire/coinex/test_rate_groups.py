"""Endpoints and their groups (reference/coinex/conventions.md §7.2, §7.4)."""

import pytest

from openbourse.wire.coinex.rate_groups import COST_FIELD, GROUP_OF
from openbourse.wire.coinex.rate_limits import Group


@pytest.mark.parametrize(
    ("method", "path", "rate"),
    [
        ("POST", "/v2/spot/order", 30),
        ("POST", "/v2/spot/batch-modify-order", 30),
        ("POST", "/v2/spot/cancel-order", 60),
        ("POST", "/v2/spot/cancel-all-order", 40),
        ("GET", "/v2/spot/pending-order", 50),
        ("GET", "/v2/spot/user-deals", 10),
        ("POST", "/v2/assets/withdraw", 10),
        ("GET", "/v2/assets/withdraw", 10),
        ("GET", "/v2/assets/spot/balance", 10),
        ("GET", "/v2/account/trade-fee-rate", 10),
        ("POST", "/v2/futures/order", 20),
        ("POST", "/v2/futures/cancel-order", 40),
        ("POST", "/v2/futures/cancel-all-order", 20),
        ("GET", "/v2/futures/pending-order", 50),
        ("GET", "/v2/futures/pending-position", 10),
    ],
)
def test_rates(method: str, path: str, rate: int) -> None:
    assert GROUP_OF[method, path].rate == rate


def test_one_path_may_draw_on_two_groups_by_method() -> None:
    assert GROUP_OF["POST", "/v2/assets/withdraw"] is Group.ACCOUNT_MODIFY
    assert GROUP_OF["GET", "/v2/assets/withdraw"] is Group.ACCOUNT_HISTORY


@pytest.mark.parametrize("path", ["/v2/spot/market", "/v2/time", "/v2/account/info", "/v2/assets/info"])
def test_what_only_the_address_limits(path: str) -> None:
    assert ("GET", path) not in GROUP_OF


def test_every_group_is_used() -> None:
    assert set(GROUP_OF.values()) == set(Group)


def test_batches_cost_what_they_hold() -> None:
    assert len(COST_FIELD) == 10
    assert COST_FIELD["/v2/spot/cancel-batch-stop-order"] == "stop_ids"
    assert all(("POST", path) in GROUP_OF for path in COST_FIELD)
