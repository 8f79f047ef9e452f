"""Balances, transfers, deposits and withdrawals. Written by `python -m tools.clients`."""

from collections.abc import Mapping, Sequence
from typing import Literal

from openbourse.client.coinex import answers
from openbourse.client.coinex.answers import Page
from openbourse.client.coinex.types import (
    AccountType,
    AssetConfig,
    AssetInfo,
    Balance,
    CreditBalance,
    CreditInfo,
    Deposit,
    DepositAddress,
    DepositStatus,
    FuturesBalance,
    Liquidity,
    MarginBalance,
    Method,
    StatementEntry,
    StatementType,
    Transfer,
    TransferStatus,
    Withdrawal,
    WithdrawalStatus,
)
from openbourse.client.request import Amount, Request, joined, number


def spot_balance() -> Request[list[Balance]]:
    """Assets of which the caller has something. Needs a key.

    `GET /v2/assets/spot/balance`
    """
    return Request("GET", "/v2/assets/spot/balance", {}, answers.plain(list[Balance]), signed=True)


def futures_balance() -> Request[list[FuturesBalance]]:
    """Assets: futures, balance. Needs a key.

    `GET /v2/assets/futures/balance`
    """
    return Request("GET", "/v2/assets/futures/balance", {}, answers.plain(list[FuturesBalance]), signed=True)


def margin_balance(*, market: str | None = None) -> Request[list[MarginBalance]]:
    """Assets: margin, balance. Needs a key.

    Takes: One margin market; all when absent.

    `GET /v2/assets/margin/balance`
    """
    return Request(
        "GET",
        "/v2/assets/margin/balance",
        {"market": market},
        answers.plain(list[MarginBalance]),
        signed=True,
    )


def financial_balance() -> Request[list[Balance]]:
    """The rows of an account that nobody can have yet. Needs a key.

    `GET /v2/assets/financial/balance`
    """
    return Request("GET", "/v2/assets/financial/balance", {}, answers.plain(list[Balance]), signed=True)


def amm_liquidity() -> Request[list[Liquidity]]:
    """The rows of an account that nobody can have yet. Needs a key.

    `GET /v2/assets/amm/liquidity`
    """
    return Request("GET", "/v2/assets/amm/liquidity", {}, answers.plain(list[Liquidity]), signed=True)


def credit_info() -> Request[CreditInfo]:
    """Nothing is lent against accounts: all that is there may be withdrawn. Needs a key.

    `GET /v2/assets/credit/info`
    """
    return Request("GET", "/v2/assets/credit/info", {}, answers.plain(CreditInfo), signed=True)


def credit_balance() -> Request[list[CreditBalance]]:
    """The rows of an account that nobody can have yet. Needs a key.

    `GET /v2/assets/credit/balance`
    """
    return Request("GET", "/v2/assets/credit/balance", {}, answers.plain(list[CreditBalance]), signed=True)


def statement(
    *,
    type: StatementType,
    page: int = 1,
    limit: int = 10,
    ccy: str | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
) -> Request[Page[StatementEntry]]:
    """Newest first. As on the real server there is no total. Needs a key. A page of rows; `limit` is clamped
    to the endpoint's most.

    Takes: One type of entries; times in ms, inclusive.

    `GET /v2/assets/spot/transcation-history`
    """
    return Request(
        "GET",
        "/v2/assets/spot/transcation-history",
        {
            "type": type,
            "page": page,
            "limit": limit,
            "ccy": ccy,
            "start_time": start_time,
            "end_time": end_time,
        },
        answers.page(StatementEntry),
        signed=True,
    )


def deposit_withdraw_configs() -> Request[list[AssetConfig]]:
    """Assets: all deposit withdraw config.

    `GET /v2/assets/all-deposit-withdraw-config`
    """
    return Request("GET", "/v2/assets/all-deposit-withdraw-config", {}, answers.plain(list[AssetConfig]))


def deposit_withdraw_config(*, ccy: str) -> Request[AssetConfig]:
    """Assets: deposit withdraw config.

    Takes: One asset.

    `GET /v2/assets/deposit-withdraw-config`
    """
    return Request("GET", "/v2/assets/deposit-withdraw-config", {"ccy": ccy}, answers.plain(AssetConfig))


def info(*, ccy: Sequence[str] | None = None) -> Request[list[AssetInfo]]:
    """Assets: info.

    Takes: At most ten assets; all when absent.

    `GET /v2/assets/info`
    """
    return Request("GET", "/v2/assets/info", {"ccy": joined(ccy)}, answers.plain(list[AssetInfo]))


def transfer(
    *,
    from_account_type: AccountType,
    to_account_type: AccountType,
    ccy: str,
    amount: Amount,
    market: str | None = None,
) -> Request[None]:
    """The new balances are there when this is answered. Needs a key that may trade.

    Takes: Exactly one side is SPOT; `market` names the margin account.

    `POST /v2/assets/transfer`
    """
    return Request(
        "POST",
        "/v2/assets/transfer",
        {
            "from_account_type": from_account_type,
            "to_account_type": to_account_type,
            "ccy": ccy,
            "amount": number(amount),
            "market": market,
        },
        answers.nothing,
        signed=True,
        changes=True,
    )


