"""A protocol without protection against repeated requests is only served where an operator wants it."""

from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.cli.processes import started, succeed

ASSETS = "/appApi.html?action=currencys"


def test_a_production_venue_does_not_serve_it_unasked(tmp_path: Path) -> None:
    with started("serve", "--data-dir", tmp_path / "venue") as server:
        with pytest.raises(HTTPError, match="404"):
            server.get(ASSETS)
        assert server.stop() == 0


def test_it_does_when_asked_and_still_lets_no_money_out(tmp_path: Path) -> None:
    data = ("--data-dir", tmp_path / "venue")
    succeed("asset", "add", "BTC", "--chain", "BTC", *data)
    with started("serve", *data, OPENBOURSE_COINW_ENABLED="always") as server:
        found = server.get(ASSETS)
        assert (found["code"], found["data"]["BTC"]["withDraw"]) == (200, "0")
        assert server.stop() == 0
