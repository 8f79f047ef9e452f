"""Accounts and keys. Written by `python -m tools.clients`."""

from decimal import Decimal

from msgspec import Struct


class AccountInfo(Struct, frozen=True, kw_only=True):
    """`user_id` is what strangers may know the account by."""

    user_id: str


class FeeRate(Struct, frozen=True, kw_only=True):
    """Rates of orders placed now."""

    market: str
    maker_rate: Decimal
    taker_rate: Decimal


class SubAccount(Struct, frozen=True, kw_only=True):
    """`balance_usd` is the market value of everything in it. Access cannot be delegated to other users."""

    sub_user_name: str
    is_frozen: bool
    is_authorized: bool
    permissions: list[str]
    balance_usd: Decimal


class Identity(Struct, frozen=True, kw_only=True):
    """`NORMAL` or `SUB_ACCOUNT`; the name is empty for a main account."""

    user_type: str
    sub_user_name: str | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key; `secret_key` is empty but in the answer that creates it."""

    api_id: int
    created_at: int
    access_id: str
    ip_whitelist: list[str]
    trade_enabled: bool
    withdraw_enabled: bool
    is_expired: bool
    expires_at: int
    remark: str
    secret_key: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_id={self.api_id}, access_id={self.access_id!r})"  # not the secret


class ListedApiKey(Struct, frozen=True, kw_only=True):
    """A key without its secret; times in ms, `expires_at` 0 = never."""

    api_id: int
    created_at: int
    access_id: str
    ip_whitelist: list[str]
    trade_enabled: bool
    withdraw_enabled: bool
    is_expired: bool
    expires_at: int
    remark: str


class FuturesSettings(Struct, frozen=True, kw_only=True):
    """`settle_switch` 1: profits of positions are settled by themselves; 2: they are not."""

    settle_switch: int | None = None
    position_mode: str | None = None
