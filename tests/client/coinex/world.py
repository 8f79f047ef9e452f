"""A sandbox with a trader who has done everything once, and a client whose answers are looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import httpx2
import msgspec

from openbourse.client import coinex
from openbourse.core.units import MONEY_UNIT
from openbourse.testing import Sandbox, SandboxUser
from openbourse.venue.fund_operations import FundOperations
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress

BTC = "BTCUSDT"
DESK = "alice-desk"
COLD = "alice-cold"
OUTSIDE = format_of("TRC20").encode(bytes([1]) * 32)


class World:
    """`client` is alice's; `body` is the JSON of its newest answer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.alice = sandbox.user("alice", USDT=1_000_000, BTC=100)
        self.bob = sandbox.user("bob", USDT=1_000_000, BTC=100)
        self.body: Any = None
        http = httpx2.Client(timeout=60, event_hooks={"response": [self._keep]})
        self.client = sandbox.coinex(self.alice, http=http)

    def _keep(self, answer: httpx2.Response) -> None:
        self.body = msgspec.json.decode(answer.read()) if answer.status_code == HTTPStatus.OK else None

    def resting(self, **more: Any) -> coinex.types.Order:
        """A new order of alice's on the book."""
        given: dict[str, Any] = {"side": "buy", "type": "limit", "amount": Decimal("0.01"), "price": 50_000}
        return self.client.spot.place_order(**{"market": BTC, "client_id": "rest"} | given | more)

    def waiting(self) -> int:
        """A new stop order of alice's."""
        placed = self.client.spot.place_stop_order(
            market=BTC,
            side="buy",
            type="limit",
            amount="0.01",
            price=70_000,
            trigger_price=90_000,
            client_id="wait",
        )
        return placed.stop_id

    def key_of_desk(self) -> coinex.types.ApiKey:
        """A new key of alice's sub-account."""
        return self.client.sub_accounts.create_key(
            sub_user_name=DESK, ip_whitelist=["127.0.0.1"], trade_enabled=True, remark="quoting"
        )

    def withdrawal(self) -> coinex.types.Withdrawal:
        """A withdrawal of alice's, so large that it waits for somebody to look at it."""
        return self.client.assets.withdraw(
            ccy="USDT", amount=5000, to_address=OUTSIDE, chain="TRC20", remark="rent"
        )


@contextmanager
def world_of(sandbox: Sandbox) -> Iterator[World]:
    """Alice with a past: trades, a stop order that fired, a sub-account, transfers, deposits."""
    world = World(sandbox)
    client, spot = world.client, world.client.spot
    with client:
        _allow_withdrawals(sandbox, world.alice)
        sandbox.quote(BTC, 60_000)
        sandbox.place(world.bob, BTC, "sell", "0.01", 60_000)
        spot.place_order(market=BTC, side="buy", type="limit", amount="0.05", price=60_000, client_id="deal")
        sandbox.place(world.bob, BTC, "sell", "0.01", 60_000)
        spot.place_order(market=BTC, side="sell", type="market", amount="0.001")
        spot.place_stop_order(
            market=BTC, side="sell", type="limit", amount="0.01", price=70_000, trigger_price=60_025
        )
        sandbox.place(world.bob, BTC, "buy", "0.001")
        client.sub_accounts.create(sub_user_name=DESK, remark="market making")
        client.sub_accounts.create(sub_user_name=COLD, permissions=["API"])
        given = {"to_user_name": DESK, "ccy": "USDT", "amount": "500"}
        client.sub_accounts.transfer(from_account_type="SPOT", to_account_type="SPOT", **given)
        client.sub_accounts.transfer(from_account_type="SPOT", to_account_type="FUTURES", **given)
        client.assets.transfer(
            from_account_type="SPOT", to_account_type="FUTURES", ccy="USDT", amount="250.5"
        )
        yield world


def _allow_withdrawals(sandbox: Sandbox, user: SandboxUser) -> None:
    """To an address outside; what is large has to be looked at first."""
    venue = sandbox._venue

    def allow() -> None:
        venue.wallet.allow_list.add(user.id, AllowedAddress("TRC20", OUTSIDE, ""))
        FundOperations(venue).set_limits("USDT", None, 1000 * MONEY_UNIT)

    sandbox._thread.call(allow)
