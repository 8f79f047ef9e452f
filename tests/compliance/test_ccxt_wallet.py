"""The wallet half of an unmodified ccxt: addresses, deposits, withdrawals and what they cost."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import ccxt
import pytest

from openbourse.core.units import MONEY_UNIT
from openbourse.venue.venue import Venue
from openbourse.wallet.simulated_chain import SimulatedChain
from tests.compliance.ccxt_client import client
from tests.compliance.hosting import ADDRESS, Hosted
from tests.waiting import SECONDS

TRC20 = {"network": "TRC20"}
T = TypeVar("T")


@pytest.fixture(scope="module")
def treasurer(venue: Hosted) -> Any:
    exchange = client(venue.url, venue.treasurer)
    exchange.load_markets()
    return exchange


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds once the chain has moved on."""
    end = time.monotonic() + SECONDS
    while (found := look()) is None:
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.3)
    return found


def pay(venue: Hosted, address: str, amount: int) -> str:
    """From outside to an address on the chain; the transaction."""

    def paid(of: Venue) -> str:
        chain = of.wallet.chains.get("TRC20")
        assert isinstance(chain, SimulatedChain)
        return chain.pay(address, "", "USDT", amount * MONEY_UNIT)

    return venue.run(paid)


def test_addresses(treasurer: Any) -> None:
    first = treasurer.fetch_deposit_address("USDT", TRC20)
    assert (first["currency"], first["tag"], first["address"][0]) == ("USDT", None, "T")
    assert treasurer.fetch_deposit_address("USDT", TRC20)["address"] == first["address"]
    made = treasurer.create_deposit_address("USDT", TRC20)
    assert made["address"] != first["address"]
    assert treasurer.fetch_deposit_address("USDT", TRC20)["address"] == made["address"]
    other = treasurer.create_deposit_address("USDT", {"network": "ERC20"})
    assert other["address"].startswith("0x")
    with pytest.raises(ccxt.ExchangeError, match="Invalid Parameter"):
        treasurer.fetch_deposit_address("BTC", {"network": "BTC"})


def test_a_deposit(treasurer: Any, venue: Hosted) -> None:
    before = treasurer.fetch_balance()["USDT"]["free"]
    tx_id = pay(venue, treasurer.fetch_deposit_address("USDT", TRC20)["address"], 1500)

    def arrived() -> Any:
        return next((each for each in treasurer.fetch_deposits("USDT") if each["txid"] == tx_id), None)

    seen = eventually(arrived)
    assert (seen["type"], seen["currency"], seen["network"], seen["amount"]) == (
        *("deposit", "USDT", "TRC20", 1500.0),
    )
    done = eventually(lambda: found if (found := arrived())["status"] == "ok" else None)
    assert (done["id"], done["address"], done["internal"]) == (seen["id"], seen["address"], False)
    assert 0 < done["timestamp"] <= treasurer.milliseconds()
    assert treasurer.fetch_balance()["USDT"]["free"] == before + 1500
    assert treasurer.fetch_deposits("USDT", since=done["timestamp"] + 1) == []
    assert len(treasurer.fetch_deposits(limit=1)) == 1


def test_a_withdrawal(treasurer: Any) -> None:
    before = treasurer.fetch_balance()["USDT"]
    asked = treasurer.withdraw("USDT", 250.123456, ADDRESS, None, TRC20)
    assert (asked["type"], asked["currency"], asked["network"]) == ("withdrawal", "USDT", "TRC20")
    assert (asked["amount"], asked["fee"]) == (250.123456, {"cost": 2.4, "currency": "USDT"})
    assert (asked["address"], asked["tag"], asked["txid"]) == (ADDRESS, None, None)
    assert treasurer.fetch_balance()["USDT"]["total"] == pytest.approx(before["total"])

    def ended() -> Any:
        (found,) = [each for each in treasurer.fetch_withdrawals("USDT") if each["id"] == asked["id"]]
        return found if found["status"] == "ok" else None

    done = eventually(ended)
    assert (done["amount"], done["fee"], done["timestamp"]) == (
        *(asked["amount"], asked["fee"], asked["timestamp"]),
    )
    assert len(done["txid"]) == 64
    after = treasurer.fetch_balance()["USDT"]
    assert after["total"] == pytest.approx(before["total"] - 252.523456)
    assert after["used"] == before["used"]
    with pytest.raises(ccxt.ExchangeError, match="Invalid Parameter"):
        treasurer.v2_private_post_assets_cancel_withdraw({"withdraw_id": int(asked["id"])})


def test_between_users(treasurer: Any, venue: Hosted) -> None:
    poor = client(venue.url, venue.poor)
    sent = treasurer.withdraw("USDT", 5, "poor", None, {"withdraw_method": "inter_user"})
    assert (sent["status"], sent["amount"], sent["fee"]["cost"]) == ("ok", 5.0, 0.0)
    (received,) = poor.fetch_deposits("USDT")
    assert (received["status"], received["amount"], received["address"]) == ("ok", 5.0, "treasurer")
    assert poor.fetch_balance()["USDT"]["free"] == 5.0
    assert poor.fetch_withdrawals() == []


def test_what_is_refused(treasurer: Any, venue: Hosted) -> None:
    with pytest.raises(ccxt.InsufficientFunds, match="balance not enough"):
        treasurer.withdraw("USDT", 10_000_000, ADDRESS, None, TRC20)
    with pytest.raises(ccxt.ExchangeError, match="Invalid Withdrawal Address"):
        treasurer.withdraw("USDT", 10, ADDRESS[:-1] + "x", None, TRC20)
    with pytest.raises(ccxt.ExchangeError, match="Invalid Parameter"):
        treasurer.withdraw("USDT", 10, ADDRESS)
    with pytest.raises(ccxt.ExchangeError, match="Invalid Parameter"):
        treasurer.withdraw("USDT", 1.999999, ADDRESS, None, TRC20)
    with pytest.raises(ccxt.PermissionDenied):
        client(venue.url, venue.trader).withdraw("USDT", 10, ADDRESS, None, TRC20)


def test_fees(treasurer: Any) -> None:
    fees = treasurer.fetch_deposit_withdraw_fees()
    assert fees["USDT"]["withdraw"] == {"fee": 2.4, "percentage": False}
    assert set(fees["USDT"]["networks"]) == {"TRC20", "ERC20"}
    assert fees["USDT"]["networks"]["TRC20"]["withdraw"] == {"fee": 2.4, "percentage": False}
    assert fees["BTC"]["networks"] == {}
    one = treasurer.fetch_deposit_withdraw_fee("USDT")
    assert one["withdraw"]["fee"] == 2.4
    currency = treasurer.fetch_currencies()["USDT"]
    assert (currency["networks"]["TRC20"]["fee"], currency["deposit"], currency["withdraw"]) == (
        2.4,
        True,
        True,
    )