def transfers(
    *,
    ccy: str,
    transfer_type: Literal["MARGIN", "FUTURES"],
    page: int = 1,
    limit: int = 10,
    market: str | None = None,
    status: TransferStatus | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
) -> Request[Page[Transfer]]:
    """Newest first. Transfers take effect at once: no other status than `finished` is ever found. Needs a
    key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: Transfers of one asset to and from one type of account; times in ms, inclusive.

    `GET /v2/assets/transfer-history`
    """
    return Request(
        "GET",
        "/v2/assets/transfer-history",
        {
            "ccy": ccy,
            "transfer_type": transfer_type,
            "page": page,
            "limit": limit,
            "market": market,
            "status": status,
            "start_time": start_time,
            "end_time": end_time,
        },
        answers.page(Transfer),
        signed=True,
    )


def deposit_address(*, ccy: str, chain: str) -> Request[DepositAddress]:
    """One's address on a chain, made on first use. Needs a key.

    Takes: An asset on one of its chains.

    `GET /v2/assets/deposit-address`
    """
    return Request(
        "GET",
        "/v2/assets/deposit-address",
        {"ccy": ccy, "chain": chain},
        answers.plain(DepositAddress),
        signed=True,
    )


def renew_deposit_address(*, ccy: str, chain: str) -> Request[DepositAddress]:
    """A new address, also for an account that has none yet; what arrives at the old one is still credited.
    Needs a key.

    Takes: An asset on one of its chains.

    `POST /v2/assets/renewal-deposit-address`
    """
    return Request(
        "POST",
        "/v2/assets/renewal-deposit-address",
        {"ccy": ccy, "chain": chain},
        answers.plain(DepositAddress),
        signed=True,
        changes=True,
    )


def deposits(
    *,
    page: int = 1,
    limit: int = 10,
    ccy: str | None = None,
    tx_id: str | None = None,
    status: DepositStatus | None = None,
) -> Request[Page[Deposit]]:
    """Newest first. Needs a key. A page of rows; `limit` is clamped to the endpoint's most. Also read: `coin`
    for `ccy`.

    Takes: Filters; what is absent matches all.

    `GET /v2/assets/deposit-history`
    """
    return Request(
        "GET",
        "/v2/assets/deposit-history",
        {"page": page, "limit": limit, "ccy": ccy, "tx_id": tx_id, "status": status},
        answers.page(Deposit),
        signed=True,
    )


def withdraw(
    *,
    ccy: str,
    amount: Amount,
    to_address: str,
    chain: str | None = None,
    withdraw_method: Method | None = None,
    memo: str | None = None,
    fee_ccy: str | None = None,
    extra: Mapping[str, str] | None = None,
    remark: str | None = None,
) -> Request[Withdrawal]:
    """Ask for a withdrawal to an address, or another user, on the account's allow-list. The fee comes on top
    of the amount, and both are held until it has ended. Needs a key that may withdraw. For main accounts
    only.

    Takes: `amount` is what the receiver gets. `chain` is needed unless it goes to another user, by name.

    `POST /v2/assets/withdraw`
    """
    return Request(
        "POST",
        "/v2/assets/withdraw",
        {
            "ccy": ccy,
            "amount": number(amount),
            "to_address": to_address,
            "chain": chain,
            "withdraw_method": withdraw_method,
            "memo": memo,
            "fee_ccy": fee_ccy,
            "extra": extra,
            "remark": remark,
        },
        answers.plain(Withdrawal),
        signed=True,
        changes=True,
    )


def cancel_withdrawal(*, withdraw_id: int) -> Request[None]:
    """Take a withdrawal back that is not being sent yet; its money is free again. Needs a key that may
    withdraw. For main accounts only.

    Takes: One's own withdrawal.

    `POST /v2/assets/cancel-withdraw`
    """
    return Request(
        "POST",
        "/v2/assets/cancel-withdraw",
        {"withdraw_id": withdraw_id},
        answers.nothing,
        signed=True,
        changes=True,
    )


def withdrawals(
    *,
    page: int = 1,
    limit: int = 10,
    ccy: str | None = None,
    withdraw_id: int | None = None,
    status: WithdrawalStatus | None = None,
) -> Request[Page[Withdrawal]]:
    """Newest first. Needs a key. A page of rows; `limit` is clamped to the endpoint's most.

    Takes: Filters; what is absent matches all.

    `GET /v2/assets/withdraw`
    """
    return Request(
        "GET",
        "/v2/assets/withdraw",
        {"page": page, "limit": limit, "ccy": ccy, "withdraw_id": withdraw_id, "status": status},
        answers.page(Withdrawal),
        signed=True,
    )
