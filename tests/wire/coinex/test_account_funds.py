"""Transfers, balances of every account, statement, settings and referrals (account-assets.md Part B)."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, get_args

import pytest

from openbourse.core.commands import Adjust, Destination, RequestWithdrawal
from openbourse.core.events import BalanceCause
from openbourse.core.units import MONEY_UNIT
from openbourse.wire.coinex import referral
from openbourse.wire.coinex.statement import CAUSES
from tests.wire.coinex.bench import START, Bench

IN = {"from_account_type": "SPOT", "to_account_type": "FUTURES", "ccy": "USDT"}
OUT = {"from_account_type": "FUTURES", "to_account_type": "SPOT", "ccy": "USDT"}
DAY_MS = 24 * 3600 * 1000


# -- transfers --------------------------------------------------------------------------------------


async def test_money_goes_into_the_futures_account_and_back(bench: Bench) -> None:
    steps: list[tuple[dict[str, str], str]] = [(IN, "250.5"), (IN, "0.000000000000000001"), (OUT, "100")]
    for direction, amount in steps:
        bench.clock.time += 1000
        assert (await bench.alice.post("/assets/transfer", **direction, amount=amount)).data == {}
    (row,) = (await bench.alice.get("/assets/futures/balance")).data
    left = "150.500000000000000001"
    assert row == {
        "ccy": "USDT",
        "available": left,
        "frozen": "0",
        "margin": "0",
        "unrealized_pnl": "0",
        "transferrable": left,
        "equity": left,
    }
    assert (await bench.alice.balance())["USDT"] == ("999849.499999999999999999", "0")
    over = await bench.alice.post("/assets/transfer", **OUT, amount="150.500000000000000002")
    assert (over.code, over.message) == (3109, "balance not enough")

    asked = {"ccy": "USDT", "transfer_type": "FUTURES"}
    answer = await bench.alice.get("/assets/transfer-history", **asked)
    assert answer.pagination == {"total": 3, "has_next": False}
    for found, (direction, amount) in zip(answer.data, steps[::-1], strict=True):
        expected = direction | {"amount": amount, "status": "finished", "margin_market": ""}
        assert {name: found[name] for name in expected} == expected
    assert [row["created_at"] for row in answer.data] == [START + 3000, START + 2000, START + 1000]
    for more, count in (
        ({"status": "finished"}, 3),
        ({"status": "created"}, 0),
        ({"start_time": START + 2000, "end_time": START + 3000}, 2),
        ({"page": 2, "limit": 2}, 1),
        ({"ccy": "BTC"}, 0),
        ({"transfer_type": "MARGIN"}, 0),
        ({"transfer_type": "MARGIN", "market": "BTCUSDT"}, 0),
    ):
        assert len((await bench.alice.get("/assets/transfer-history", **(asked | more))).data) == count, more
    assert (await bench.bob.get("/assets/transfer-history", **asked)).data == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to_account_type": "SPOT"}, 3639),
        ({"from_account_type": "FUTURES"}, 3639),
        ({"from_account_type": "MARGIN", "market": "BTCUSDT"}, 3639),
        ({"to_account_type": "MARGIN"}, 3639),
        ({"to_account_type": "MARGIN", "market": "BTCUSDT"}, 3639),
        ({"to_account_type": "MARGIN", "market": "NOPE"}, 3639),
        ({"to_account_type": "EARN"}, 3639),
        ({"to_account_type": None}, 3639),
        ({"ccy": "XYZ"}, 3639),
        ({"amount": "0"}, 3639),
        ({"amount": "-5"}, 3639),
        ({"amount": "all"}, 3639),
        ({"amount": None}, 3639),
        ({"amount": "1000001"}, 3109),
        ({"from_account_type": "FUTURES", "to_account_type": "SPOT"}, 3109),
    ],
    ids=str,
)
async def test_no_such_transfer(bench: Bench, changed: dict[str, Any], code: int) -> None:
    before = bench.fingerprint()
    answer = await bench.alice.post("/assets/transfer", **(IN | {"amount": "5"} | changed))
    assert (answer.code, answer.json["data"]) == (code, {})
    assert bench.fingerprint() == before
    assert (await bench.alice.get("/assets/futures/balance")).data == []


@pytest.mark.parametrize(
    "changed",
    [{"ccy": None}, {"transfer_type": None}, {"transfer_type": "SPOT"}, {"status": "done"}, {"page": 0}],
    ids=str,
)
async def test_a_history_that_is_asked_for_wrongly(bench: Bench, changed: dict[str, Any]) -> None:
    given = {"ccy": "USDT", "transfer_type": "FUTURES"} | changed
    asked = {name: value for name, value in given.items() if value is not None}
    assert (await bench.alice.get("/assets/transfer-history", **asked)).code == 3639


# -- balances ---------------------------------------------------------------------------------------


async def test_margin_accounts_that_do_not_exist(bench: Bench) -> None:
    assert (await bench.alice.get("/assets/margin/balance", market="BTCUSDT")).code == 3639
    unknown = await bench.alice.get("/assets/margin/balance", market="NOPE")
    assert (unknown.code, unknown.message) == (3639, "Invalid Parameter: market NOPE not found")


async def test_the_worth_of_an_account(bench: Bench) -> None:
    empty = (await bench.carol.get("/assets/credit/info")).data
    assert empty == {
        "equity": "0",
        "repaid": "0",
        "risk_rate": "",
        "withdrawal_risk": "0",
        "withdrawal_value": "0",
    }
    await bench.alice.post("/assets/transfer", **IN, amount="250.5")
    await bench.alice.order("buy", "limit", "1", "100")
    worth = (await bench.alice.get("/assets/credit/info")).data
    assert worth["equity"] == worth["withdrawal_value"] == "1000000"  # whatever holds it, wherever it lies


# -- statement --------------------------------------------------------------------------------------


async def everything_happens(bench: Bench) -> None:
    """Alice trades both ways, transfers, withdraws, and is corrected by the operator."""
    await bench.alice.post("/account/settings", cet_discount_enabled=True)
    await bench.bob.order("sell", "limit", "1", "60000.12")
    await bench.bob.order("sell", "limit", "1", "0.5", market="CETUSDT")
    for _ in range(3):
        bench.clock.time += 1000
        await bench.alice.order("buy", "limit", "0.0333", "60000.12")
    await bench.bob.order("buy", "limit", "1", "59000")
    await bench.alice.order("sell", "market", "0.05")
    await bench.alice.post("/assets/transfer", **IN, amount="12.5")
    bench.clock.time += 1000
    now, user = bench.clock.time, bench.alice.user.id
    await bench.venue.submit(Adjust(now, "a-1", user, "USDT", -MONEY_UNIT, "a mistake"))
    to_bob = Destination("inter_user", "", "bob", receiver=bench.bob.user.id)
    five = 5 * MONEY_UNIT
    await bench.venue.submit(RequestWithdrawal(now, "w-1", user, "USDT", five, "USDT", MONEY_UNIT, to_bob))
    await bench.alice.order("buy", "limit", "0.01", "50000")


async def test_all_types_together_are_every_change(bench: Bench) -> None:
    """balance(n) = balance(n-1) + change(n), and the last one is what the account has (B8)."""
    await everything_happens(bench)
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind in CAUSES:
        page, more = 0, True
        while more:
            page += 1
            answer = await bench.alice.get("/assets/spot/transcation-history", type=kind, page=page, limit=4)
            more = answer.pagination["has_next"]
            assert set(answer.pagination) == {"has_next"}
            times = [row["created_at"] for row in answer.data]
            assert times == sorted(times, reverse=True)
            for row in answer.data:
                assert row["type"] == kind
                entries[row["ccy"]].append(row)
    assert {row["type"] for rows in entries.values() for row in rows} == {
        *("deposit", "withdraw", "trade", "transfer", "adjustment"),
    }
    for asset, (available, frozen) in (await bench.alice.balance()).items():
        chain = {Decimal(row["balance"]) - Decimal(row["change"]): row for row in entries[asset]}
        assert len(chain) == len(entries[asset])
        balance = Decimal(0)
        while chain:
            balance = Decimal(chain.pop(balance)["balance"])
        assert balance == Decimal(available) + Decimal(frozen), asset


async def test_what_a_filter_leaves(bench: Bench) -> None:
    await everything_happens(bench)
    path = "/assets/spot/transcation-history"
    trades = (await bench.alice.get(path, type="trade", limit=100)).data
    assert (await bench.alice.get("/assets/spot/transaction-history", type="trade", limit=100)).data == trades
    in_coin = (await bench.alice.get(path, type="trade", ccy="BTC", limit=100)).data
    assert in_coin == [row for row in trades if row["ccy"] == "BTC"]
    assert in_coin[0]["change"] == "-0.05"
    early = {"start_time": START + 1000, "end_time": START + 1999}
    within = (await bench.alice.get(path, type="trade", limit=100, **early)).data
    assert within == [row for row in trades if row["created_at"] == START + 1000]
    assert within
    withdrawn = (await bench.alice.get(path, type="withdraw")).data
    assert [row["change"] for row in withdrawn] == ["-1", "-5"]
    (adjusted,) = (await bench.alice.get(path, type="adjustment")).data
    assert adjusted["change"] == "-1"
    for kind in ("maker_cash_back", "investment_interest", "exchange_order_transfer"):
        assert (await bench.alice.get(path, type=kind)).data == []
    for params in ({}, {"type": "gift"}, {"type": "trade", "limit": 0}, {"type": "trade", "start_time": "x"}):
        assert (await bench.alice.get(path, **params)).code == 3639


def test_every_cause_has_a_type() -> None:
    """What an order holds is still the owner's: the one cause that changes no balance."""
    covered = [cause for causes in CAUSES.values() for cause in causes]
    assert len(covered) == len(set(covered))
    assert set(get_args(BalanceCause)) - {"order"} == set(covered)


