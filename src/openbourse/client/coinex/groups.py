"""The methods of both clients. Written by `python -m tools.clients`."""

from openbourse.client.coinex.calls import (
    account,
    assets,
    common,
    futures,
    referral,
    spot_markets,
    spot_orders,
    spot_stops,
    sub_accounts,
)
from openbourse.client.methods import AsyncGroup, AsyncMethod, Group, Method


class Common(Group):
    """Is anybody there, what time is it, is maintenance planned."""

    ping = Method(common.ping)
    time = Method(common.time)
    maintenance = Method(common.maintenance)


class AsyncCommon(AsyncGroup):
    """Is anybody there, what time is it, is maintenance planned."""

    ping = AsyncMethod(common.ping)
    time = AsyncMethod(common.time)
    maintenance = AsyncMethod(common.maintenance)


class Spot(Group):
    """Spot markets and their data; Spot orders and deals; Stop orders."""

    markets = Method(spot_markets.markets)
    tickers = Method(spot_markets.tickers)
    depth = Method(spot_markets.depth)
    deals = Method(spot_markets.deals)
    index = Method(spot_markets.index)
    klines = Method(spot_markets.klines)
    place_order = Method(spot_orders.place_order)
    place_orders = Method(spot_orders.place_orders)
    modify_order = Method(spot_orders.modify_order)
    modify_orders = Method(spot_orders.modify_orders)
    cancel_order = Method(spot_orders.cancel_order)
    cancel_orders = Method(spot_orders.cancel_orders)
    cancel_all_orders = Method(spot_orders.cancel_all_orders)
    cancel_orders_by_client_id = Method(spot_orders.cancel_orders_by_client_id)
    order_status = Method(spot_orders.order_status)
    order_statuses = Method(spot_orders.order_statuses)
    pending_orders = Method(spot_orders.pending_orders)
    finished_orders = Method(spot_orders.finished_orders)
    user_deals = Method(spot_orders.user_deals)
    order_deals = Method(spot_orders.order_deals)
    place_stop_order = Method(spot_stops.place_stop_order)
    place_stop_orders = Method(spot_stops.place_stop_orders)
    modify_stop_order = Method(spot_stops.modify_stop_order)
    cancel_stop_order = Method(spot_stops.cancel_stop_order)
    cancel_stop_orders = Method(spot_stops.cancel_stop_orders)
    cancel_stop_orders_by_client_id = Method(spot_stops.cancel_stop_orders_by_client_id)
    pending_stop_orders = Method(spot_stops.pending_stop_orders)
    finished_stop_orders = Method(spot_stops.finished_stop_orders)


class AsyncSpot(AsyncGroup):
    """Spot markets and their data; Spot orders and deals; Stop orders."""

    markets = AsyncMethod(spot_markets.markets)
    tickers = AsyncMethod(spot_markets.tickers)
    depth = AsyncMethod(spot_markets.depth)
    deals = AsyncMethod(spot_markets.deals)
    index = AsyncMethod(spot_markets.index)
    klines = AsyncMethod(spot_markets.klines)
    place_order = AsyncMethod(spot_orders.place_order)
    place_orders = AsyncMethod(spot_orders.place_orders)
    modify_order = AsyncMethod(spot_orders.modify_order)
    modify_orders = AsyncMethod(spot_orders.modify_orders)
    cancel_order = AsyncMethod(spot_orders.cancel_order)
    cancel_orders = AsyncMethod(spot_orders.cancel_orders)
    cancel_all_orders = AsyncMethod(spot_orders.cancel_all_orders)
    cancel_orders_by_client_id = AsyncMethod(spot_orders.cancel_orders_by_client_id)
    order_status = AsyncMethod(spot_orders.order_status)
    order_statuses = AsyncMethod(spot_orders.order_statuses)
    pending_orders = AsyncMethod(spot_orders.pending_orders)
    finished_orders = AsyncMethod(spot_orders.finished_orders)
    user_deals = AsyncMethod(spot_orders.user_deals)
    order_deals = AsyncMethod(spot_orders.order_deals)
    place_stop_order = AsyncMethod(spot_stops.place_stop_order)
    place_stop_orders = AsyncMethod(spot_stops.place_stop_orders)
    modify_stop_order = AsyncMethod(spot_stops.modify_stop_order)
    cancel_stop_order = AsyncMethod(spot_stops.cancel_stop_order)
    cancel_stop_orders = AsyncMethod(spot_stops.cancel_stop_orders)
    cancel_stop_orders_by_client_id = AsyncMethod(spot_stops.cancel_stop_orders_by_client_id)
    pending_stop_orders = AsyncMethod(spot_stops.pending_stop_orders)
    finished_stop_orders = AsyncMethod(spot_stops.finished_stop_orders)


class Assets(Group):
    """Balances, transfers, deposits and withdrawals."""

    spot_balance = Method(assets.spot_balance)
    futures_balance = Method(assets.futures_balance)
    margin_balance = Method(assets.margin_balance)
    financial_balance = Method(assets.financial_balance)
    amm_liquidity = Method(assets.amm_liquidity)
    credit_info = Method(assets.credit_info)
    credit_balance = Method(assets.credit_balance)
    statement = Method(assets.statement)
    deposit_withdraw_configs = Method(assets.deposit_withdraw_configs)
    deposit_withdraw_config = Method(assets.deposit_withdraw_config)
    info = Method(assets.info)
    transfer = Method(assets.transfer)
    transfers = Method(assets.transfers)
    deposit_address = Method(assets.deposit_address)
    renew_deposit_address = Method(assets.renew_deposit_address)
    deposits = Method(assets.deposits)
    withdraw = Method(assets.withdraw)
    cancel_withdrawal = Method(assets.cancel_withdrawal)
    withdrawals = Method(assets.withdrawals)


