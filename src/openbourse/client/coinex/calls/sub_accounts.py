"""Sub-accounts, their keys and their money. Written by `python -m tools.clients`."""

from collections.abc import Sequence
from typing import Literal

from openbourse.client.coinex import answers
from openbourse.client.coinex.answers import Page
from openbourse.client.coinex.types import (
    AccountType,
    ApiKey,
    Balance,
    Identity,
    ListedApiKey,
    Permission,
    SubAccount,
    SubAccountBalance,
    SubAccountTransfer,
)
from openbourse.client.request import Amount, Request, number


def create(
    *, sub_user_name: str, permissions: Sequence[Permission] | None = None, remark: str | None = None
) -> Request[None]:
    """Account: subs. Needs a key that may trade. For main accounts only.

    Takes: A new sub-account; without `permissions` it gets all.

    `POST /v2/account/subs`
    """
    return Request(
        "POST",
        "/v2/account/subs",
        {"sub_user_name": sub_user_name, "permissions": permissions and list(permissions), "remark": remark},
        answers.nothing,
        signed=True,
        changes=True,
    )


def list_all(
    *, page: int = 1, limit: int = 10, sub_user_name: str | None = None, is_frozen: bool = False
) -> Request[Page[SubAccount]]:
    """Newest first, as every list. Needs a key. For main accounts only. A page of rows; `limit` is clamped to
    the endpoint's most.

    Takes: Active ones or frozen ones, never both.

    `GET /v2/account/subs`
    """
    return Request(
        "GET",
        "/v2/account/subs",
        {"page": page, "limit": limit, "sub_user_name": sub_user_name, "is_frozen": is_frozen},
        answers.page(SubAccount),
        signed=True,
    )


def freeze(*, sub_user_name: str) -> Request[None]:
    """To freeze what is frozen succeeds. Needs a key that may trade. For main accounts only.

    Takes: One sub-account.

    `POST /v2/account/subs/frozen`
    """
    return Request(
        "POST",
        "/v2/account/subs/frozen",
        {"sub_user_name": sub_user_name},
        answers.nothing,
        signed=True,
        changes=True,
    )


def unfreeze(*, sub_user_name: str) -> Request[None]:
    """Account: subs, unfrozen. Needs a key that may trade. For main accounts only.

    Takes: One sub-account.

    `POST /v2/account/subs/unfrozen`
    """
    return Request(
        "POST",
        "/v2/account/subs/unfrozen",
        {"sub_user_name": sub_user_name},
        answers.nothing,
        signed=True,
        changes=True,
    )


def who_am_i() -> Request[Identity]:
    """Whose key is this? Needs a key.

    `GET /v2/account/subs/info`
    """
    return Request("GET", "/v2/account/subs/info", {}, answers.plain(Identity), signed=True)


def create_key(
    *, sub_user_name: str, ip_whitelist: Sequence[str], trade_enabled: bool, remark: str | None = None
) -> Request[ApiKey]:
    """Account: subs, api. Needs a key that may trade. For main accounts only.

    Takes: A new key. One without addresses expires after ninety days.

    `POST /v2/account/subs/api`
    """
    return Request(
        "POST",
        "/v2/account/subs/api",
        {
            "sub_user_name": sub_user_name,
            "ip_whitelist": list(ip_whitelist),
            "trade_enabled": trade_enabled,
            "remark": remark,
        },
        answers.plain(ApiKey),
        signed=True,
        changes=True,
    )


def keys(*, sub_user_name: str, page: int = 1, limit: int = 10) -> Request[Page[ListedApiKey]]:
    """Newest first, with those that have expired. Needs a key. For main accounts only. A page of rows;
    `limit` is clamped to the endpoint's most.

    Takes: The keys of one sub-account.

    `GET /v2/account/subs/api`
    """
    return Request(
        "GET",
        "/v2/account/subs/api",
        {"sub_user_name": sub_user_name, "page": page, "limit": limit},
        answers.page(ListedApiKey),
        signed=True,
    )


