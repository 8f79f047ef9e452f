"""Real clients are recorded and replayed: nothing differs, and what was changed is found."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import ccxt.async_support
import ccxt.pro
import msgspec
import pytest

from openbourse.sandbox.recording import player
from openbourse.sandbox.recording.fresh import fresh_venue
from openbourse.sandbox.recording.lines import Closed, Received, SandboxState, Sent
from openbourse.wire.recorded import Signer
from tests.compliance.recording.recorded import (
    MARKET,
    NOW,
    STATE,
    Scene,
    clients,
    edit,
    keys_of,
    lines,
    recorded,
    replayed,
)

SECONDS = 30.0


async def trade(scene: Scene) -> None:
    """Orders of all fates on both wires, and every kind of answer: good, refused, and badly signed."""
    async with clients(scene) as (one, other):
        order = await one.create_order(MARKET, "limit", "buy", 0.01, 50_000, {"clientOrderId": "mine"})
        await other.create_order(MARKET, "limit", "sell", 0.004, 50_000)
        await other.create_order(MARKET, "market", "sell", 0.001)
        await one.edit_order(order["id"], MARKET, "limit", "buy", 0.009, 49_000)
        await one.create_order(MARKET, "limit", "sell", 0.01, 60_000, {"triggerPrice": 55_000})
        assert (await one.fetch_order(order["id"], MARKET))["filled"] == 0.005
        assert len(await one.fetch_my_trades(MARKET)) == 2
        await one.fetch_open_orders(MARKET)
        await one.cancel_order(order["id"], MARKET)
        with pytest.raises(ccxt.InsufficientFunds):
            await one.create_order(MARKET, "limit", "buy", 10_000, 50_000)
        await scene.ask("POST", "/sandbox/clock", b'{"advance": 90}')
        await one.fetch_balance()
        await one.fetch_ticker(MARKET)
        await one.fetch_ohlcv(MARKET)
        await one.fetch_order_book(MARKET)
        await one.fetch_deposit_address("USDT", {"network": "TRC20"})
        other.secret = "forgotten"
        with pytest.raises(ccxt.AuthenticationError):
            await other.fetch_balance()
        other.apiKey = "nobody"
        with pytest.raises(ccxt.AuthenticationError, match="access_id not exists"):
            await other.fetch_balance()
    symbol = str(scene.fresh.playground.venue.listing.number("market", "BTCUSDT"))
    placed = await scene.coinw("trade", 1, symbol=symbol, type="1", amount="0.01", price="61000")
    await scene.coinw("cancel_entrust", 1, id=str(placed["data"]))
    assert (await scene.coinw("order", 1, id=str(placed["data"])))["code"] == 200
    assert (await scene.coinw("userinfo", 1))["code"] == 200


async def test_a_session_of_ccxt_and_of_the_other_wire_is_the_same_again(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        await trade(scene)
    notes: list[str] = []
    assert await replayed(scene.file, notes) == []
    assert notes == [f"{scene.recorder.messages} messages compared, values and all"]


async def buy(scene: Scene, price: str, user: int = 0) -> int:
    """The id of a limit order."""
    order = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit"}
    answer = await scene.coinex("POST", "/v2/spot/order", user, **order, amount="0.01", price=price)
    assert answer["code"] == 0, answer
    return int(answer["data"]["order_id"])


async def test_what_was_changed_is_found_where_it_is(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        for price in ("50000", "49000"):
            await buy(scene, price)
    edit(scene.file, 5, '\\"price\\":\\"49000\\"', '\\"price\\":\\"49001\\"')
    (found,) = await replayed(scene.file)
    assert found.number == 5
    assert "POST /v2/spot/order" in found.about
    assert found.difference == ("data.price", '"49001"', '"49000"')
    assert [text.split(":")[0] for text in found.before] == ["line 2", "line 3", "line 4"]
    # Values do not count when only the shape is compared, but names do.
    assert await replayed(scene.file, values=False) == []
    edit(scene.file, 5, '\\"price\\"', '\\"prize\\"')
    (found,) = await replayed(scene.file, values=False)
    assert found.difference == ("data.prize", '"49001"', "nothing")


async def watch(scene: Scene) -> None:
    """A watcher sees all channels while somebody else trades; then it leaves."""
    async with clients(scene, ccxt.pro) as (watcher, other):
        await watcher.load_markets()
        await other.load_markets()
        await other.create_order(MARKET, "limit", "sell", 1, 50_000)
        seen: dict[str, list[Any]] = {
            name: [] for name in ("book", "trades", "orders", "mine", "money", "best")
        }

        async def note(name: str, watching: Any) -> None:
            while True:
                seen[name].append(await watching())

        tasks = [
            asyncio.create_task(note(name, watching))
            for name, watching in {
                "book": lambda: watcher.watch_order_book(MARKET),
                "trades": lambda: watcher.watch_trades(MARKET),
                "orders": lambda: watcher.watch_orders(MARKET),
                "mine": lambda: watcher.watch_my_trades(MARKET),
                "money": watcher.watch_balance,
                "best": lambda: watcher.watch_bids_asks([MARKET]),
            }.items()
        ]
        await _until(lambda: bool(seen["book"] and seen["best"]) and _subscribed(scene))
        for _ in range(3):
            await watcher.create_order(MARKET, "limit", "buy", 0.01, 50_000)
        await _until(lambda: bool(seen["money"] and seen["trades"]) and len(_ids(seen["mine"])) == 3)
        await _until(lambda: len(_ids(seen["orders"])) == 3)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _ids(seen: list[list[dict[str, Any]]]) -> set[str]:
    """Of everything that came: ccxt.pro tells together what comes together."""
    return {each["id"] for some in seen for each in some}


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


def _subscribed(scene: Scene) -> bool:
    """Has the watcher asked for everything of its own?"""
    asked = [line.text for line in lines(scene.file) if isinstance(line, Sent)]
    channels = ("order", "user_deals", "balance", "deals")
    return all(any(f'"{name}.subscribe"' in text for text in asked) for name in channels)


async def test_a_fault_for_one_key_is_for_the_same_users_again(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        key = scene.fresh.traders[1].keys["coinex"].key_id
        await scene.ask("POST", "/sandbox/faults", msgspec.json.encode({"kind": "busy", "key": key}))
        for user, code in ((0, 0), (1, 3008)):
            assert (await scene.coinex("GET", "/v2/assets/spot/balance", user))["code"] == code
    assert key not in scene.file.read_text()
    assert await replayed(scene.file) == []


async def test_a_session_of_ccxt_pro_is_the_same_again_and_a_changed_push_is_found(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        await watch(scene)
    heard = [line.text if isinstance(line, Received) else "" for line in lines(scene.file)]
    for method in ("depth", "deals", "order", "user_deals", "balance", "bbo"):
        assert any(f'"method":"{method}.update"' in text for text in heard), method
    assert await replayed(scene.file) == []
    number = next(number for number, text in enumerate(heard, start=2) if '"user_deals.update"' in text)
    edit(scene.file, number, '\\"role\\":\\"taker\\"', '\\"role\\":\\"maker\\"')
    (found,) = await replayed(scene.file)
    assert found.number == number
    assert found.difference == ("user_deals.update role", '"maker"', '"taker"')


async def test_a_changed_state_of_a_book_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        recorded(tmp_path) as scene,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{scene.url}/v2/spot") as socket,
    ):
        wanted = [["BTCUSDT", 10, "0", False]]
        await socket.send_json({"method": "depth.subscribe", "params": {"market_list": wanted}, "id": 1})
        for _ in ("answer", "empty book"):
            await socket.receive()
        await buy(scene, "50000")
        await socket.receive()
    assert await replayed(scene.file) == []
    number = max(
        number
        for number, line in enumerate(lines(scene.file), start=2)
        if isinstance(line, Received) and '"depth.update"' in line.text
    )
    edit(scene.file, number, '[\\"50000\\",\\"0.01\\"]', '[\\"50000\\",\\"0.02\\"]')
    # It will never come: no need to wait as long for it as for what is only late.
    monkeypatch.setattr(player, "STATE_SECONDS", 1.0)
    (found,) = await replayed(scene.file)
    assert found.difference == ("depth.update/BTCUSDT bids.50000", '"0.02"', '"0.01"')


async def test_bots_on_a_stepped_clock_do_the_same_again(tmp_path: Path) -> None:
    state = SandboxState(
        began=NOW - 600_000, time=NOW, sequence=0, seed=7, bots=True, history=600, stepped=True
    )
    async with recorded(tmp_path, state) as scene:
        for _ in range(3):
            ticker = await scene.ask("GET", "/v2/spot/ticker?market=BTCUSDT")
            last = msgspec.json.decode(ticker)["data"][0]["last"]
            await buy(scene, str(round(float(last) * 1.01, 2)))
            await scene.ask("POST", "/sandbox/clock", b'{"advance": 5}')
            await scene.ask("GET", "/v2/spot/depth?market=BTCUSDT&limit=20&interval=0")
        mine: dict[str, Any] = {"market": "BTCUSDT", "market_type": "SPOT"}
        assert len((await scene.coinex("GET", "/v2/spot/user-deals", **mine))["data"]) >= 3
    assert await replayed(scene.file) == []


async def test_ids_are_translated_for_a_venue_that_has_lived(tmp_path: Path) -> None:
    market: dict[str, Any] = {"market": "BTCUSDT", "market_type": "SPOT"}
    async with recorded(tmp_path) as scene:
        await buy(scene, "50000")
        second = await buy(scene, "49000")
        await scene.coinex("GET", "/v2/spot/order-status", market="BTCUSDT", order_id=second)
        await scene.coinex("POST", "/v2/spot/cancel-order", **market, order_id=second)
        await scene.coinex("GET", "/v2/spot/pending-order", **market)
    async with fresh_venue(STATE, tmp_path / "other") as other:
        lived = Scene(other, other.url, scene.file, scene.recorder)
        first = await buy(lived, "48000", user=1)
        assert first != second
        assert await replayed(scene.file, against=other.url, users=keys_of(other)) == []
        # A second time there is an open order more: that is a difference, and it is found.
        (found,) = await replayed(scene.file, against=other.url, users=keys_of(other))
        assert found.difference.path == "data[1]"


async def test_keys_that_a_session_makes_are_known_in_its_replay(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        assert (await scene.coinex("POST", "/v2/account/subs", sub_user_name="helper1"))["code"] == 0
        wanted: dict[str, Any] = {"sub_user_name": "helper1", "ip_whitelist": [], "trade_enabled": True}
        made = await scene.coinex("POST", "/v2/account/subs/api", **wanted)
        signer = Signer(made["data"]["access_id"], made["data"]["secret_key"])
        assert (await scene.signed("GET", "/v2/assets/spot/balance", signer, {}))["code"] == 0
    text = scene.file.read_text()
    assert signer.key_id not in text
    assert signer.secret not in text
    assert await replayed(scene.file) == []


async def test_no_recording_of_a_sandbox_is_compared_in_its_shape(tmp_path: Path) -> None:
    async with recorded(tmp_path) as scene:
        await scene.ask("GET", "/v2/spot/market?market=BTCUSDT")
        await scene.ask("GET", "/v2/spot/market?market=NOSUCH")
    text = scene.file.read_text()
    start = text.index(',"sandbox":{')
    scene.file.write_text(text[:start] + text[text.index("}", start) + 1 :])
    notes: list[str] = []
    assert await replayed(scene.file, notes) == []
    assert notes[0] == "this is no recording of a sandbox: the markets are others here"
    assert notes[-1].endswith("names, types and codes only")


async def test_a_server_that_hangs_up_is_expected_to(tmp_path: Path) -> None:
    async with (
        recorded(tmp_path) as scene,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{scene.url}/v2/spot") as socket,
    ):
        await socket.send_str('{"method":"server.ping","params":{},"id":1}')
        await socket.receive()
        await scene.ask("POST", "/sandbox/faults", b'{"kind":"disconnect","count":1}')
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    closed = [line for line in lines(scene.file) if isinstance(line, Closed)]
    assert [(line.by, line.code) for line in closed] == [("server", 1001)]
    assert await replayed(scene.file) == []
