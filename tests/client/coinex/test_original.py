"""Answers as the original was recorded or documented to give them, where it leaves out what this venue has.

What the recordings differ in: reference/coinex/account-assets.md A5, A18, B2, B15, B16, B23; spot.md §3, §5;
websocket.md §8.
"""

from decimal import Decimal
from typing import Any

import httpx2
import msgspec
import pytest

from openbourse.client import coinex, errors
from openbourse.client.coinex import types

DEPOSIT = """{"deposit_id": 81, "created_at": 1762444700120, "tx_id": "4f1c", "ccy": "USDT", "chain": "TRC20",
    "deposit_method": "ON_CHAIN", "amount": "15", "actual_amount": "", "to_address": "TQx3",
    "confirmations": 20, "status": "FINISHED", "tx_explorer_url": "", "to_addr_explorer_url": "",
    "remark": ""}"""
WITHDRAWAL = """{"withdraw_id": 64, "created_at": 1762444850333, "withdraw_method": "ON_CHAIN", "ccy": "USDT",
    "chain": "TRC20", "memo": "", "amount": "17.3", "actual_amount": "15", "fee_asset": "USDT",
    "fee_amount": "2.3", "tx_fee": "2.3", "tx_id": "", "to_address": "TY7n", "confirmations": 0,
    "explorer_address_url": "", "explorer_tx_url": "", "status": "audit", "remark": ""}"""
MARKET = """{"market": "BTCUSDT", "maker_fee_rate": "0.002", "taker_fee_rate": "0.002",
    "min_amount": "0.0005", "base_ccy": "BTC", "quote_ccy": "USDT", "base_ccy_precision": 8,
    "quote_ccy_precision": 2, "is_amm_available": true, "is_margin_available": true}"""
ORDER = """{"order_id": 134, "market": "CETUSDT", "market_type": "SPOT", "side": "buy", "type": "limit",
    "amount": "10", "price": "1", "unfilled_amount": "4", "filled_amount": "6", "filled_value": "6",
    "client_id": "", "base_fee": "0", "quote_fee": "0", "discount_fee": "0", "maker_fee_rate": "0",
    "taker_fee_rate": "0.0003", "created_at": 1, "updated_at": 2}"""
STOP = """{"stop_id": 135, "market": "CETUSDT", "market_type": "SPOT", "side": "buy", "type": "limit",
    "amount": "10", "price": "1", "trigger_price": "1.1", "trigger_direction": "higher",
    "trigger_price_type": "index_price", "client_id": "", "created_at": 1, "updated_at": 1}"""
PUSHED_STOP = """{"stop_id": 135, "market": "CETUSDT", "margin_market": "", "side": "buy", "type": "limit",
    "amount": "10", "price": "1", "trigger_price": "1.1", "trigger_direction": "higher", "status": "put",
    "maker_fee_rate": "0", "taker_fee_rate": "0.0003", "client_id": "", "created_at": 1, "updated_at": 1}"""
DEAL = """{"deal_id": 35, "created_at": 1, "market": "BTCUSDT", "margin_market": "", "side": "buy",
    "order_id": 86, "price": "30718.42", "amount": "0.1", "role": "taker", "fee": "0.03",
    "fee_ccy": "USDT"}"""
TRANSFER = """{"created_at": 1, "from_account_type": "SPOT", "to_account_type": "FUTURES", "ccy": "USDT",
    "amount": "1", "status": "finished"}"""
FUTURES = """{"ccy": "USDT", "available": "97.9", "frozen": "0", "margin": "0.6", "transferrable": "97.9",
    "unrealized_pnl": "-0.01"}"""


def client_of(data: str, beside: str = '"pagination": {"has_next": true}') -> coinex.Client:
    """Whatever it asks, these are the data of the answer."""
    body = f'{{"code": 0, "data": {data}, {beside}, "message": "OK"}}'
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, text=body))
    return coinex.Client("http://exchange", "k", "s", http=httpx2.Client(transport=transport))


def test_deposits_come_under_a_misspelt_pagination_alone() -> None:
    with client_of(f"[{DEPOSIT}]", '"paginatation": {"total": 1, "has_next": true}') as client:
        page = client.assets.deposits()
    assert (page.has_next, page.total) == (True, 1)
    assert (page[0].deposit_method, page[0].status, page[0].actual_amount) == ("ON_CHAIN", "FINISHED", None)


def test_a_withdrawal_in_other_words_is_not_lost() -> None:
    with client_of(WITHDRAWAL) as client:
        made = client.assets.withdraw(ccy="USDT", amount=15, to_address="TY7n", chain="TRC20")
    assert (made.withdraw_id, made.status, made.fee_ccy) == (64, "audit", None)
    assert (made.fee_asset, made.fee_amount) == ("USDT", Decimal("2.3"))


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (types.Market, MARKET),
        (types.Order, ORDER),
        (types.StopOrder, STOP),
        (types.StopState, PUSHED_STOP),
        (types.UserDeal, DEAL),
        (types.Transfer, TRANSFER),
        (types.FuturesBalance, FUTURES),
        (types.Identity, '{"user_type": "NORMAL", "sub_user_name": null}'),
        (types.FuturesSettings, '{"settle_switch": 2}'),
        (types.FuturesSettings, '{"position_mode": "one_way"}'),
    ],
    ids=lambda given: given.__name__ if isinstance(given, type) else "",
)
def test_what_is_left_out_is_none(kind: type[msgspec.Struct], row: str) -> None:
    read, given = msgspec.json.decode(row, type=kind), msgspec.json.decode(row, type=dict[str, Any])
    for name in kind.__struct_fields__:
        assert (getattr(read, name) is None) == (given.get(name) is None), name


def test_lists_of_such_rows() -> None:
    with client_of(f"[{DEAL}]") as client:
        assert client.spot.user_deals(market="BTCUSDT")[0].client_id is None
    with client_of(f"[{TRANSFER}]") as client:
        assert client.assets.transfers(ccy="USDT", transfer_type="FUTURES")[0].id is None
    with client_of(f"[{MARKET}]") as client:
        assert client.spot.markets()[0].status is None


def test_an_empty_account_may_be_null() -> None:
    with client_of("null") as client:
        assert client.assets.futures_balance() == []
        with pytest.raises(errors.UnexpectedAnswer):
            client.account.info()
