"""The examples of docs/how-to/clients.md run as they stand."""

import re
from pathlib import Path
from typing import Any

import pytest

from openbourse.testing import Sandbox

PAGE = Path(__file__).parents[2] / "docs/how-to/clients.md"
EXAMPLES = re.findall(r"^## (.*?)$|^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
SHOWN = {
    "Orders": "0.1\nbot-1 50000\n3109 balance not enough\n",
    "When something goes wrong": "",
    "Pushes": "finish 0.00",
    "CoinW": "5000",
}


def _by_title() -> list[tuple[str, str]]:
    """Title and code of every example."""
    found, title = [], ""
    for heading, code in EXAMPLES:
        title = heading or title
        if code:
            found.append((title, code))
    return found


def test_every_part_has_its_example() -> None:
    assert {title for title, _ in _by_title()} == set(SHOWN)


@pytest.mark.parametrize(("title", "code"), _by_title())
def test_example(title: str, code: str, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    alice = sandbox.user("alice", USDT=100_000, BTC=1)
    sandbox.quote("BTC/USDT", 60_000)
    if "place_once" in code:
        sandbox.faults.add("lost_after", route="POST /v2/spot/order", count=1)
    known: dict[str, Any] = {"url": sandbox.url, "key": alice.api_key, "secret": alice.secret}
    known |= {"coinw_key": alice.coinw_api_key, "coinw_secret": alice.coinw_secret}
    exec(compile(code, str(PAGE), "exec"), known)
    shown = capsys.readouterr().out
    if "AsyncStream" in code:
        assert shown == "(Decimal('59970'), Decimal('1')) (Decimal('60030'), Decimal('1')) 5\n"
    else:
        assert SHOWN[title] in shown
    if "place_once" in code:
        assert [order.client_id for order in sandbox.open_orders(alice)] == ["only-once"]
