"""The account itself. Written by `python -m tools.clients`."""

from openbourse.client.coinex import answers
from openbourse.client.coinex.types import AccountInfo, AccountType, FeeRate
from openbourse.client.request import Request


def info() -> Request[AccountInfo]:
    """Account: info. Needs a key.

    `GET /v2/account/info`
    """
    return Request("GET", "/v2/account/info", {}, answers.plain(AccountInfo), signed=True)


def trade_fee_rate(*, market: str, market_type: AccountType = "SPOT") -> Request[FeeRate]:
    """The caller's own rates, or those of the market. Needs a key.

    Takes: One market; MARGIN has the rates of SPOT.

    `GET /v2/account/trade-fee-rate`
    """
    return Request(
        "GET",
        "/v2/account/trade-fee-rate",
        {"market": market, "market_type": market_type},
        answers.plain(FeeRate),
        signed=True,
    )


def change_settings(*, cet_discount_enabled: bool) -> Request[None]:
    """Account: settings. Needs a key that may trade.

    Takes: Pay fees in the house token where possible?

    `POST /v2/account/settings`
    """
    return Request(
        "POST",
        "/v2/account/settings",
        {"cet_discount_enabled": cet_discount_enabled},
        answers.nothing,
        signed=True,
        changes=True,
    )
