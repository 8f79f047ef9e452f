"""The stream of programs that are not asynchronous."""

import inspect
import threading
from decimal import Decimal

import pytest

from openbourse.client import coinex, errors
from openbourse.client.coinex import AsyncStream, Gap, Patience, Stream
from openbourse.client.coinex.stream.subscription import Subscription
from tests.client.coinex.world import BTC, World

LIMIT = 30.0
QUICK = Patience(ping_every=0.2, answer=20.0, first=0.02, longest=0.2)


def test_it_has_all_methods() -> None:
    subscribing = {
        name
        for name, method in vars(AsyncStream).items()
        if "Subscription" in str(inspect.signature(method).return_annotation if callable(method) else "")
    }
    assert subscribing == {name for name in vars(Stream) if name in subscribing}
    assert len(subscribing) == 11
    assert Stream.orders.__doc__ == AsyncStream.orders.__doc__
    assert Subscription.__doc__


def test_orders_and_books_in_a_loop(world: World) -> None:
    bob = world.bob
    with Stream(world.sandbox.url, bob.api_key, bob.secret, patience=QUICK) as stream:
        with stream.orders(BTC) as orders, stream.book(BTC) as books:
            world.sandbox.place(bob, BTC, "buy", "0.001", client_id="blocking")
            for update in orders:
                assert not isinstance(update, Gap)
                assert (update.event, update.order.client_id) == ("finish", "blocking")
                break
            assert books.next(LIMIT).best_ask is not None
            world.sandbox.faults.add("disconnect", count=1)
            assert orders.next(LIMIT) == Gap("reconnected")
            assert stream.reconnects >= 1
            assert stream.resyncs == 0
        with stream.orders("ETHUSDT") as quiet, pytest.raises(TimeoutError):
            quiet.next(0.01)


def test_a_stream_that_is_closed_ends_the_loops_of_other_threads(world: World) -> None:
    found: list[Decimal] = []
    with Stream(world.sandbox.url, patience=QUICK) as stream:
        tickers = stream.tickers(BTC)
        begun = threading.Event()

        def read() -> None:
            for ticker in tickers:
                assert not isinstance(ticker, Gap)
                found.append(ticker.last)
                begun.set()

        reader = threading.Thread(target=read)
        reader.start()
        assert begun.wait(LIMIT)
    reader.join(LIMIT)
    assert not reader.is_alive()
    assert found
    assert list(tickers) == [], "it has ended with its stream"
    tickers.close()
    with pytest.raises(errors.StreamClosed):
        stream.tickers(BTC).__enter__()


def test_what_cannot_be_opened() -> None:
    stream = coinex.Stream("ws://127.0.0.1:1")
    with pytest.raises(errors.Unreachable), stream:
        pass
    stream.close()
