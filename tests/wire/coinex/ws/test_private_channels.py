"""order, stop, user_deals, balance and notice (reference/coinex/websocket.md §8), and futures."""

from decimal import Decimal
from typing import Any

import pytest

from openbourse.core import commands as c
from openbourse.core.units import MONEY_UNIT
from openbourse.wire.coinex.ws.notice import NoticeInfo
from tests.wire.coinex.ws.book_keeper import canonical
from tests.wire.coinex.ws.world import Client, World

ORDER_FIELDS = {
    "order_id",
    "market",
    "margin_market",
    "type",
    "side",
    "amount",
    "price",
    "unfilled_amount",
    "filled_amount",
    "filled_value",
    "taker_fee_rate",
    "maker_fee_rate",
    "base_ccy_fee",
    "quote_ccy_fee",
    "discount_ccy_fee",
    "last_filled_amount",
    "last_filled_price",
    "client_id",
    "created_at",
    "updated_at",
}
STOP_FIELDS = {
    "stop_id",
    "market",
    "margin_market",
    "type",
    "side",
    "amount",
    "price",
    "trigger_price",
    "trigger_direction",
    "trigger_price_type",
    "taker_fee_rate",
    "maker_fee_rate",
    "client_id",
    "status",
    "created_at",
    "updated_at",
}
DEAL_FIELDS = {
    "deal_id",
    "created_at",
    "market",
    "side",
    "order_id",
    "client_id",
    "margin_market",
    "price",
    "amount",
    "role",
    "fee",
    "fee_ccy",
}


def watcher(world: World, user: int) -> Client:
    """A signed client that hears everything of its own."""
    client = world.signed(user)
    for channel in ("order", "stop", "user_deals"):
        assert client.subscribe(channel) == [], "no snapshot"
    assert client.subscribe("balance", key="ccy_list") == []
    return client


def orders(client: Client) -> list[tuple[str, str, str]]:
    return [
        (push["event"], push["order"]["filled_amount"], push["order"]["unfilled_amount"])
        for push in client.take("order.update")
    ]


def test_the_life_of_an_order(world: World) -> None:
    client = watcher(world, 1)
    order = world.place(1, "buy", "2", "100", client_id="bot-1")
    (push,) = client.take("order.update")
    assert push["event"] == "put"
    assert set(push["order"]) == ORDER_FIELDS
    assert push["order"] == push["order"] | {
        "order_id": order, "market": "BTCUSDT", "margin_market": "", "type": "limit", "side": "buy",
        "amount": "2", "price": "100", "unfilled_amount": "2", "filled_amount": "0", "filled_value": "0",
        "taker_fee_rate": "0.002", "maker_fee_rate": "0.002", "last_filled_amount": "0",
        "last_filled_price": "0", "client_id": "bot-1", "created_at": world.now, "updated_at": world.now,
    }  # fmt: skip
    world.place(2, "sell", "0.5", "100")
    assert orders(client) == [("update", "0.5", "1.5")]
    world.now += 1
    world.do(c.ModifyOrder(world.now, 1, "spot", "BTCUSDT", order, None, 99 * 10**12))
    assert orders(client) == [("modify", "0.5", "1.5")]
    world.place(2, "sell", "1.5", "99")
    (push,) = client.take("order.update")
    assert push["event"] == "finish"
    assert push["order"]["filled_value"] == "198.5"
    assert push["order"]["base_ccy_fee"] == "0.004"
    assert (push["order"]["last_filled_amount"], push["order"]["last_filled_price"]) == ("1.5", "99")


def test_an_order_that_is_filled_at_once_only_finishes(world: World) -> None:
    client = watcher(world, 1)
    world.place(2, "sell", "2", "100")
    world.place(1, "buy", "1", "100")
    world.place(1, "buy", "2", "100", kind="ioc")
    assert orders(client) == [("finish", "1", "0"), ("finish", "1", "1")]


def test_a_cancelled_order_finishes(world: World) -> None:
    client = watcher(world, 1)
    world.cancel(1, world.place(1, "sell", "1", "100", kind="post_only"))
    put, finish = client.take("order.update")
    assert (put["event"], finish["event"]) == ("put", "finish")
    assert put["order"]["type"] == "maker_only"


def test_a_market_order_in_quote_counts_in_quote(world: World) -> None:
    client = watcher(world, 1)
    world.place(2, "sell", "2", "100")
    request = c.OrderRequest(1, "spot", "BTCUSDT", "buy", "market", 50 * MONEY_UNIT, 0, in_quote=True)
    world.do(c.PlaceOrder(world.now, request))
    (push,) = client.take("order.update")
    found = {name: push["order"][name] for name in ("amount", "price", "filled_amount", "filled_value")}
    assert found == {"amount": "50", "price": "0", "filled_amount": "0.5", "filled_value": "50"}