# -- settings and referrals -------------------------------------------------------------------------


async def test_futures_settings_are_kept(bench: Bench) -> None:
    path = "/account/futures-market-settings"
    for params, shown in (
        ({"settle_switch": 1}, 1),
        ({"position_mode": "one_way"}, 1),
        ({"settle_switch": 2, "position_mode": "one_way"}, 2),
        ({"settle_switch": "1"}, 1),
    ):
        assert (await bench.alice.post(path, **params)).data == {}
        assert (await bench.alice.get(path)).data == {"settle_switch": shown, "position_mode": "one_way"}
    for refused in ({}, {"settle_switch": 3}, {"settle_switch": True}, {"position_mode": "hedge"}):
        assert (await bench.alice.post(path, **refused)).code == 3639
    assert (await bench.alice.get(path)).data["settle_switch"] == 1
    assert (await bench.bob.get(path)).data["settle_switch"] == 2


@pytest.mark.parametrize("endpoint", referral.ENDPOINTS, ids=lambda endpoint: endpoint.path)
async def test_referrals_are_looked_for_within_a_year(bench: Bench, endpoint: Any) -> None:
    path = endpoint.path.removeprefix("/v2")
    year = {"start_time": START - 365 * DAY_MS, "end_time": START}
    for given in ({}, year, {"page": 3, "limit": 100}, {"limit": 1000}, {"start_time": START - DAY_MS}):
        answer = await bench.alice.get(path, **given)
        assert answer.json == {
            "code": 0,
            "data": [],
            "pagination": {"total": 0, "has_next": False},
            "message": "OK",
        }
    for refused in (
        {"start_time": START - 367 * DAY_MS},
        {"start_time": START - 367 * DAY_MS, "end_time": START},
        {"start_time": START, "end_time": START - 1},
        {"start_time": "yesterday"},
        {"page": 0},
    ):
        assert (await bench.alice.get(path, **refused)).code == 3639
