"""state, deals, bbo and index (reference/coinex/websocket.md §7)."""

from typing import Any

from openbourse.core import commands as c
from openbourse.core.units import UNIT
from openbourse.market_data.tape import TAPE_LENGTH
from openbourse.wire.coinex.ws.hub import INDEX_EVERY_TICKS
from tests.wire.coinex.ws.world import Client, World

STATE_FIELDS = {
    "market",
    "last",
    "open",
    "close",
    "high",
    "low",
    "volume",
    "value",
    "volume_sell",
    "volume_buy",
    "period",
}


def trade(world: World, price: str, market: str = "BTCUSDT", amount: str = "1") -> None:
    world.place(1, "sell", amount, price, market=market)
    world.place(2, "buy", amount, price, market=market)


def markets_of(client: Client) -> list[list[str]]:
    return [[entry["market"] for entry in push["state_list"]] for push in client.take("state.update")]


# -- state ------------------------------------------------------------------------------------------


def test_state_begins_with_all_that_was_subscribed(world: World) -> None:
    trade(world, "100")
    (push,) = world.client().subscribe("state")
    assert [entry["market"] for entry in push["data"]["state_list"]] == ["BTCUSDT", "ETHUSDT"]
    btc, eth = push["data"]["state_list"]
    assert btc == {
        "market": "BTCUSDT", "last": "100", "open": "100", "close": "100", "high": "100", "low": "100",
        "volume": "1", "value": "100", "volume_sell": "0", "volume_buy": "1", "period": 86400,
    }  # fmt: skip
    assert set(eth) == STATE_FIELDS
    assert eth["last"] == "0"


def test_state_goes_on_with_what_changed_and_never_with_nothing(world: World) -> None:
    everything, one, other = world.client(), world.client(), world.client()
    everything.subscribe("state")
    one.subscribe("state", "BTCUSDT")
    other.subscribe("state", "ETHUSDT")
    world.tick(3)
    assert markets_of(everything) == markets_of(one) == markets_of(other) == []
    trade(world, "100")
    trade(world, "101")
    world.tick(2)
    assert markets_of(everything) == markets_of(one) == [["BTCUSDT"]]
    assert markets_of(other) == []


def test_equal_selections_share_one_message(world: World) -> None:
    clients = [world.client() for _ in range(10)]
    for client in clients[:5]:
        client.subscribe("state", "BTCUSDT", "ETHUSDT")
    for client in clients[5:]:
        client.subscribe("state")
    encoded = world.hub.desk.counters.encoded
    trade(world, "100")
    world.tick()
    assert world.hub.desk.counters.encoded == encoded + 2
    # What was sent of the two is equal this time, so it is the same for all.
    assert len({id(client.socket.frames[0]) for client in clients}) == 1


def test_a_new_subscriber_does_not_make_others_hear_things_twice(world: World) -> None:
    first = world.client()
    first.subscribe("state", "BTCUSDT")
    trade(world, "100")
    world.tick()
    assert markets_of(first) == [["BTCUSDT"]]
    world.client().subscribe("state")
    world.tick()
    assert markets_of(first) == []


def test_the_window_of_24_hours_passes_without_trades(world: World) -> None:
    trade(world, "100")
    trade(world, "110")
    client = world.client()
    client.subscribe("state", "BTCUSDT")
    world.now += 25 * 3_600_000
    world.tick()
    ((entry,),) = [push["state_list"] for push in client.take("state.update")]
    assert (entry["volume"], entry["open"], entry["last"]) == ("0", "110", "110")


def test_a_slow_reader_of_states_gets_the_newest(world: World) -> None:
    slow, quick = world.client(), world.client()
    for client in (slow, quick):
        client.subscribe("state")
    slow.session.paused = True
    for price in ("100", "101", "102"):
        trade(world, price)
        world.tick()
    assert len(markets_of(quick)) == 3
    assert slow.take() == []
    slow.session.paused = False
    world.tick()
    (push,) = slow.take("state.update")
    assert {entry["market"]: entry["last"] for entry in push["state_list"]} == {
        "BTCUSDT": "102",
        "ETHUSDT": "0",
    }
    world.tick()
    assert slow.take() == []


def test_a_market_that_is_listed_later_belongs_to_all(world: World) -> None:
    everything, but_one = world.client(), world.client()
    everything.subscribe("state")
    but_one.subscribe("state")
    but_one.ask("state.unsubscribe", {"market_list": ["BTCUSDT"]})
    _list_market(world, "CETUSDT")
    world.tick()
    assert markets_of(everything) == [["CETUSDT"]]
    assert markets_of(but_one) == [["CETUSDT"]]
    trade(world, "100")
    world.tick()
    assert markets_of(everything) == [["BTCUSDT"]]
    assert markets_of(but_one) == []