def key(*, api_id: int) -> Request[ApiKey]:
    """Account: subs, api detail. Needs a key. For main accounts only.

    Takes: One key of any of the caller's sub-accounts.

    `GET /v2/account/subs/api-detail`
    """
    return Request(
        "GET", "/v2/account/subs/api-detail", {"api_id": api_id}, answers.plain(ApiKey), signed=True
    )


def edit_key(
    *,
    sub_user_name: str,
    api_id: int,
    trade_enabled: bool | None = None,
    ip_whitelist: Sequence[str] | None = None,
    remark: str | None = None,
) -> Request[ApiKey]:
    """The key after the change. Needs a key that may trade. For main accounts only. Also read: `can_trade`
    for `trade_enabled`.

    Takes: What is absent, or an empty remark, stays as it is.

    `POST /v2/account/subs/edit-api`
    """
    return Request(
        "POST",
        "/v2/account/subs/edit-api",
        {
            "sub_user_name": sub_user_name,
            "api_id": api_id,
            "trade_enabled": trade_enabled,
            "ip_whitelist": ip_whitelist and list(ip_whitelist),
            "remark": remark,
        },
        answers.plain(ApiKey),
        signed=True,
        changes=True,
    )


def delete_key(*, api_id: int) -> Request[None]:
    """Account: subs, delete api. Needs a key that may trade. For main accounts only.

    Takes: One key of any of the caller's sub-accounts.

    `POST /v2/account/subs/delete-api`
    """
    return Request(
        "POST", "/v2/account/subs/delete-api", {"api_id": api_id}, answers.nothing, signed=True, changes=True
    )


def balance(
    *, sub_user_name: str, market_type: AccountType = "SPOT", market: str | None = None
) -> Request[list[SubAccountBalance]]:
    """As the sub-account itself would see it. Needs a key.

    Takes: One type of account of a sub-account; `market` counts for MARGIN only.

    `GET /v2/account/subs/balance`
    """
    return Request(
        "GET",
        "/v2/account/subs/balance",
        {"sub_user_name": sub_user_name, "market_type": market_type, "market": market},
        answers.plain(list[SubAccountBalance]),
        signed=True,
    )


def spot_balance(*, sub_user_name: str, ccy: str | None = None) -> Request[list[Balance]]:
    """Account: subs, spot balance. Needs a key.

    Takes: The spot account of a sub-account, one asset or all.

    `GET /v2/account/subs/spot-balance`
    """
    return Request(
        "GET",
        "/v2/account/subs/spot-balance",
        {"sub_user_name": sub_user_name, "ccy": ccy},
        answers.plain(list[Balance]),
        signed=True,
    )


def transfer(
    *,
    from_account_type: Literal["SPOT", "FUTURES"],
    to_account_type: Literal["SPOT", "FUTURES"],
    ccy: str,
    amount: Amount,
    from_user_name: str | None = None,
    to_user_name: str | None = None,
) -> Request[None]:
    """At least one name is given; the new balances are there when this is answered. Needs a key that may
    trade. For main accounts only.

    Takes: An absent name stands for the main account.

    `POST /v2/account/subs/transfer`
    """
    return Request(
        "POST",
        "/v2/account/subs/transfer",
        {
            "from_account_type": from_account_type,
            "to_account_type": to_account_type,
            "ccy": ccy,
            "amount": number(amount),
            "from_user_name": from_user_name,
            "to_user_name": to_user_name,
        },
        answers.nothing,
        signed=True,
        changes=True,
    )


def transfers(
    *,
    page: int = 1,
    limit: int = 10,
    sub_user_name: str | None = None,
    ccy: str | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
) -> Request[Page[SubAccountTransfer]]:
    """Newest first. A sub-account sees what it gave and received itself. Needs a key. A page of rows; `limit`
    is clamped to the endpoint's most.

    Takes: Transfers from or to one sub-account, or all; times in ms, inclusive.

    `GET /v2/account/subs/transfer-history`
    """
    return Request(
        "GET",
        "/v2/account/subs/transfer-history",
        {
            "page": page,
            "limit": limit,
            "sub_user_name": sub_user_name,
            "ccy": ccy,
            "start_time": start_time,
            "end_time": end_time,
        },
        answers.page(SubAccountTransfer),
        signed=True,
    )
