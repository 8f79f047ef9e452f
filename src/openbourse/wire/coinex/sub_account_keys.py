"""The API keys of sub-accounts (reference/coinex/account-assets.md A6-A10).

A secret is shown once, when its key is made. The documentation repeats it in A8 and A9; no known client
reads it there, and a reading key of the main account should not be enough to learn it: those answer "".
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from openbourse.accounts.records import KeyRecord
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.params import Id, Name, Paged, Params
from openbourse.wire.coinex.sub_accounts import MAX_PAGE, Nothing, Remark

Addresses = Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=50)]


class CreateParams(Params, kw_only=True, frozen=True):
    """A new key. One without addresses expires after ninety days."""

    sub_user_name: Name
    ip_whitelist: Addresses
    trade_enabled: bool
    remark: Remark = ""


class ListParams(Paged, kw_only=True, frozen=True):
    """The keys of one sub-account."""

    sub_user_name: Name


class KeyParams(Params, kw_only=True, frozen=True):
    """One key of any of the caller's sub-accounts."""

    api_id: Id


class EditParams(Params, kw_only=True, frozen=True):
    """What is absent, or an empty remark, stays as it is."""

    # The documentation's example has the second name.
    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({"can_trade": "trade_enabled"})

    sub_user_name: Name
    api_id: Id
    trade_enabled: bool | None = None
    ip_whitelist: Addresses | None = None
    remark: Remark = ""


class ListedKey(Struct, kw_only=True):
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


class Key(ListedKey, kw_only=True):
    """A key; `secret_key` is empty but in the answer that creates it."""

    secret_key: str


def _shown(call: Call, key: KeyRecord) -> ListedKey:
    return ListedKey(
        api_id=key.id,
        created_at=key.created_at,
        access_id=key.key_id,
        ip_whitelist=list(key.allow_list.texts),
        trade_enabled=key.trade_allowed,
        withdraw_enabled=key.withdraw_allowed,
        is_expired=key.expired(call.desk.venue.now()),
        expires_at=key.expires_at,
        remark=key.remark,
    )


def _with_secret(call: Call, key: KeyRecord, secret: str) -> Key:
    listed = _shown(call, key)
    return Key(**{name: getattr(listed, name) for name in listed.__struct_fields__}, secret_key=secret)


async def create(call: Call, params: CreateParams) -> bytes:
    key = await call.desk.sub_accounts.create_key(
        call.signer,
        params.sub_user_name,
        "coinex",
        allow_list=params.ip_whitelist,
        trade_allowed=params.trade_enabled,
        remark=params.remark,
    )
    return envelope.success(_with_secret(call, key, key.secret))


async def list_all(call: Call, params: ListParams) -> bytes:
    """Newest first, with those that have expired."""
    keys = (await call.desk.sub_accounts.keys(call.signer, params.sub_user_name, "coinex"))[::-1]
    skipped, limit = params.window(MAX_PAGE)
    rows = [_shown(call, key) for key in keys[skipped : skipped + limit]]
    return envelope.page(rows, has_next=len(keys) > skipped + limit, total=len(keys))


async def detail(call: Call, params: KeyParams) -> bytes:
    key = await call.desk.sub_accounts.key(call.signer, params.api_id, "coinex")
    return envelope.success(_with_secret(call, key, ""))


async def edit(call: Call, params: EditParams) -> bytes:
    """The key after the change."""
    key = await call.desk.sub_accounts.edit_key(
        call.signer,
        params.sub_user_name,
        params.api_id,
        "coinex",
        allow_list=params.ip_whitelist,
        trade_allowed=params.trade_enabled,
        remark=params.remark or None,
    )
    return envelope.success(_with_secret(call, key, ""))


async def delete(call: Call, params: KeyParams) -> bytes:
    await call.desk.sub_accounts.delete_key(call.signer, params.api_id, "coinex")
    return envelope.EMPTY


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("POST", "/account/subs/api", CreateParams, Key, create, "trade", main_only=True),
    Endpoint("GET", "/account/subs/api", ListParams, ListedKey, list_all, "read", "page", main_only=True),
    Endpoint("GET", "/account/subs/api-detail", KeyParams, Key, detail, "read", main_only=True),
    Endpoint("POST", "/account/subs/edit-api", EditParams, Key, edit, "trade", main_only=True),
    Endpoint("POST", "/account/subs/delete-api", KeyParams, Nothing, delete, "trade", main_only=True),
]
