"""Futures: what there is of them. Written by `python -m tools.clients`."""

from collections.abc import Sequence
from typing import Literal

from openbourse.client.coinex import answers
from openbourse.client.coinex.types import Contract, FuturesSettings
from openbourse.client.request import Request, joined


def markets(*, market: Sequence[str] | None = None) -> Request[list[Contract]]:
    """All contracts, which are none; a contract by name is unknown.

    Takes: At most ten markets; all when absent.

    `GET /v2/futures/market`
    """
    return Request("GET", "/v2/futures/market", {"market": joined(market)}, answers.plain(list[Contract]))


def settings() -> Request[FuturesSettings]:
    """Account: futures market settings. Needs a key.

    `GET /v2/account/futures-market-settings`
    """
    return Request(
        "GET", "/v2/account/futures-market-settings", {}, answers.plain(FuturesSettings), signed=True
    )


def change_settings(
    *, settle_switch: int | None = None, position_mode: Literal["one_way", "hedge"] | None = None
) -> Request[None]:
    """Account: futures market settings. Needs a key that may trade. A sub-account needs the permission
    futures.

    Takes: At least one; each generation of clients knows one of the two.

    `POST /v2/account/futures-market-settings`
    """
    return Request(
        "POST",
        "/v2/account/futures-market-settings",
        {"settle_switch": settle_switch, "position_mode": position_mode},
        answers.nothing,
        signed=True,
        changes=True,
    )
