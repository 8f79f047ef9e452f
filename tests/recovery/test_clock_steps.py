"""The computer's clock is set by hours, both ways, under a running venue."""

from pathlib import Path

import pytest

from tests.recovery.client import Client, Refused
from tests.recovery.orders import order
from tests.recovery.server import METRICS, Account, Server, found, verify

HOURS = 5 * 3_600_000
REQUEST_EXPIRED = 4010
MINUTES = 120.0  # what a slow test may take, in seconds


class Computer:
    """The one whose clock is wrong; ours is right."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def set_clock(self, server: Server, wrong_by: int) -> None:
        (self._folder / "clock.new").write_text(str(wrong_by))
        (self._folder / "clock.new").replace(self._folder / "clock")
        server.wait_until_said(f"weather: clock {wrong_by}\n")


def _created_at(client: Client, number: int) -> int:
    at: int = client.post("/spot/order", **order(number))["created_at"]
    return at


def test_a_step_that_is_taken_back_is_not_noticed_by_anybody_but_the_operator(tmp_path: Path) -> None:
    data_dir, computer = tmp_path / "venue", Computer(tmp_path)
    (account,) = found(data_dir, users=1)
    settings = METRICS | {"OPENBOURSE_CLOCK_PATIENCE_SECONDS": "3600"}
    server = Server(data_dir, tmp_path / "errors.txt", weather=tmp_path, settings=settings)
    try:
        server.wait_until_ready()
        client = server.client(account)
        before = _created_at(client, 1)
        for number, wrong_by in enumerate((HOURS, -HOURS), 2):
            computer.set_clock(server, wrong_by)
            assert 0 <= _created_at(client, number) - before < MINUTES * 1000
            assert abs(server.metric("openbourse_clock_disagreement_seconds") - wrong_by / 1000) < MINUTES
        computer.set_clock(server, 0)
        assert 0 <= _created_at(client, 4) - before < MINUTES * 1000
        assert server.metric("openbourse_clock_disagreement_seconds") == 0.0
        assert server.metric("openbourse_clock_steps") == 2.0
        assert server.stop() == 0
    finally:
        server.kill()
    said = (tmp_path / "errors.txt").read_text()
    assert said.count("clock_was_set") == 2
    assert "clock_is_right_again" in said


def test_stamps_stand_still_after_a_clock_that_was_ahead_and_trade_goes_on(tmp_path: Path) -> None:
    data_dir, computer = tmp_path / "venue", Computer(tmp_path)
    account, seller = found(data_dir, users=2)
    settings = METRICS | {"OPENBOURSE_CLOCK_PATIENCE_SECONDS": "0"}
    server = Server(data_dir, tmp_path / "errors.txt", weather=tmp_path, settings=settings)
    try:
        server.wait_until_ready()
        client = server.client(account)
        before = _created_at(client, 1)
        computer.set_clock(server, HOURS)
        with pytest.raises(Refused) as refused:
            client.post("/spot/order", **order(2))
        assert refused.value.code == REQUEST_EXPIRED, "the venue believes its computer: nobody else does"
        client.wrong_by_ms = HOURS
        ahead = _created_at(client, 2)
        assert ahead >= before + HOURS

        client.wrong_by_ms = 0
        computer.set_clock(server, 0)
        assert _created_at(client, 3) == ahead
        assert server.metric("openbourse_clock_ahead_seconds") > HOURS / 1000 - MINUTES
        assert client.get("/time")["data"]["timestamp"] < before + MINUTES * 1000
        server.kill()
        _trade_after_a_restart(data_dir, tmp_path, ahead, account, seller)
    finally:
        server.kill()
    verify(data_dir)


def _trade_after_a_restart(data_dir: Path, folder: Path, ahead: int, buyer: Account, seller: Account) -> None:
    """On a computer whose clock is right, with a log that ends hours ahead of it."""
    server = Server(data_dir, folder / "errors.txt")
    try:
        server.wait_until_ready()
        resting, selling = server.client(buyer), server.client(seller)
        assert _created_at(resting, 4) == ahead
        sold = selling.post("/spot/order", **(order(4) | {"side": "sell", "type": "ioc"}))
        assert sold["unfilled_amount"] == "0"
        deals = selling.get("/spot/user-deals", market="BTCUSDT", market_type="SPOT")["data"]
        assert [deal["created_at"] for deal in deals] == [ahead]
        assert server.stop() == 0
    finally:
        server.kill()
