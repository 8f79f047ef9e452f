"""The answers of reference/coinex, as JSON: field names and types are compared with them.

From spot.md §5 to §7, conventions.md §8 and account-assets.md A15 to A17, B1, B19 to B21.
"""

from typing import Any

import msgspec

ORDER = """{"order_id":140000000101,"market":"BTCUSDT","market_type":"SPOT","ccy":"BTC","side":"buy",
"type":"limit","amount":"0.01","price":"60000","unfilled_amount":"0.006","filled_amount":"0.004",
"filled_value":"239.962","client_id":"bot-7","base_fee":"0.000008","quote_fee":"0","discount_fee":"0",
"maker_fee_rate":"0.002","taker_fee_rate":"0.002","last_filled_amount":"0.004",
"last_filled_price":"59990.5","last_fill_amount":"0.004","last_fill_price":"59990.5",
"created_at":1767225600000,"updated_at":1767225600003}"""
STOP = """{"stop_id":140000000110,"market":"BTCUSDT","market_type":"SPOT","ccy":"BTC","side":"sell",
"type":"limit","amount":"0.002","price":"57900","trigger_price":"58000","trigger_direction":"lower",
"trigger_price_type":"latest_price","client_id":"sl-1","created_at":1767225602000,
"updated_at":1767225602000}"""
MARKET = """{"market":"BTCUSDT","maker_fee_rate":"0.002","taker_fee_rate":"0.002","min_amount":"0.00005",
"base_ccy":"BTC","quote_ccy":"USDT","base_ccy_precision":8,"quote_ccy_precision":2,"status":"online",
"delisted_at":0,"is_amm_available":false,"is_margin_available":true,
"is_pre_market_trading_available":false,"is_pre_trading_available":false,"is_api_trading_available":true}"""
TICKER = """{"market":"BTCUSDT","last":"60010","open":"59120.4","close":"60010","high":"60480.12",
"low":"58890","volume":"412.5031","value":"24608114.8812","volume_sell":"180.2","volume_buy":"232.3031",
"period":86400}"""
DEPTH = """{"market":"BTCUSDT","is_full":true,"depth":{"asks":[["60010","0.0012"]],
"bids":[["59990.5","0.31"]],"last":"60010","updated_at":1767225600000,"checksum":2176114997}}"""
DEAL = """{"deal_id":5200000302,"created_at":1767225599870,"side":"buy","price":"60020.5",
"amount":"0.0004663"}"""
KLINE = """{"market":"BTCUSDT","created_at":1767222000000,"open":"59880.1","close":"60010","high":"60055",
"low":"59850","volume":"18.2044","value":"1091502.77"}"""
INDEX = """{"market":"BTCUSDT","created_at":1767225600000,"price":"60004.12","sources":[{"exchange":
"venue_a","created_at":1767225599800,"index_weight":"0.5","index_price":"60003.9"}]}"""
USER_DEAL = """{"deal_id":5200000302,"created_at":1767225599870,"market":"BTCUSDT","margin_market":"",
"side":"buy","order_id":140000000099,"client_id":"","price":"60020.5","amount":"0.0004663","role":"taker",
"fee":"0.0000009326","fee_ccy":"BTC"}"""
CONFIG = """{"asset":{"ccy":"USDT","deposit_enabled":true,"withdraw_enabled":true,
"inter_transfer_enabled":true,"is_st":false},"chains":[{"chain":"TRC20","min_deposit_amount":"2.4",
"min_withdraw_amount":"2.4","deposit_enabled":true,"withdraw_enabled":true,"deposit_delay_minutes":0,
"safe_confirmations":10,"irreversible_confirmations":20,"deflation_rate":"0","withdrawal_fee":"2.4",
"withdrawal_precision":6,"memo":"","is_memo_required_for_deposit":false,"explorer_asset_url":""}]}"""
INFO = """{"short_name":"USDT","full_name":"Tether USD","website_url":"https://asset.example/usdt",
"white_paper_url":"","chain_info":[{"chain_name":"Tron (TRC20)","identity":"T","explorer_url":"https://e"}]}"""
BALANCE = """{"ccy":"BTC","available":"0.41250000","frozen":"0.05"}"""
FEE_RATE = """{"market":"BTCUSDT","maker_rate":"0.002","taker_rate":"0.002"}"""


def sample(text: str, **more: object) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(text)
    return found | more


STATUS = sample(ORDER, status="open")
FINISHED = {name: value for name, value in sample(ORDER).items() if not name.startswith("last_")}
"""What `finished-order` shows leaves the newest fill out (spot.md §3.2)."""


def shape(value: object) -> object:
    """Names and JSON types; of a list the shape that all its elements share."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        shapes = [shape(each) for each in value]
        assert all(each == shapes[0] for each in shapes), f"elements differ: {value}"
        return shapes[:1]
    return type(value).__name__
