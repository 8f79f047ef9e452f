"""The account half of an unmodified ccxt: transfers, balances of every kind, fees."""

from typing import Any

import ccxt
import pytest

from tests.compliance.hosting import Hosted


@pytest.fixture(scope="module", autouse=True)
def known_markets(trader: Any) -> None:
    trader.load_markets()


def test_transfers_there_and_back(trader: Any) -> None:
    before = trader.fetch_balance()["USDT"]["free"]
    there = trader.transfer("USDT", 250.5, "spot", "swap")
    assert (there["currency"], there["amount"], there["status"]) == ("USDT", 250.5, "ok")
    swap = trader.fetch_balance({"type": "swap"})
    assert swap["USDT"] == {"free": 250.5, "used": 0.0, "total": 250.5}
    assert trader.fetch_balance()["USDT"]["free"] == before - 250.5
    trader.transfer("USDT", 100.25, "swap", "spot")
    back, there = trader.fetch_transfers("USDT", limit=2)[::-1]
    assert (back["amount"], back["fromAccount"], back["toAccount"]) == (100.25, "swap", "spot")
    assert (there["amount"], there["fromAccount"], there["toAccount"]) == (250.5, "spot", "swap")
    assert (back["status"], back["currency"]) == ("ok", "USDT")
    assert back["timestamp"] >= there["timestamp"] > 0
    since = trader.fetch_transfers("USDT", since=back["timestamp"] + 1, limit=10)
    assert since == []
    trader.transfer("USDT", 150.25, "swap", "spot")
    assert trader.fetch_balance()["USDT"]["free"] == before
    assert "USDT" not in trader.fetch_balance({"type": "swap"})


def test_a_transfer_of_more_than_there_is(trader: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds, match="balance not enough"):
        trader.transfer("USDT", 10_000_000, "spot", "swap")


def test_accounts_that_nobody_has(trader: Any) -> None:
    for kind in ("margin", "financial"):
        balance = trader.fetch_balance({"type": kind})
        assert balance["total"] == {}, kind


def test_fees(trader: Any) -> None:
    fees = trader.fetch_trading_fees()
    assert (fees["BTC/USDT"]["maker"], fees["BTC/USDT"]["taker"]) == (0.002, 0.002)
    assert trader.fetch_trading_fee("BTC/USDT")["taker"] == 0.002


def test_what_is_not_offered_is_not_available(trader: Any) -> None:
    with pytest.raises(ccxt.ExchangeNotAvailable):
        trader.v2_private_get_futures_pending_position({"market_type": "FUTURES"})
    with pytest.raises(ccxt.ExchangeNotAvailable):
        trader.v2_private_post_assets_margin_borrow({"market": "BTCUSDT", "ccy": "USDT"})
    with pytest.raises(ccxt.ExchangeNotAvailable):
        trader.v2_public_get_futures_ticker({"market": "BTCUSDT"})


def test_sub_accounts_by_raw_calls(trader: Any, venue: Hosted) -> None:
    """ccxt knows their paths and verbs, and has no methods of its own for them."""
    trader.v2_private_post_account_subs({"sub_user_name": "ccxt-desk"})
    made = trader.v2_private_post_account_subs_api(
        {"sub_user_name": "ccxt-desk", "ip_whitelist": ["127.0.0.1"], "trade_enabled": True}
    )["data"]
    desk = ccxt.coinex({"apiKey": made["access_id"], "secret": made["secret_key"]})
    desk.urls["api"] = {"public": venue.url, "private": venue.url}
    move = {"from_account_type": "SPOT", "to_account_type": "SPOT", "ccy": "USDT", "amount": "100"}
    trader.v2_private_post_account_subs_transfer(move | {"to_user_name": "ccxt-desk"})
    assert desk.fetch_balance()["USDT"]["free"] == 100.0
    desk.create_order("BTC/USDT", "limit", "buy", 0.001, 20_000)
    desk.cancel_all_orders("BTC/USDT")
    with pytest.raises(ccxt.PermissionDenied):
        desk.v2_private_get_account_subs()
    trader.v2_private_post_account_subs_frozen({"sub_user_name": "ccxt-desk"})
    with pytest.raises(ccxt.PermissionDenied):
        desk.fetch_balance()