def test_stops_are_put_triggered_and_cancelled(world: World) -> None:
    client = watcher(world, 1)
    world.stop(1, "buy", "1", "100", "105")
    stop = world.stop(1, "sell", "1", "100", "95")
    puts = client.take("stop.update")
    assert all(set(push["stop"]) == STOP_FIELDS for push in puts)
    assert [(push["event"], push["stop"]["status"]) for push in puts] == [("put", "put")] * 2
    assert puts[0]["stop"]["trigger_price_type"] == "latest_price"
    assert puts[0]["stop"]["margin_market"] == ""
    world.do(c.CancelStop(world.now, 1, "spot", "BTCUSDT", stop))
    (push,) = client.take("stop.update")
    assert (push["event"], push["stop"]["status"], push["stop"]["stop_id"]) == ("cancel", "cancel", stop)
    world.place(2, "sell", "1", "105")
    world.place(3, "buy", "1", "105")
    messages = client.take()
    assert [message["method"] for message in messages] == ["stop.update", "order.update", "balance.update"]
    assert (messages[0]["data"]["event"], messages[0]["data"]["stop"]["status"]) == (
        "active",
        "active_success",
    )


def test_a_stop_whose_order_is_refused_fails(world: World) -> None:
    client = watcher(world, 1)
    world.stop(1, "buy", "1", "100", "105")
    world.do(c.SetUserStatus(world.now, 1, "no_trading"))
    world.place(2, "sell", "1", "105")
    world.place(3, "buy", "1", "105")
    put, active = client.take("stop.update")
    assert (put["event"], active["event"], active["stop"]["status"]) == ("put", "active", "active_fail")


def test_a_changed_stop_is_cancelled_and_put_anew(world: World) -> None:
    client = watcher(world, 1)
    old = world.stop(1, "buy", "1", "100", "105")
    world.do(c.ModifyStop(world.now, 1, "spot", "BTCUSDT", old, None, None, 106 * 10**12))
    _, cancel, put = client.take("stop.update")
    assert (cancel["event"], cancel["stop"]["stop_id"]) == ("cancel", old)
    assert (put["event"], put["stop"]["trigger_price"]) == ("put", "106")
    assert put["stop"]["stop_id"] != old


def test_one_fill_is_told_as_order_then_deal_then_balance(world: World) -> None:
    maker, taker = watcher(world, 1), watcher(world, 2)
    sell = world.place(1, "sell", "0.2", "100", client_id="m")
    maker.take()
    buy = world.place(2, "buy", "0.2", "100", client_id="t")
    deal: dict[str, Any] = {}
    for client, own in ((maker, sell), (taker, buy)):
        messages = client.take()
        assert [message["method"] for message in messages] == [
            "order.update", "user_deals.update", "balance.update", "balance.update",
        ]  # fmt: skip
        deal = messages[1]["data"]
        assert set(deal) == DEAL_FIELDS
        assert deal["order_id"] == messages[0]["data"]["order"]["order_id"] == own
    assert deal == deal | {
        "market": "BTCUSDT", "margin_market": "", "side": "buy", "client_id": "t", "price": "100",
        "amount": "0.2", "role": "taker", "fee": "0.0004", "fee_ccy": "BTC", "created_at": world.now,
    }  # fmt: skip


