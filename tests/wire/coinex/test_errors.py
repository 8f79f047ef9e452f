"""Codes and texts of refusals (reference/coinex/conventions.md §5, spot.md §4.15)."""

from typing import get_args

import pytest

from openbourse.core.events import RefusalReason, Refused
from openbourse.wire.coinex.errors import MESSAGES, REFUSALS, ApiError, Code, of_refusal, unknown_market


def test_every_reason_of_the_core_has_a_code() -> None:
    assert set(REFUSALS) == set(get_args(RefusalReason))
    assert Code.OK not in REFUSALS.values()


def test_every_code_has_a_text_of_its_own() -> None:
    assert set(MESSAGES) == set(Code)
    assert all(MESSAGES.values())
    assert len(set(MESSAGES.values())) == len(MESSAGES)


@pytest.mark.parametrize("code", [4017, 4123, 23, 24, 25, 34, 35, 36, 107, 213, 600, 601, 602, 606, 227])
def test_codes_that_are_never_sent(code: int) -> None:
    """conventions.md §5.1 (4123), §2.5 (4017, 227), §5.2 (v1 twins)."""
    assert code not in {int(known) for known in Code}


@pytest.mark.parametrize(
    ("reason", "code", "message"),
    [
        ("unknown_order", 3600, "Order not found"),
        ("insufficient_balance", 3109, "balance not enough"),
        ("below_minimum", 3127, "amount too small"),
        ("price_out_of_band", 3606, "price too far from the latest price"),
        ("no_liquidity", 3620, "not enough depth for market orders at present"),
        ("not_fillable", 3621, "the order could not be filled completely and has been cancelled"),
        ("would_take", 3622, "the order could not be maker only and has been cancelled"),
        ("market_closed", 4117, "trading is suspended in this market"),
        ("auction_in_progress", 3610, "order cannot be cancelled during call auction"),
        ("user_barred", 4115, "user is prohibited from trading"),
        ("invalid_amount", 3639, "Invalid Parameter"),
        ("invalid_price", 3639, "Invalid Parameter"),
        ("invalid_request", 3639, "Invalid Parameter"),
    ],
)
def test_what_a_client_is_told(reason: RefusalReason, code: int, message: str) -> None:
    error = of_refusal(Refused(reason, "for a person"), market="BTCUSDT")
    assert (error.code, error.message) == (code, message)


def test_the_protection_period() -> None:
    assert of_refusal(Refused("post_only_period")).code == 3638


def test_an_unknown_market_is_named_as_clients_expect() -> None:
    error = of_refusal(Refused("unknown_market"), market="XYZUSDT")
    assert (error.code, error.message) == (3639, "Invalid Parameter: market XYZUSDT not found")
    assert of_refusal(Refused("unknown_market")).message == "Invalid Parameter"
    assert len(unknown_market("X" * 5000).message) < 100


def test_an_error_may_have_a_text_of_its_own() -> None:
    error = ApiError(Code.BUSY, "come back later")
    assert (error.code, error.message, str(error)) == (3008, "come back later", "3008 come back later")
    assert str(ApiError(Code.BUSY)) == "3008 service too busy"
