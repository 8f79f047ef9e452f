"""Orders that rest, placed until the venue cannot take them any more, and looked for afterwards."""

from pathlib import Path
from typing import Final

from tests.recovery.client import Client, Refused, Unanswered
from tests.recovery.server import Account, Server, verify

UNAVAILABLE, TIMED_OUT = 4001, 4002
MOST_ORDERS: Final = 5_000


def order(number: int) -> dict[str, object]:
    """What to place; `number` makes it one of a kind."""
    return {
        "market": "BTCUSDT",
        "market_type": "SPOT",
        "side": "buy",
        "type": "limit",
        "amount": "0.01",
        "price": str(50_000 + number),
        "client_id": f"order-{number}",
    }


def place(client: Client, acknowledged: list[int], count: int) -> None:
    """So many more orders; their ids are added to those that were acknowledged before."""
    for _ in range(count):
        acknowledged.append(client.post("/spot/order", **order(len(acknowledged)))["order_id"])


def place_until_it_fails(client: Client, acknowledged: list[int]) -> Refused | Unanswered:
    """What the first order met that was not acknowledged: it is in doubt, or nothing was done."""
    try:
        place(client, acknowledged, MOST_ORDERS)
    except Refused as refused:
        if refused.code not in (TIMED_OUT, UNAVAILABLE):
            raise
        return refused
    except Unanswered as unanswered:
        return unanswered
    raise AssertionError("orders are taken all the same")


def check_what_is_there(data_dir: Path, errors: Path, account: Account, acknowledged: list[int]) -> None:
    """With all well again: every order, at most the one whose outcome nobody was told, and trade goes on."""
    server = Server(data_dir, errors)
    try:
        server.wait_until_ready()
        client = server.client(account)
        rows = {row["order_id"]: row for row in client.pages("/spot/pending-order", market_type="SPOT")}
        assert rows.keys() >= set(acknowledged)
        assert [row["client_id"] for order_id, row in rows.items() if order_id not in acknowledged] in (
            [],
            [f"order-{len(acknowledged)}"],
        )
        assert client.post("/spot/order", **order(9_999))["order_id"] > max(rows)
        assert server.stop() == 0
    finally:
        server.kill()
    verify(data_dir)