def test_a_balance_push_has_one_balance_in_full(world: World) -> None:
    client = watcher(world, 1)
    world.place(1, "buy", "1", "100")
    (push,) = client.take("balance.update")
    assert push == {
        "balance_list": [
            {
                "margin_market": "",
                "ccy": "USDT",
                "available": "99999900",
                "frozen": "100",
                "updated_at": world.now,
            }
        ]
    }
    world.do(c.Deposit(world.now, "more", 1, "BTC", MONEY_UNIT // 10))
    (push,) = client.take("balance.update")
    assert push["balance_list"][0]["available"] == "100000000.1"


def test_trading_with_oneself_gives_two_deals(world: World) -> None:
    client = watcher(world, 1)
    world.place(1, "sell", "1", "100")
    world.place(1, "buy", "1", "100")
    assert sorted(deal["role"] for deal in client.take("user_deals.update")) == ["maker", "taker"]


def test_names_narrow_private_channels(world: World) -> None:
    client = world.signed(1)
    for channel in ("order", "user_deals"):
        client.subscribe(channel, "ETHUSDT")
    client.subscribe("balance", "ETH", "NOSUCH", key="ccy_list")
    for market in ("BTCUSDT", "ETHUSDT"):
        world.place(2, "sell", "1", "100", market=market)
        world.place(1, "buy", "1", "100", market=market)
    messages = client.take()
    assert [message["method"] for message in messages] == [
        "order.update",
        "user_deals.update",
        "balance.update",
    ]
    assert messages[2]["data"]["balance_list"][0]["ccy"] == "ETH"


def test_unknown_currencies_are_passed_over(world: World) -> None:
    client = world.signed(1)
    client.subscribe("balance", "NOSUCH", key="ccy_list")
    world.place(1, "buy", "1", "100")
    assert client.take() == [], "nobody asked for all"
    client.subscribe("balance", key="ccy_list")
    assert client.ask("balance.unsubscribe", {"ccy_list": ["NOSUCH"]})[0]["code"] == 0
    world.place(1, "buy", "1", "100")
    assert len(client.take("balance.update")) == 1, "all is still all"


def test_nothing_is_kept_of_unknown_currencies(world: World) -> None:
    client = world.signed(1)
    strange = [f"X{number}" for number in range(1000)]
    for held in (["BTC"], []):
        client.subscribe("balance", *held, key="ccy_list")
        for verb in ("subscribe", "unsubscribe"):
            assert client.ask(f"balance.{verb}", {"ccy_list": strange})[0]["code"] == 0
        assert world.hub.spot["balance"].count(client.session) == len(held)


def test_nobody_hears_of_others(world: World) -> None:
    client, unsigned = watcher(world, 1), world.client()
    world.place(2, "sell", "1", "100")
    world.place(3, "buy", "1", "100")
    assert client.take() == unsigned.take() == []


def test_all_connections_of_a_user_hear_the_same(world: World) -> None:
    first, second = watcher(world, 1), watcher(world, 1)
    world.place(1, "buy", "1", "100")
    assert first.socket.frames == second.socket.frames
    assert len(first.take()) == 2


def test_a_slow_reader_gets_every_private_push(world: World) -> None:
    client = watcher(world, 1)
    client.session.paused = True
    for _ in range(5):
        world.place(1, "buy", "1", "100")
    assert len(client.take("order.update")) == 5


def test_unsubscribing_ends_it(world: World) -> None:
    client = watcher(world, 1)
    for channel in ("order", "stop", "user_deals", "balance"):
        assert client.ask(f"{channel}.unsubscribe", {})[0]["code"] == 0
    world.place(1, "buy", "1", "100")
    assert client.take() == []


def test_pushes_follow_the_batch_in_the_order_of_events(world: World) -> None:
    client = watcher(world, 1)
    batch = [
        c.PlaceOrder(world.now, c.OrderRequest(1, "spot", "BTCUSDT", "buy", "limit", 10**12, price * 10**12))
        for price in range(10, 40)
    ]
    world.do(*batch)
    messages = client.take()
    assert [message["method"] for message in messages] == ["order.update", "balance.update"] * 30
    prices = [message["data"]["order"]["price"] for message in messages[::2]]
    assert prices == [str(price) for price in range(10, 40)]
    frozen = [Decimal(message["data"]["balance_list"][0]["frozen"]) for message in messages[1::2]]
    assert frozen == sorted(frozen)


def test_every_number_is_plain(world: World) -> None:
    client = watcher(world, 1)
    client.subscribe("state")
    client.subscribe("bbo")
    client.subscribe("deals")
    client.depth("BTCUSDT", 5, "0", always_full=True)
    world.place(2, "sell", "0.00000001", "0.01")
    world.place(1, "buy", "12345678.00000001", "0.07")
    world.tick()
    texts = [text for message in client.take() for text in _numbers(message["data"])]
    assert len(texts) > 30
    assert all(text == canonical(text) for text in texts)


def _numbers(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for value in data.values() for text in _numbers(value)]
    if isinstance(data, list):
        return [text for value in data for text in _numbers(value)]
    return [data] if isinstance(data, str) and data[:1].isdigit() else []


# -- notice -----------------------------------------------------------------------------------------


def test_maintenance_is_announced_to_whoever_asked(world: World) -> None:
    spot, futures, silent = world.signed(1), world.client("futures"), world.signed(3)
    assert futures.sign(world.key(2))["code"] == 0
    for client in (spot, futures):
        assert client.ask("notice.subscribe", {"channels": [101]})[0]["code"] == 0
    world.hub.announce(NoticeInfo(1, 2, ["SPOT"], 2, 3))
    expected = {
        "channel": 101,
        "info": {
            "start_time": 1,
            "end_time": 2,
            "scope": ["SPOT"],
            "protect_duration_start": 2,
            "protect_duration_end": 3,
        },
    }
    assert spot.take("notice.update") == futures.take("notice.update") == [expected]
    assert silent.take() == []
    assert spot.ask("notice.unsubscribe", {"channels": []})[0]["code"] == 0
    world.hub.announce(NoticeInfo(1, 2, ["SPOT"], 2, 3))
    assert spot.take() == []


def test_only_what_is_named_or_all_of_it_is_unsubscribed(world: World) -> None:
    client = world.signed(1)
    for channels, heard in (([102], 1), ([101], 0), ([102, 101], 0), (None, 0), ([], 0)):
        assert client.ask("notice.subscribe", {"channels": [101]})[0]["code"] == 0
        assert client.ask("notice.unsubscribe", {"channels": channels})[0]["code"] == 0
        world.hub.announce(NoticeInfo(1, 2, ["SPOT"], 2, 3))
        assert len(client.take("notice.update")) == heard


@pytest.mark.parametrize("channels", [[], None, [102], ["101"], [101, 7], [True], [101.0]])
def test_there_is_one_thing_to_be_told_of(world: World, channels: object) -> None:
    assert world.signed(1).ask("notice.subscribe", {"channels": channels})[0]["code"] == 20001


# -- futures ----------------------------------------------------------------------------------------


def test_futures_have_no_markets_yet(world: World) -> None:
    client = world.client("futures")
    assert client.ask("server.ping")[0]["data"] == {"result": "pong"}
    assert client.sign(world.key(1))["code"] == 0
    for channel in ("state", "deals", "bbo", "index", "premium", "order", "stop", "user_deals", "position"):
        assert client.ask(f"{channel}.subscribe", {"market_list": []})[0]["code"] == 0
        assert client.ask(f"{channel}.subscribe", {"market_list": ["BTCUSDT"]})[0]["code"] == 20001
        assert client.ask(f"{channel}.unsubscribe", {"market_list": ["BTCUSDT"]})[0]["code"] == 0
    assert client.ask("depth.subscribe", {"market_list": [["BTCUSDT", 5, "0", True]]})[0]["code"] == 20001
    assert client.ask("balance.subscribe", {"ccy_list": ["USDT"]})[0]["code"] == 0
    assert client.ask("balance.subscribe", {"ccy_list": [1]})[0]["code"] == 20001
    assert client.ask("kline.subscribe", {})[0]["code"] == 20002
    world.place(1, "sell", "1", "100")
    world.place(2, "buy", "1", "100")
    world.tick(25)
    assert client.take() == []


def test_funds_for_futures_are_told_on_their_own_endpoint(world: World) -> None:
    spot, futures, stranger = watcher(world, 1), world.client("futures"), world.client("futures")
    for client, user in ((futures, 1), (stranger, 2)):
        assert client.sign(world.key(user))["code"] == 0
        assert client.subscribe("balance", "USDT", "NOSUCH", key="ccy_list") == [], "no snapshot"
    for asset in ("USDT", "BTC"):
        amount = 3 * MONEY_UNIT // 2
        world.do(c.Transfer(world.now, f"t{asset}", 1, "spot", 1, "futures", asset, amount))
    (push,) = futures.take("balance.update")
    assert push == {
        "balance_list": [
            {
                "ccy": "USDT",
                "available": "1.5",
                "frozen": "0",
                "margin": "0",
                "transferrable": "1.5",
                "unrealized_pnl": "0",
                "equity": "1.5",
            }
        ]
    }
    assert {entry["ccy"] for push in spot.take("balance.update") for entry in push["balance_list"]} == {
        "USDT",
        "BTC",
    }
    world.place(1, "buy", "1", "100")
    assert futures.take() == stranger.take() == [], "neither the spot wallet nor somebody else's"
    assert futures.ask("balance.unsubscribe", {"ccy_list": []})[0]["code"] == 0
    world.do(c.Transfer(world.now, "back", 1, "futures", 1, "spot", "USDT", MONEY_UNIT))
    assert futures.take() == []


@pytest.mark.parametrize("channel", ["order", "stop", "user_deals", "position", "balance", "notice"])
def test_private_futures_channels_need_a_signature(world: World, channel: str) -> None:
    assert world.client("futures").ask(f"{channel}.subscribe", {})[0]["code"] == 21001