def _list_market(world: World, name: str) -> None:
    world.do(c.DefineMarket(world.now, c.MarketSpec(name, name[:3], "USDT", 8, 2, UNIT // 10**8, 0, 0)))


# -- deals ------------------------------------------------------------------------------------------


def ids(push: dict[str, Any]) -> list[int]:
    return [deal["deal_id"] for deal in push["deal_list"]]


def test_deals_begin_with_the_tape_of_named_markets(world: World) -> None:
    for number in range(105):
        trade(world, str(100 + number))
    world.tick()
    assert world.client().subscribe("deals") == []
    (push,) = world.client().subscribe("deals", "ETHUSDT", "BTCUSDT")
    deals = push["data"]["deal_list"]
    assert push["data"]["market"] == "BTCUSDT"
    assert len(deals) == 100
    assert ids(push["data"]) == sorted(ids(push["data"]), reverse=True)
    assert set(deals[0]) == {"deal_id", "created_at", "side", "price", "amount"}
    assert (deals[0]["price"], deals[0]["side"], deals[0]["created_at"]) == ("204", "buy", world.now - 200)


def test_deals_of_a_tick_come_together_newest_first(world: World) -> None:
    client = world.client()
    client.subscribe("deals")
    trade(world, "100")
    trade(world, "101")
    trade(world, "9", market="ETHUSDT")
    assert client.take() == []
    world.tick()
    pushes = client.take("deals.update")
    assert [push["market"] for push in pushes] == ["BTCUSDT", "ETHUSDT"]
    assert [deal["price"] for deal in pushes[0]["deal_list"]] == ["101", "100"]
    world.tick(5)
    assert client.take() == []


def test_no_deal_is_missed_or_repeated_whenever_one_subscribes(world: World) -> None:
    heard: dict[Client, list[int]] = {}
    traded: dict[Client, int] = {}
    for number in range(40):
        trade(world, "100")
        client = world.client()
        pushes = client.subscribe("deals", "BTCUSDT")
        heard[client] = [deal for push in pushes for deal in ids(push["data"])[::-1]]
        traded[client] = number
        if number % 7 == 0:
            client.subscribe("deals", "BTCUSDT")
        if number % 3 == 0:
            world.tick()
            for each in heard:
                for push in each.take("deals.update"):
                    heard[each] += ids(push)[::-1]
    every = sorted({deal for deals in heard.values() for deal in deals})
    assert len(every) == 40
    assert all(deals == every for deals in heard.values())


def test_more_deals_than_the_tape_keeps_all_arrive(world: World) -> None:
    client = world.client()
    client.subscribe("deals", "BTCUSDT")
    for _ in range(TAPE_LENGTH + 50):
        trade(world, "100", amount="0.01")
    world.tick()
    pushes = client.take("deals.update")
    heard = [deal for push in pushes for deal in ids(push)[::-1]]
    assert len(heard) == TAPE_LENGTH + 50
    assert heard == sorted(set(heard))


def test_deals_are_sent_to_a_slow_reader_too(world: World) -> None:
    client = world.client()
    client.subscribe("deals")
    client.session.paused = True
    trade(world, "100")
    world.tick()
    assert len(client.take("deals.update")) == 1


# -- bbo --------------------------------------------------------------------------------------------


def test_bbo_begins_with_the_best_prices(world: World) -> None:
    world.place(1, "buy", "0.45", "63000.5")
    push, empty = world.client().subscribe("bbo")
    assert push["data"] == {
        "market": "BTCUSDT", "updated_at": world.now, "best_bid_price": "63000.5", "best_bid_size": "0.45",
        "best_ask_price": "0", "best_ask_size": "0",
    }  # fmt: skip
    assert empty["data"]["best_bid_price"] == "0"


def test_bbo_is_pushed_at_once_when_one_of_four_values_changes(world: World) -> None:
    client = world.client()
    client.subscribe("bbo", "BTCUSDT")

    def heard() -> list[tuple[str, ...]]:
        return [
            tuple(push[f"best_{side}"] for side in ("bid_price", "bid_size", "ask_price", "ask_size"))
            for push in client.take("bbo.update")
        ]

    world.place(1, "buy", "1", "10")
    assert heard() == [("10", "1", "0", "0")]
    world.place(1, "buy", "2", "9")
    world.place(1, "buy", "2", "9", market="ETHUSDT")
    assert heard() == []
    order = world.place(1, "buy", "2", "10")
    assert heard() == [("10", "3", "0", "0")]
    world.place(1, "sell", "1", "11")
    assert heard() == [("10", "3", "11", "1")]
    world.cancel(1, order)
    assert heard() == [("10", "1", "11", "1")]
    world.tick(5)
    assert heard() == []


def test_hidden_orders_are_not_in_the_best_prices(world: World) -> None:
    client = world.client()
    client.subscribe("bbo", "BTCUSDT")
    world.place(1, "buy", "1", "10", hidden=True)
    assert client.take() == []


def test_a_slow_reader_of_best_prices_gets_the_newest(world: World) -> None:
    client = world.client()
    client.subscribe("bbo", "BTCUSDT")
    client.session.paused = True
    for price in ("10", "11", "12"):
        world.place(1, "buy", "1", price)
    world.tick()
    assert client.take() == []
    client.session.paused = False
    world.tick()
    assert [push["best_bid_price"] for push in client.take("bbo.update")] == ["12"]
    world.tick()
    assert client.take() == []


# -- index ------------------------------------------------------------------------------------------


def test_the_index_is_pushed_every_five_seconds_changed_or_not(world: World) -> None:
    trade(world, "100")
    client = world.client()
    (push,) = client.subscribe("index")
    assert push["data"] == {"market": "BTCUSDT", "index_price": "100"}
    world.tick(2 * INDEX_EVERY_TICKS)
    assert client.take("index.update") == [push["data"]] * 2


# -- all of them ------------------------------------------------------------------------------------


def test_union_and_difference_of_subscriptions(world: World) -> None:
    client = world.client()
    client.subscribe("bbo", "BTCUSDT")
    client.subscribe("bbo", "ETHUSDT")
    client.subscribe("bbo", "ETHUSDT")

    def heard() -> list[str]:
        client.take()
        for market in ("BTCUSDT", "ETHUSDT"):
            world.place(1, "buy", "1", "10", market=market)
        return [push["market"] for push in client.take("bbo.update")]

    assert heard() == ["BTCUSDT", "ETHUSDT"]
    client.ask("bbo.unsubscribe", {"market_list": ["BTCUSDT"]})
    assert heard() == ["ETHUSDT"]
    client.ask("bbo.unsubscribe", {"market_list": ["NOPE"]})
    assert heard() == ["ETHUSDT"]
    client.subscribe("bbo")
    client.subscribe("bbo", "BTCUSDT")
    assert heard() == ["BTCUSDT", "ETHUSDT"]
    client.ask("bbo.unsubscribe", {"market_list": ["ETHUSDT"]})
    assert heard() == ["BTCUSDT"]
    client.ask("bbo.unsubscribe", {"market_list": []})
    assert heard() == []


def test_who_follow_the_same_and_who_follow_more_or_less_get_everything_once(world: World) -> None:
    """Frames for many are joined on their way: nobody misses one, gets one of others, or hears disorder."""
    follows = (
        ("BTCUSDT", "ETHUSDT"),
        ("BTCUSDT", "ETHUSDT"),
        ("BTCUSDT",),
        ("ETHUSDT",),
        ("ETHUSDT", "BTCUSDT"),
    )
    clients = [world.client() for _ in follows]
    for client, markets in zip(clients, follows, strict=True):
        client.subscribe("deals", *markets)
        for market in markets:
            client.depth(market, 5, "0", always_full=False)
        client.subscribe("bbo", *markets)
    delivered = world.hub.desk.counters.delivered
    for price in ("100", "101", "102"):
        for market in ("BTCUSDT", "ETHUSDT"):
            trade(world, price, market=market)
            world.place(1, "buy", "1", price, market=market)
        world.tick()
    heard = [client.take() for client in clients]
    everything = heard[0]
    assert {(one["method"], one["data"]["market"]) for one in everything} == {
        (f"{channel}.update", market) for channel in ("depth", "deals", "bbo") for market in follows[0]
    }
    for messages, markets in zip(heard, follows, strict=True):
        for market in markets:
            for method in ("depth.update", "deals.update", "bbo.update"):
                assert _stream(messages, method, market) == _stream(everything, method, market)
        assert {one["data"]["market"] for one in messages} == set(markets)
    assert sum(map(len, heard)) == world.hub.desk.counters.delivered - delivered


def _stream(messages: list[dict[str, Any]], method: str, market: str) -> list[dict[str, Any]]:
    return [one for one in messages if one["method"] == method and one["data"]["market"] == market]


def test_one_write_per_tick_and_client(world: World) -> None:
    client = world.client()
    for channel in ("state", "deals", "bbo"):
        client.subscribe(channel)
    client.depth("BTCUSDT", 5, "0", always_full=False)
    client.depth("ETHUSDT", 5, "0", always_full=False)
    for market in ("BTCUSDT", "ETHUSDT"):
        trade(world, "100", market=market)
        world.place(1, "buy", "1", "10", market=market)
    client.take()
    world.tick()
    assert len(client.socket.frames) == 1
    assert len(client.take()) == 5
