"""Money that one protocol sends away is on its way in the other one, too."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from openbourse.wire.coinw.app import PATHS, CoinwApp
from openbourse.wire.coinw.desk import Desk
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.router import Router
from tests.wire.calling import call
from tests.wire.coinex.bench import Bench, Client, address_outside, open_bench
from tests.wire.coinw.bench import sign

OUT = {"ccy": "USDT", "chain": "TRC20", "amount": "250", "to_address": address_outside()}


class OnCoinw:
    """The same user, who speaks the other protocol."""

    def __init__(self, bench: Bench, client: Client) -> None:
        self.key = bench.operations.add_key(client.user, "coinw", withdraw_allowed=True)
        desk = Desk(bench.front, CoinwSettings(rate_limits=False, withdrawals=True))
        self.app = Application(Router({}, dict.fromkeys(PATHS, CoinwApp(desk))))

    async def ask(self, action: str, **params: object) -> Any:
        texts = {name: str(value) for name, value in params.items()} | {"api_key": self.key.key_id}
        texts["sign"] = sign(texts, self.key.secret)
        answer = await call(self.app, "POST", f"/appApi.html?action={action}", urlencode(texts).encode())
        assert answer.json["code"] == 200, answer.json
        return answer.json["data"]

    async def record(self) -> dict[str, Any]:
        (row,) = await self.ask("withdraw_record", symbol="USDT")
        return dict(row)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as bench:
        bench.allow(bench.alice, address_outside())
        yield bench


async def listed(bench: Bench) -> dict[str, Any]:
    (row,) = (await bench.alice.get("/assets/withdraw")).data
    return dict(row)


async def states(bench: Bench, coinw: OnCoinw) -> tuple[str, int]:
    return (await listed(bench))["status"], (await coinw.record())["status"]


async def test_sent_on_coinex_and_followed_on_coinw(bench: Bench) -> None:
    coinw = OnCoinw(bench, bench.alice)
    asked = (await bench.treasurer(bench.alice).post("/assets/withdraw", **OUT)).data
    row = await coinw.record()
    assert (row["id"], row["amount"], row["fees"]) == (asked["withdraw_id"], 250, 2.4)
    assert (row["withdraw_virtual_address"], row["createTime"]) == (asked["to_address"], asked["created_at"])
    assert await states(bench, coinw) == ("audited", 1)
    await bench.blocks(2)
    assert await states(bench, coinw) == ("confirming", 2)
    await bench.blocks(20)
    assert await states(bench, coinw) == ("finished", 3)


async def test_sent_on_coinw_and_followed_on_coinex(bench: Bench) -> None:
    coinw = OnCoinw(bench, bench.alice)
    await coinw.ask("withdraw", symbol="USDT", amount="252.4", withdrawaddress=address_outside())
    row = await listed(bench)
    assert row["withdraw_id"] == (await coinw.record())["id"]
    expected = {"amount": "252.4", "actual_amount": "250", "tx_fee": "2.4", "chain": "TRC20", "memo": ""}
    assert {name: row[name] for name in expected} == expected
    assert (await bench.alice.balance())["USDT"] == ("999747.6", "252.4")
    await bench.blocks(22)
    assert await states(bench, coinw) == ("finished", 3)
    assert len((await listed(bench))["tx_id"]) == 64


async def test_taken_back_by_the_other_one(bench: Bench) -> None:
    coinw, treasurer = OnCoinw(bench, bench.alice), bench.treasurer(bench.alice)
    number = (await treasurer.post("/assets/withdraw", **OUT)).data["withdraw_id"]
    await coinw.ask("cancel_withdraw", id=number)
    assert await states(bench, coinw) == ("cancelled", 4)
    await coinw.ask("withdraw", symbol="USDT", amount="252.4", withdrawaddress=address_outside())
    number = (await bench.alice.get("/assets/withdraw")).data[0]["withdraw_id"]
    assert (await treasurer.post("/assets/cancel-withdraw", withdraw_id=number)).code == 0
    assert [row["status"] for row in await coinw.ask("withdraw_record", symbol="USDT")] == [4, 4]
    assert (await bench.alice.balance())["USDT"] == ("1000000", "0")
