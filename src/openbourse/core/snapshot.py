"""Snapshot: the whole state as canonical bytes, and back.

Equal states give equal bytes: everything is written in an order that the state itself determines
(definition, id, or priority on the book). The state hash is the SHA-256 of these bytes.
"""

from hashlib import sha256
from typing import Any

import msgspec

from openbourse.core.commands import MarketSpec, OrderRequest
from openbourse.core.events import DepositState, WithdrawalState
from openbourse.core.exchange import Exchange
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.state import State, UsedKey
from openbourse.core.stops import Stop
from openbourse.core.user import User


def dump(exchange: Exchange) -> bytes:
    """The state as one JSON document of arrays; fields by position as in the functions below."""
    state = exchange.state
    return msgspec.json.encode(
        {
            "clock": [state.sequence, state.now, state.last_id],
            "fee_token": [state.fee_token, state.fee_discount],
            "markets": [[m.spec, m.status, m.last_price] for m in state.markets.values()],
            "users": [_user_row(user) for user in state.users.values()],
            "accounts": _account_rows(state),
            "system": _system_rows(state),
            "orders": [_order_row(order) for order in resting_orders(state)],
            "stops": [_stop_row(stop) for stop in waiting_stops(state)],
            "withdrawals": [state.withdrawals_enabled, list(state.withdrawals.values())],
            "withdrawn": _withdrawn_rows(state),
            "deposits": list(state.deposits.values()),
            "keys": [[key, used.used_for, used.request] for key, used in state.used_keys.items()],
        }
    )


def restore(data: bytes) -> Exchange:
    """The exchange whose `dump` gave `data`; the caller has made sure that the bytes are whole."""
    tables: dict[str, list[Any]] = msgspec.json.decode(data)
    state = State()
    state.sequence, state.now, state.last_id = tables["clock"]
    state.fee_token, state.fee_discount = tables["fee_token"]
    for spec_row, status, last_price in tables["markets"]:
        market = Market(len(state.markets), MarketSpec(*spec_row), status)
        market.last_price = last_price
        state.markets[market.name] = market
        state.pairs[(market.base, market.quote)] = market
    for row in tables["users"]:
        _restore_user(state, row)
    for user, wallet, asset, available, frozen in tables["accounts"]:
        account = state.ledger.account(user, wallet, asset)
        account.available, account.frozen = available, frozen
    for name, asset, balance in tables["system"]:
        state.ledger.system_account(name, asset).available = balance
    for row in tables["orders"]:
        _restore_order(state, row)
    for row in tables["stops"]:
        _restore_stop(state, row)
    _restore_funds(state, tables)
    for key, used_for, request in tables["keys"]:
        state.used_keys[key] = UsedKey(used_for, request)
    return Exchange(state)


def state_hash(exchange: Exchange) -> str:
    """SHA-256 of the dump, in hex: equal for equal states, on every machine."""
    return sha256(dump(exchange)).hexdigest()


def counts(exchange: Exchange) -> dict[str, int]:
    """How many things of each kind the state holds."""
    state = exchange.state
    return {
        "markets": len(state.markets),
        "users": len(state.users),
        "accounts": len(_account_rows(state)),
        "orders": len(resting_orders(state)),
        "stops": len(waiting_stops(state)),
        "withdrawals": len(state.withdrawals),
        "deposits": len(state.deposits),
        "keys": len(state.used_keys),
    }


def resting_orders(state: State) -> list[Order]:
    """All orders on the books, by market, side (bids first) and priority."""
    found: list[Order] = []
    for market in state.markets.values():
        found.extend(market.book.bids.orders())
        found.extend(market.book.asks.orders())
    return found


def waiting_stops(state: State) -> list[Stop]:
    """All waiting stops by id."""
    found: list[Stop] = []
    for user in state.users.values():
        found.extend(user.stops.values())
    return sorted(found, key=_stop_id)


def _stop_id(stop: Stop) -> int:
    return stop.stop_id


# -- rows ------------------------------------------------------------------------------------------


def _user_row(user: User) -> list[Any]:
    return [user.user, user.status, user.maker_rate, user.taker_rate, user.fee_discount]


def _restore_user(state: State, row: list[Any]) -> None:
    user = User(row[0])
    user.status, user.maker_rate, user.taker_rate, user.fee_discount = row[1], row[2], row[3], row[4]
    state.users[user.user] = user
    state.ledger.wallets[user.user] = {}


def _account_rows(state: State) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for user, wallets in state.ledger.wallets.items():
        for wallet, accounts in wallets.items():
            for asset, account in accounts.items():
                rows.append([user, wallet, asset, account.available, account.frozen])
    return rows


def _system_rows(state: State) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for name, accounts in state.ledger.system.items():
        for asset, account in accounts.items():
            rows.append([name, asset, account.available])
    return rows


def _order_row(order: Order) -> list[Any]:
    return [order.live_state(), order.held]


def _restore_order(state: State, row: list[Any]) -> None:
    fields, held = row
    request = OrderRequest(*fields[1])
    market = state.markets[request.market]
    order = Order(request, fields[15])
    pays, receives = state.accounts_of(order, market)
    order.admit(fields[0], (fields[10], fields[11]), pays, receives)
    order.amount, order.price, order.remaining = fields[2], fields[3], fields[4]
    order.filled_quantity, order.filled_notional = fields[5], fields[6]
    order.base_fee, order.quote_fee, order.token_fee = fields[7], fields[8], fields[9]
    order.last_quantity, order.last_price = fields[12], fields[13]
    order.updated_at = fields[16]
    order.held = held
    market.book.own(order).add(order)
    state.users[request.user].orders[order.order_id] = order


def _stop_row(stop: Stop) -> list[Any]:
    return [
        stop.stop_id,
        stop.request,
        stop.trigger_price,
        stop.rising,
        stop.maker_rate,
        stop.taker_rate,
        stop.created_at,
    ]


def _restore_stop(state: State, row: list[Any]) -> None:
    request = OrderRequest(*row[1])
    stop = Stop(row[0], request, row[2], row[3], (row[4], row[5]), row[6])
    state.markets[request.market].stops.add(stop)
    state.users[request.user].stops[stop.stop_id] = stop


def _withdrawn_rows(state: State) -> list[list[Any]]:
    return [[user, asset, day, amount] for (user, asset), (day, amount) in state.withdrawn.items()]


def _restore_funds(state: State, tables: dict[str, list[Any]]) -> None:
    state.withdrawals_enabled, rows = tables["withdrawals"]
    for row in rows:
        withdrawal = msgspec.convert(row, WithdrawalState)
        state.withdrawals[withdrawal.withdrawal_id] = withdrawal
    for user, asset, day, amount in tables["withdrawn"]:
        state.withdrawn[(user, asset)] = (day, amount)
    for row in tables["deposits"]:
        deposit = msgspec.convert(row, DepositState)
        state.deposits[deposit.deposit_id] = deposit