class AsyncAssets(AsyncGroup):
    """Balances, transfers, deposits and withdrawals."""

    spot_balance = AsyncMethod(assets.spot_balance)
    futures_balance = AsyncMethod(assets.futures_balance)
    margin_balance = AsyncMethod(assets.margin_balance)
    financial_balance = AsyncMethod(assets.financial_balance)
    amm_liquidity = AsyncMethod(assets.amm_liquidity)
    credit_info = AsyncMethod(assets.credit_info)
    credit_balance = AsyncMethod(assets.credit_balance)
    statement = AsyncMethod(assets.statement)
    deposit_withdraw_configs = AsyncMethod(assets.deposit_withdraw_configs)
    deposit_withdraw_config = AsyncMethod(assets.deposit_withdraw_config)
    info = AsyncMethod(assets.info)
    transfer = AsyncMethod(assets.transfer)
    transfers = AsyncMethod(assets.transfers)
    deposit_address = AsyncMethod(assets.deposit_address)
    renew_deposit_address = AsyncMethod(assets.renew_deposit_address)
    deposits = AsyncMethod(assets.deposits)
    withdraw = AsyncMethod(assets.withdraw)
    cancel_withdrawal = AsyncMethod(assets.cancel_withdrawal)
    withdrawals = AsyncMethod(assets.withdrawals)


class Account(Group):
    """The account itself."""

    info = Method(account.info)
    trade_fee_rate = Method(account.trade_fee_rate)
    change_settings = Method(account.change_settings)


class AsyncAccount(AsyncGroup):
    """The account itself."""

    info = AsyncMethod(account.info)
    trade_fee_rate = AsyncMethod(account.trade_fee_rate)
    change_settings = AsyncMethod(account.change_settings)


class SubAccounts(Group):
    """Sub-accounts, their keys and their money."""

    create = Method(sub_accounts.create)
    list_all = Method(sub_accounts.list_all)
    freeze = Method(sub_accounts.freeze)
    unfreeze = Method(sub_accounts.unfreeze)
    who_am_i = Method(sub_accounts.who_am_i)
    create_key = Method(sub_accounts.create_key)
    keys = Method(sub_accounts.keys)
    key = Method(sub_accounts.key)
    edit_key = Method(sub_accounts.edit_key)
    delete_key = Method(sub_accounts.delete_key)
    balance = Method(sub_accounts.balance)
    spot_balance = Method(sub_accounts.spot_balance)
    transfer = Method(sub_accounts.transfer)
    transfers = Method(sub_accounts.transfers)


class AsyncSubAccounts(AsyncGroup):
    """Sub-accounts, their keys and their money."""

    create = AsyncMethod(sub_accounts.create)
    list_all = AsyncMethod(sub_accounts.list_all)
    freeze = AsyncMethod(sub_accounts.freeze)
    unfreeze = AsyncMethod(sub_accounts.unfreeze)
    who_am_i = AsyncMethod(sub_accounts.who_am_i)
    create_key = AsyncMethod(sub_accounts.create_key)
    keys = AsyncMethod(sub_accounts.keys)
    key = AsyncMethod(sub_accounts.key)
    edit_key = AsyncMethod(sub_accounts.edit_key)
    delete_key = AsyncMethod(sub_accounts.delete_key)
    balance = AsyncMethod(sub_accounts.balance)
    spot_balance = AsyncMethod(sub_accounts.spot_balance)
    transfer = AsyncMethod(sub_accounts.transfer)
    transfers = AsyncMethod(sub_accounts.transfers)


class Futures(Group):
    """Futures: what there is of them."""

    markets = Method(futures.markets)
    settings = Method(futures.settings)
    change_settings = Method(futures.change_settings)


class AsyncFutures(AsyncGroup):
    """Futures: what there is of them."""

    markets = AsyncMethod(futures.markets)
    settings = AsyncMethod(futures.settings)
    change_settings = AsyncMethod(futures.change_settings)


class Referral(Group):
    """Referrals."""

    referees = Method(referral.referees)
    referee_rebates = Method(referral.referee_rebates)
    referee_rebate_details = Method(referral.referee_rebate_details)
    agent_referees = Method(referral.agent_referees)
    agent_rebates = Method(referral.agent_rebates)
    agent_rebate_details = Method(referral.agent_rebate_details)


class AsyncReferral(AsyncGroup):
    """Referrals."""

    referees = AsyncMethod(referral.referees)
    referee_rebates = AsyncMethod(referral.referee_rebates)
    referee_rebate_details = AsyncMethod(referral.referee_rebate_details)
    agent_referees = AsyncMethod(referral.agent_referees)
    agent_rebates = AsyncMethod(referral.agent_rebates)
    agent_rebate_details = AsyncMethod(referral.agent_rebate_details)
