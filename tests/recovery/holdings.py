"""Everything that a user can be told about their orders, trades and money, and whether it fits together."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.recovery.client import Client
from tests.recovery.server import FUNDS, MARKETS

Row = dict[str, Any]

_ASSETS = {market.name: (market.base, market.quote) for market in MARKETS}


@dataclass(frozen=True)
class Holdings:
    """All answers about one user; orders and stop orders by id."""

    pending: dict[int, Row]
    finished: dict[int, Row]
    stops: dict[int, Row]
    deals: list[Row]
    balances: dict[str, tuple[Decimal, Decimal]]  # asset -> available, frozen

    @property
    def orders(self) -> dict[int, Row]:
        return self.pending | self.finished

    @property
    def highest_id(self) -> int:
        ids = [*self.orders, *self.stops, *(deal["deal_id"] for deal in self.deals)]
        return max(ids, default=0)


def holdings(client: Client) -> Holdings:
    """Ask for everything."""
    deals = [
        deal
        for market in _ASSETS
        for deal in client.pages("/spot/user-deals", market=market, market_type="SPOT")
    ]
    balances = client.get("/assets/spot/balance")["data"]
    return Holdings(
        pending=_by_id(client.pages("/spot/pending-order", market_type="SPOT"), "order_id"),
        finished=_by_id(client.pages("/spot/finished-order", market_type="SPOT"), "order_id"),
        stops=_by_id(client.pages("/spot/pending-stop-order", market_type="SPOT"), "stop_id"),
        deals=deals,
        balances={row["ccy"]: (Decimal(row["available"]), Decimal(row["frozen"])) for row in balances},
    )


def _by_id(rows: list[Row], name: str) -> dict[int, Row]:
    found = {row[name]: row for row in rows}
    assert len(found) == len(rows), f"an {name} is listed twice"
    return found


def contradictions(found: Holdings) -> list[str]:
    """What does not fit together in the answers to one user."""
    both = found.pending.keys() & found.finished.keys()
    problems = [f"order {order_id} is pending and finished" for order_id in both]
    return problems + _order_problems(found) + _money_problems(found)


def _order_problems(found: Holdings) -> list[str]:
    """An order's own numbers must be the sums of its trades."""
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for deal in found.deals:
        base, _ = _ASSETS[deal["market"]]
        order_id, amount = deal["order_id"], Decimal(deal["amount"])
        sums[order_id, "filled_amount"] += amount
        sums[order_id, "filled_value"] += amount * Decimal(deal["price"])
        sums[order_id, "base_fee" if deal["fee_ccy"] == base else "quote_fee"] += Decimal(deal["fee"])
    strangers = {order_id for order_id, _ in sums} - found.orders.keys()
    problems = [f"deals of order {order_id}, which is not there" for order_id in strangers]
    for order_id, order in found.orders.items():
        problems += [
            f"order {order_id}: {name} {order[name]}, its deals say {sums[order_id, name]}"
            for name in ("filled_amount", "filled_value", "base_fee", "quote_fee")
            if Decimal(order[name]) != sums[order_id, name]
        ]
        if Decimal(order["amount"]) != Decimal(order["unfilled_amount"]) + Decimal(order["filled_amount"]):
            problems.append(f"order {order_id}: filled and unfilled are not its amount")
    return problems


def _money_problems(found: Holdings) -> list[str]:
    """Balances must follow from the deposits, the trades and the resting orders."""
    total = defaultdict(Decimal, {asset: Decimal(amount) for asset, amount in FUNDS.items()})
    for deal in found.deals:
        base, quote = _ASSETS[deal["market"]]
        amount = Decimal(deal["amount"])
        sign = 1 if deal["side"] == "buy" else -1
        total[base] += sign * amount
        total[quote] -= sign * amount * Decimal(deal["price"])
        total[deal["fee_ccy"]] -= Decimal(deal["fee"])
    frozen: dict[str, Decimal] = defaultdict(Decimal)
    for order in found.pending.values():
        base, quote = _ASSETS[order["market"]]
        rest = Decimal(order["unfilled_amount"])
        frozen[quote if order["side"] == "buy" else base] += (
            rest * Decimal(order["price"]) if order["side"] == "buy" else rest
        )
    problems = []
    for asset in FUNDS:
        available, held = found.balances.get(asset, (Decimal(0), Decimal(0)))
        if available + held != total[asset]:
            problems.append(f"{asset}: balance {available + held}, deposits and deals say {total[asset]}")
        if held != frozen[asset]:
            problems.append(f"{asset}: frozen {held}, resting orders hold {frozen[asset]}")
    return problems


def contradictions_among(everybody: list[Holdings]) -> list[str]:
    """What does not fit together between users: ids that two orders have, trades without a second side."""
    order_ids = Counter(order_id for found in everybody for order_id in found.orders)
    problems = [
        f"order id {order_id} belongs to {count} users" for order_id, count in order_ids.items() if count > 1
    ]
    sides: dict[int, list[Row]] = defaultdict(list)
    for found in everybody:
        for deal in found.deals:
            sides[deal["deal_id"]].append(deal)
    for deal_id, pair in sides.items():
        terms = {(deal["market"], deal["price"], deal["amount"]) for deal in pair}
        roles = sorted((deal["role"], deal["side"]) for deal in pair)
        whole = roles in ([("maker", "buy"), ("taker", "sell")], [("maker", "sell"), ("taker", "buy")])
        if len(terms) != 1 or not whole:
            problems.append(f"deal {deal_id} has the sides {roles} and the terms {terms}")
    return problems
