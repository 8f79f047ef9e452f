"""Invariants: what must be true between any two commands, checked from the state alone."""

from openbourse.core.book import BookSide
from openbourse.core.exchange import Exchange
from openbourse.core.ledger import SETTLEMENT
from openbourse.core.market import Market
from openbourse.core.order import Order
from openbourse.core.snapshot import resting_orders, waiting_stops
from openbourse.core.state import State
from openbourse.core.withdrawals import ENDED, holds


def violations(exchange: Exchange) -> list[str]:
    """One sentence for each thing that is wrong; an empty list when the exchange is healthy."""
    state = exchange.state
    found = _sums(state) + _frozen(state)
    for market in state.markets.values():
        found += _book(market)
    return found + _orders(state) + _stops(state) + _funds(state)


def _sums(state: State) -> list[str]:
    found = [
        f"{asset}: the accounts sum to {total}, not to zero"
        for asset, total in state.ledger.sums().items()
        if total != 0
    ]
    for asset, account in state.ledger.system[SETTLEMENT].items():
        if account.available != 0:
            found.append(f"{asset}: {account.available} is left in settlement")
    return found


def _frozen(state: State) -> list[str]:
    """Frozen money is exactly what orders and withdrawals hold, and nothing is negative."""
    held: dict[tuple[int, str, str], int] = {}
    for order in resting_orders(state):
        key = (order.owner.user, order.wallet, order.pays.asset)
        held[key] = held.get(key, 0) + order.held
    for withdrawal in state.withdrawals.values():
        for asset, amount in holds(withdrawal):
            key = (withdrawal.user, "spot", asset)
            held[key] = held.get(key, 0) + amount
    found: list[str] = []
    for user, wallets in state.ledger.wallets.items():
        for wallet, accounts in wallets.items():
            for asset, account in accounts.items():
                reserved = held.pop((user, wallet, asset), 0)
                if account.frozen != reserved:
                    found.append(f"user {user} {wallet} {asset}: frozen {account.frozen}, held {reserved}")
                if account.available < 0 or account.frozen < 0:
                    found.append(f"user {user} {wallet} {asset}: a negative balance")
    return found + [f"no account for what is held by {key}" for key in held]


def _book(market: Market) -> list[str]:
    found = _side(market, market.bids) + _side(market, market.asks)
    if market.status in ("open", "post_only") and market.is_crossed():
        found.append(f"{market.name}: the book is crossed")
    return found


def _side(market: Market, side: BookSide) -> list[str]:
    found: list[str] = []
    name = f"{market.name} {'bids' if side.is_bid else 'asks'}"
    if list(side.keys.descending()) != sorted(side.levels, reverse=True):
        found.append(f"{name}: keys and levels differ")
    levels = side.best_first()
    if side.best() is not (levels[0] if levels else None):
        found.append(f"{name}: the best level is another one")
    for key, level in side.levels.items():
        orders = _queue(level.first)
        if (orders[-1] if orders else None) is not level.last:
            found.append(f"{name}: broken queue at {level.price}")
        if level.price != abs(key) or any(order.price != level.price for order in orders):
            found.append(f"{name}: an order stands at a wrong price, {level.price}")
        if level.quantity != sum(order.remaining for order in orders):
            found.append(f"{name}: quantity at {level.price} is not that of its orders")
        if level.visible != sum(order.remaining for order in orders if not order.hidden):
            found.append(f"{name}: visible quantity at {level.price} is not that of its orders")
    return found


def _queue(order: Order | None) -> list[Order]:
    orders: list[Order] = []
    while order is not None:
        orders.append(order)
        order = order.behind
    return orders


def _orders(state: State) -> list[str]:
    """Users know their orders; executed + resting = submitted."""
    found: list[str] = []
    resting = resting_orders(state)
    indexed = sum(len(user.orders) for user in state.users.values())
    if indexed != len(resting):
        found.append(f"{len(resting)} orders rest, the users know {indexed}")
    for order in resting:
        if state.users[order.owner.user].orders.get(order.order_id) is not order:
            found.append(f"order {order.order_id}: unknown to its user")
        if order.remaining <= 0 or order.filled_quantity + order.remaining != order.amount:
            found.append(f"order {order.order_id}: filled and remaining are not its amount")
    return found


def _stops(state: State) -> list[str]:
    """Markets and users know the same stops, and none that is due is still waiting."""
    found: list[str] = []
    known = {stop.stop_id for stop in waiting_stops(state)}
    in_books: list[int] = []
    for market in state.markets.values():
        for side in (market.stops.rising, market.stops.falling):
            for key in side.keys.descending():
                in_books.extend(side.by_key[key])
                last = market.last_price
                if market.status == "open" and last and key >= side.key(last):
                    found.append(f"{market.name}: a stop at {abs(key)} is due at {last}")
    if sorted(in_books) != sorted(known):
        found.append("markets and users know different stops")
    return found


def _funds(state: State) -> list[str]:
    """Money on its way: what has ended is not kept, what is credited was credited once and in full."""
    found: list[str] = []
    for withdrawal in state.withdrawals.values():
        name = f"withdrawal {withdrawal.withdrawal_id}"
        if withdrawal.status in ENDED or not _is_known(state, withdrawal.withdrawal_id, withdrawal.user):
            found.append(f"{name}: {withdrawal.status}, and still kept")
        if withdrawal.status == "confirming" and not withdrawal.tx_id:
            found.append(f"{name}: confirming without a transaction")
    for deposit in state.deposits.values():
        name = f"deposit {deposit.deposit_id}"
        used = state.used_keys.get(f"chain/{deposit.key}")
        if used is None or used.used_for != deposit.deposit_id:
            found.append(f"{name}: its output belongs to another deposit")
        if deposit.credited not in (0, deposit.amount):
            found.append(f"{name}: credited {deposit.credited} of {deposit.amount}")
        if deposit.status != "exception" and (deposit.status == "finished") != (deposit.credited != 0):
            found.append(f"{name}: {deposit.status}, credited {deposit.credited}")
    for (user, asset), (_, amount) in state.withdrawn.items():
        if amount < 0:
            found.append(f"user {user} has withdrawn {amount} {asset} in a day")
    return found


def _is_known(state: State, number: int, user: int) -> bool:
    return 0 < number <= state.last_id and user in state.users
