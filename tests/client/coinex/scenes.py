"""One good request for every method of the client, by name."""

from collections.abc import Callable
from decimal import Decimal

from openbourse.client.coinex import types
from tests.client.coinex.world import BTC, COLD, DESK, World

Scene = Callable[[World], object]

_NEW = types.NewOrder(market=BTC, side="buy", type="limit", amount=Decimal("0.02"), price=45_000)
_STOP = types.NewStopOrder(
    market=BTC, side="buy", type="limit", amount="0.02", price=95_000, trigger_price=94_000
)

SCENES: dict[str, Scene] = {
    "ping": lambda w: w.client.ping(),
    "time": lambda w: w.client.time(),
    "maintenance": lambda w: w.client.maintenance(),
    "spot.markets": lambda w: w.client.spot.markets(market=[BTC, "ETHUSDT"]),
    "spot.tickers": lambda w: w.client.spot.tickers(),
    "spot.depth": lambda w: w.client.spot.depth(market=BTC),
    "spot.deals": lambda w: w.client.spot.deals(market=BTC, limit=5),
    "spot.index": lambda w: w.client.spot.index(market=[BTC]),
    "spot.klines": lambda w: w.client.spot.klines(market=BTC, period="1min"),
    "spot.place_order": lambda w: w.resting(),
    "spot.place_orders": lambda w: w.client.spot.place_orders(orders=[_NEW, _NEW]),
    "spot.modify_order": lambda w: w.client.spot.modify_order(
        market=BTC, order_id=w.resting().order_id, price=49_000
    ),
    "spot.modify_orders": lambda w: w.client.spot.modify_orders(
        orders=[types.OrderChange(market=BTC, order_id=w.resting().order_id, amount="0.005")]
    ),
    "spot.cancel_order": lambda w: w.client.spot.cancel_order(market=BTC, order_id=w.resting().order_id),
    "spot.cancel_orders": lambda w: w.client.spot.cancel_orders(
        market=BTC, order_ids=[w.resting().order_id, w.resting().order_id]
    ),
    "spot.cancel_all_orders": lambda w: w.client.spot.cancel_all_orders(market=BTC, side="buy"),
    "spot.cancel_orders_by_client_id": lambda w: (
        w.resting(client_id="mine"),
        w.client.spot.cancel_orders_by_client_id(client_id="mine", market=BTC),
    )[1],
    "spot.order_status": lambda w: w.client.spot.order_status(market=BTC, order_id=w.resting().order_id),
    "spot.order_statuses": lambda w: w.client.spot.order_statuses(
        market=BTC, order_ids=[w.resting().order_id, w.client.spot.finished_orders()[0].order_id]
    ),
    "spot.pending_orders": lambda w: (w.resting(), w.client.spot.pending_orders(market=BTC))[1],
    "spot.finished_orders": lambda w: w.client.spot.finished_orders(market=BTC, side="buy"),
    "spot.user_deals": lambda w: w.client.spot.user_deals(market=BTC),
    "spot.order_deals": lambda w: w.client.spot.order_deals(
        market=BTC, order_id=w.client.spot.user_deals(market=BTC)[0].order_id
    ),
    "spot.place_stop_order": lambda w: w.client.spot.place_stop_order(
        market=BTC, side="sell", type="market", amount="0.01", trigger_price=40_000
    ),
    "spot.place_stop_orders": lambda w: w.client.spot.place_stop_orders(orders=[_STOP]),
    "spot.modify_stop_order": lambda w: w.client.spot.modify_stop_order(
        market=BTC, stop_id=w.waiting(), trigger_price=91_000
    ),
    "spot.cancel_stop_order": lambda w: w.client.spot.cancel_stop_order(market=BTC, stop_id=w.waiting()),
    "spot.cancel_stop_orders": lambda w: w.client.spot.cancel_stop_orders(market=BTC, stop_ids=[w.waiting()]),
    "spot.cancel_stop_orders_by_client_id": lambda w: (
        w.waiting(),
        w.client.spot.cancel_stop_orders_by_client_id(client_id="wait", market=BTC),
    )[1],
    "spot.pending_stop_orders": lambda w: (w.waiting(), w.client.spot.pending_stop_orders())[1],
    "spot.finished_stop_orders": lambda w: w.client.spot.finished_stop_orders(),
    "assets.spot_balance": lambda w: w.client.assets.spot_balance(),
    "assets.futures_balance": lambda w: w.client.assets.futures_balance(),
    "assets.margin_balance": lambda w: w.client.assets.margin_balance(),
    "assets.financial_balance": lambda w: w.client.assets.financial_balance(),
    "assets.amm_liquidity": lambda w: w.client.assets.amm_liquidity(),
    "assets.credit_info": lambda w: w.client.assets.credit_info(),
    "assets.credit_balance": lambda w: w.client.assets.credit_balance(),
    "assets.statement": lambda w: w.client.assets.statement(type="trade", ccy="BTC"),
    "assets.deposit_withdraw_configs": lambda w: w.client.assets.deposit_withdraw_configs(),
    "assets.deposit_withdraw_config": lambda w: w.client.assets.deposit_withdraw_config(ccy="USDT"),
    "assets.info": lambda w: w.client.assets.info(ccy=["BTC"]),
    "assets.transfer": lambda w: w.client.assets.transfer(
        from_account_type="SPOT", to_account_type="FUTURES", ccy="USDT", amount=Decimal("1E+1")
    ),
    "assets.transfers": lambda w: w.client.assets.transfers(ccy="USDT", transfer_type="FUTURES"),
    "assets.deposit_address": lambda w: w.client.assets.deposit_address(ccy="USDT", chain="TRC20"),
    "assets.renew_deposit_address": lambda w: w.client.assets.renew_deposit_address(ccy="BTC", chain="BTC"),
    "assets.deposits": lambda w: w.client.assets.deposits(ccy="USDT"),
    "assets.withdraw": lambda w: w.withdrawal(),
    "assets.cancel_withdrawal": lambda w: w.client.assets.cancel_withdrawal(
        withdraw_id=w.withdrawal().withdraw_id
    ),
    "assets.withdrawals": lambda w: (w.withdrawal(), w.client.assets.withdrawals(ccy="USDT"))[1],
    "account.info": lambda w: w.client.account.info(),
    "account.trade_fee_rate": lambda w: w.client.account.trade_fee_rate(market=BTC),
    "account.change_settings": lambda w: w.client.account.change_settings(cet_discount_enabled=False),
    "sub_accounts.create": lambda w: w.client.sub_accounts.create(
        sub_user_name="another-desk", permissions=["API"]
    ),
    "sub_accounts.list_all": lambda w: w.client.sub_accounts.list_all(),
    "sub_accounts.freeze": lambda w: w.client.sub_accounts.freeze(sub_user_name=COLD),
    "sub_accounts.unfreeze": lambda w: w.client.sub_accounts.unfreeze(sub_user_name=COLD),
    "sub_accounts.who_am_i": lambda w: w.client.sub_accounts.who_am_i(),
    "sub_accounts.create_key": lambda w: w.key_of_desk(),
    "sub_accounts.keys": lambda w: (w.key_of_desk(), w.client.sub_accounts.keys(sub_user_name=DESK))[1],
    "sub_accounts.key": lambda w: w.client.sub_accounts.key(api_id=w.key_of_desk().api_id),
    "sub_accounts.edit_key": lambda w: w.client.sub_accounts.edit_key(
        sub_user_name=DESK, api_id=w.key_of_desk().api_id, trade_enabled=False
    ),
    "sub_accounts.delete_key": lambda w: w.client.sub_accounts.delete_key(api_id=w.key_of_desk().api_id),
    "sub_accounts.balance": lambda w: w.client.sub_accounts.balance(sub_user_name=DESK),
    "sub_accounts.spot_balance": lambda w: w.client.sub_accounts.spot_balance(sub_user_name=DESK, ccy="USDT"),
    "sub_accounts.transfer": lambda w: w.client.sub_accounts.transfer(
        from_account_type="SPOT", to_account_type="SPOT", from_user_name=DESK, ccy="USDT", amount="12.5"
    ),
    "sub_accounts.transfers": lambda w: w.client.sub_accounts.transfers(),
    "futures.markets": lambda w: w.client.futures.markets(),
    "futures.settings": lambda w: w.client.futures.settings(),
    "futures.change_settings": lambda w: w.client.futures.change_settings(settle_switch=1),
    "referral.referees": lambda w: w.client.referral.referees(),
    "referral.referee_rebates": lambda w: w.client.referral.referee_rebates(),
    "referral.referee_rebate_details": lambda w: w.client.referral.referee_rebate_details(),
    "referral.agent_referees": lambda w: w.client.referral.agent_referees(),
    "referral.agent_rebates": lambda w: w.client.referral.agent_rebates(),
    "referral.agent_rebate_details": lambda w: w.client.referral.agent_rebate_details(),
}

# Of things that nobody can have yet there is nothing to show.
EMPTY = (
    "maintenance",
    "assets.margin_balance",
    "assets.financial_balance",
    "assets.amm_liquidity",
    "assets.credit_balance",
    "futures.markets",
    *(name for name in SCENES if name.startswith("referral.")),
)
