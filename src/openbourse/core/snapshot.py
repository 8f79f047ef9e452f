"""Snapshot: the whole state as canonical bytes, and back.

Equal states give equal bytes: everything is written in an order that the state itself determines
(definition, id, or priority on the book). The state hash is the SHA-256 of these bytes.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from openbourse.core.commands import MarketSpec, OrderRequest
from openbourse.core.events import DepositState, OrderStatus, Rates, WithdrawalState
from openbourse.core.exchange import Exchange
from openbourse.core.market import Market
from openbourse.core.order import Fills, Order
from openbourse.core.state import State, UsedKey
from openbourse.core.stops import Stop
from openbourse.core.user import User

ROWS_AT_ONCE: Final = 10_000
_encode: Final = msgspec.json.encode
# As in `_order_rows`: an id, the request, twelve numbers, the status, two times; and what the order holds.
_OrderRow = tuple[
    int, OrderRequest, int, int, int, int, int, int, int, int, int, int, int, int, OrderStatus, int, int
]
_ORDER_ROW: Final = msgspec.json.Decoder(tuple[_OrderRow, int])


def dump(exchange: Exchange) -> bytes:
    """The state as one JSON document of arrays; fields by position as in the functions below."""
    return b"".join(pieces(exchange))


def pieces(exchange: Exchange) -> Iterator[bytes]:
    """The dump, piece by piece: a state of millions of orders never lies in memory a second time."""
    state = exchange.state
    yield b'{"clock":' + _encode([state.sequence, state.now, state.last_id])
    yield b',"fee_token":' + _encode([state.fee_token, state.fee_discount])
    yield b',"markets":' + _encode([[m.spec, m.status, m.last_price] for m in state.markets.values()])
    yield b',"users":'
    yield from _rows(_user_rows(state))
    yield b',"accounts":'
    yield from _rows(_account_rows(state))
    yield b',"system":' + _encode(_system_rows(state))
    yield b',"orders":'
    yield from _rows(_order_rows(state))
    yield b',"stops":'
    yield from _rows(_stop_rows(state))
    yield b',"withdrawals":' + _encode([state.withdrawals_enabled, list(state.withdrawals.values())])
    yield b',"withdrawn":' + _encode(_withdrawn_rows(state))
    yield b',"deposits":' + _encode(list(state.deposits.values()))
    yield b',"keys":'
    yield from _rows(_key_rows(state))
    yield b"}"


def _rows(rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """A JSON array of the rows, in pieces."""
    opening = b"["
    chunk: list[list[Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == ROWS_AT_ONCE:
            yield opening + _encode(chunk)[1:-1]
            opening = b","
            chunk.clear()
    if chunk:
        yield opening + _encode(chunk)[1:-1]
        opening = b","
    yield b"[]" if opening == b"[" else b"]"


def restore(data: bytes) -> Exchange:
    """The exchange whose `dump` gave `data`; the caller has made sure that the bytes are whole."""
    tables: dict[str, msgspec.Raw] = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    state = State()
    state.sequence, state.now, state.last_id = msgspec.json.decode(tables["clock"])
    state.fee_token, state.fee_discount = msgspec.json.decode(tables["fee_token"])
    for spec_row, status, last_price in msgspec.json.decode(tables["markets"]):
        market = Market(len(state.markets), MarketSpec(*spec_row), status)
        market.last_price = last_price
        state.markets[market.name] = market
        state.pairs[(market.base, market.quote)] = market
    for row in _each(tables, "users"):
        _restore_user(state, msgspec.json.decode(row))
    names: dict[str, str] = {}
    for row in _each(tables, "accounts"):
        user, wallet, asset, available, frozen = msgspec.json.decode(row)
        account = state.ledger.account(user, names.setdefault(wallet, wallet), names.setdefault(asset, asset))
        account.available, account.frozen = available, frozen
    for name, asset, balance in msgspec.json.decode(tables["system"]):
        state.ledger.system_account(name, asset).available = balance
    for row in _each(tables, "orders"):
        kept, _ = _ORDER_ROW.decode(row)  # what it holds follows from the rest
        _restore_order(state, kept)
    for row in _each(tables, "stops"):
        _restore_stop(state, msgspec.json.decode(row))
    _restore_funds(state, tables)
    for row in _each(tables, "keys"):
        key, used_for, request = msgspec.json.decode(row)
        state.used_keys[key] = UsedKey(used_for, request)
    return Exchange(state)


def _each(tables: dict[str, msgspec.Raw], name: str) -> list[msgspec.Raw]:
    """The rows of a table, not decoded yet: each takes its room only when it is its turn."""
    rows: list[msgspec.Raw] = msgspec.json.decode(tables[name], type=list[msgspec.Raw])
    return rows


def state_hash(exchange: Exchange) -> str:
    """SHA-256 of the dump, in hex: equal for equal states, on every machine."""
    whole = sha256()
    for piece in pieces(exchange):
        whole.update(piece)
    return whole.hexdigest()


def counts(exchange: Exchange) -> dict[str, int]:
    """How many things of each kind the state holds."""
    state = exchange.state
    wallets = state.ledger.wallets.values()
    return {
        "markets": len(state.markets),
        "users": len(state.users),
        "accounts": sum([len(accounts) for each in wallets for accounts in each.values()]),
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
        found.extend(market.bids.orders())
        found.extend(market.asks.orders())
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


def _user_rows(state: State) -> Iterator[list[Any]]:
    for user in state.users.values():
        yield [user.user, user.status, user.maker_rate, user.taker_rate, user.fee_discount]


def _restore_user(state: State, row: list[Any]) -> None:
    user = User(row[0], state.ledger.open(row[0]))
    user.status, user.maker_rate, user.taker_rate, user.fee_discount = row[1], row[2], row[3], row[4]
    state.users[user.user] = user


def _account_rows(state: State) -> Iterator[list[Any]]:
    for user, wallets in state.ledger.wallets.items():
        for wallet, accounts in wallets.items():
            for asset, account in accounts.items():
                yield [user, wallet, asset, account.available, account.frozen]


def _system_rows(state: State) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for name, accounts in state.ledger.system.items():
        for asset, account in accounts.items():
            rows.append([name, asset, account.available])
    return rows


def _order_rows(state: State) -> Iterator[list[Any]]:
    for order in resting_orders(state):
        shown = order.live_state()
        filled = shown.filled
        row: list[Any] = [
            order.order_id,
            shown.request,
            order.amount,
            order.price,
            order.remaining,
            filled.quantity,
            filled.notional,
            filled.base_fee,
            filled.quote_fee,
            filled.token_fee,
            order.rates.maker,
            order.rates.taker,
            filled.last_quantity,
            filled.last_price,
            shown.status,
            order.created_at,
            order.updated_at,
        ]
        yield [row, order.held]


def _restore_order(state: State, row: _OrderRow) -> None:
    request = row[1]
    market = state.markets[request.market]
    user = state.users[request.user]
    order = Order(request, msgspec.structs.astuple(request), user, market, row[15])
    base, quote = user.account(market.base), user.account(market.quote)
    rates, usual = Rates(row[10], row[11]), user.rates(market)
    order.admit(row[0], usual if rates == usual else rates, quote if order.is_buy else base)
    order.request = None  # it rests
    order.amount, order.price, order.remaining, order.updated_at = row[2], row[3], row[4], row[16]
    if row[5] > 0:
        fills = order.fills = Fills()
        fills.quantity, fills.notional = row[5], row[6]
        fills.base_fee, fills.quote_fee, fills.token_fee = row[7], row[8], row[9]
        fills.last_quantity, fills.last_price = row[12], row[13]
    market.own(order).add(order)
    user.orders[order.order_id] = order


def _stop_rows(state: State) -> Iterator[list[Any]]:
    for stop in waiting_stops(state):
        yield [
            stop.stop_id,
            stop.request,
            stop.trigger_price,
            stop.rising,
            stop.rates.maker,
            stop.rates.taker,
            stop.created_at,
        ]


def _restore_stop(state: State, row: list[Any]) -> None:
    request = OrderRequest(*row[1])
    stop = Stop(row[0], request, row[2], row[3], Rates(row[4], row[5]), row[6])
    state.markets[request.market].stops.add(stop)
    state.users[request.user].stops[stop.stop_id] = stop


def _key_rows(state: State) -> Iterator[list[Any]]:
    for key, used in state.used_keys.items():
        yield [key, used.used_for, used.request]


def _withdrawn_rows(state: State) -> list[list[Any]]:
    return [[user, asset, day, amount] for (user, asset), (day, amount) in state.withdrawn.items()]


def _restore_funds(state: State, tables: dict[str, msgspec.Raw]) -> None:
    state.withdrawals_enabled, rows = msgspec.json.decode(tables["withdrawals"])
    for row in rows:
        withdrawal = msgspec.convert(row, WithdrawalState)
        state.withdrawals[withdrawal.withdrawal_id] = withdrawal
    for user, asset, day, amount in msgspec.json.decode(tables["withdrawn"]):
        state.withdrawn[(user, asset)] = (day, amount)
    for row in msgspec.json.decode(tables["deposits"]):
        deposit = msgspec.convert(row, DepositState)
        state.deposits[deposit.deposit_id] = deposit
