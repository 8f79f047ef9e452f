"""Balances and how they change. Written by `python -m tools.clients`."""

from decimal import Decimal

from msgspec import Struct


class Balance(Struct, frozen=True, kw_only=True):
    """What a user has of one asset."""

    ccy: str
    available: Decimal
    frozen: Decimal


class AssetSwitches(Struct, frozen=True, kw_only=True):
    """What may be done with an asset."""

    ccy: str
    deposit_enabled: bool
    withdraw_enabled: bool
    inter_transfer_enabled: bool
    is_st: bool


class ChainConfig(Struct, frozen=True, kw_only=True):
    """How an asset moves on one chain."""

    chain: str
    min_deposit_amount: Decimal
    min_withdraw_amount: Decimal
    deposit_enabled: bool
    withdraw_enabled: bool
    deposit_delay_minutes: int
    safe_confirmations: int
    irreversible_confirmations: int
    deflation_rate: Decimal
    withdrawal_fee: Decimal
    withdrawal_precision: int
    memo: str
    is_memo_required_for_deposit: bool
    explorer_asset_url: str


class AssetConfig(Struct, frozen=True, kw_only=True):
    """Deposit and withdrawal rules of one asset."""

    asset: AssetSwitches
    chains: list[ChainConfig]


class ChainInfo(Struct, frozen=True, kw_only=True):
    """A chain for people to read about; `identity` is the contract, if there is one."""

    chain_name: str
    identity: str
    explorer_url: str


class AssetInfo(Struct, frozen=True, kw_only=True):
    """An asset for people to read about."""

    short_name: str
    full_name: str
    website_url: str
    white_paper_url: str
    chain_info: list[ChainInfo]


class PairAmounts(Struct, frozen=True, kw_only=True):
    """An amount of each asset of a market."""

    base_ccy: Decimal
    quote_ccy: Decimal


class SubAccountBalance(Struct, frozen=True, kw_only=True):
    """One row of the type of account that was asked for, in the form that its owner would see."""

    available: Decimal | PairAmounts
    frozen: Decimal | PairAmounts
    ccy: str | None = None
    margin: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    transferrable: Decimal | None = None
    equity: Decimal | None = None
    margin_account: str | None = None
    base_ccy: str | None = None
    quote_ccy: str | None = None
    repaid: PairAmounts | None = None
    interest: PairAmounts | None = None
    risk_rate: Decimal | None = None
    rik_rate: Decimal | None = None
    liq_price: Decimal | None = None


class SubAccountTransfer(Struct, frozen=True, kw_only=True):
    """A transfer between a main account, whose name is empty, and its sub-accounts."""

    id: int
    created_at: int
    from_user_name: str
    to_user_name: str
    from_account_type: str
    to_account_type: str
    ccy: str
    amount: Decimal
    status: str


class FuturesBalance(Struct, frozen=True, kw_only=True):
    """What a user has of one asset in the futures account."""

    ccy: str
    available: Decimal
    frozen: Decimal
    margin: Decimal
    unrealized_pnl: Decimal
    transferrable: Decimal
    equity: Decimal | None = None


class MarginBalance(Struct, frozen=True, kw_only=True):
    """One isolated margin account; `repaid` is what is still to be repaid. Both spellings are in use."""

    margin_account: str
    base_ccy: str
    quote_ccy: str
    available: PairAmounts
    frozen: PairAmounts
    repaid: PairAmounts
    interest: PairAmounts
    risk_rate: Decimal | None = None
    rik_rate: Decimal | None = None
    liq_price: Decimal | None


class Liquidity(Struct, frozen=True, kw_only=True):
    """A user's part of a liquidity pool."""

    market: str
    base_ccy: str
    quote_ccy: str
    base_ccy_amount: Decimal
    quote_ccy_amount: Decimal
    liquidity_proportion: Decimal


class CreditInfo(Struct, frozen=True, kw_only=True):
    """The account as security for a loan; values in US dollars."""

    equity: Decimal
    repaid: Decimal
    risk_rate: Decimal | None
    withdrawal_risk: Decimal
    withdrawal_value: Decimal


class CreditBalance(Struct, frozen=True, kw_only=True):
    """What is owed of one asset."""

    ccy: str
    repaid: Decimal
    interest: Decimal


class StatementEntry(Struct, frozen=True, kw_only=True):
    """One change; `balance` is what the account had of the asset after it, frozen or not."""

    created_at: int
    ccy: str
    type: str
    change: Decimal
    balance: Decimal


class Transfer(Struct, frozen=True, kw_only=True):
    """A transfer between two accounts of one user."""

    id: int | None = None
    margin_market: str | None = None
    created_at: int
    from_account_type: str
    to_account_type: str
    ccy: str
    amount: Decimal
    status: str


class DepositAddress(Struct, frozen=True, kw_only=True):
    """Where to send to; `memo` is "" on chains that need none."""

    address: str
    memo: str


class Deposit(Struct, frozen=True, kw_only=True):
    """A deposit; `actual_amount` is "" until it is credited. `to_address` is the sender's name where it came
    from another user.
    """

    deposit_id: int
    created_at: int
    tx_id: str
    tx_id_display: str | None = None
    ccy: str
    chain: str
    deposit_method: str
    amount: Decimal
    actual_amount: Decimal | None
    to_address: str
    confirmations: int
    status: str
    tx_explorer_url: str
    to_addr_explorer_url: str
    remark: str


class Withdrawal(Struct, frozen=True, kw_only=True):
    """A withdrawal: `amount` leaves the account, of which the receiver gets `actual_amount`. The fee has two
    names and its asset has two.
    """

    withdraw_id: int
    created_at: int
    withdraw_method: str
    ccy: str
    chain: str
    memo: str
    amount: Decimal
    actual_amount: Decimal | None
    tx_fee: Decimal | None = None
    fee_ccy: str | None = None
    fee_asset: str | None = None
    fee_amount: Decimal | None = None
    tx_id: str
    to_address: str
    confirmations: int
    explorer_address_url: str
    explorer_tx_url: str
    status: str
    remark: str
