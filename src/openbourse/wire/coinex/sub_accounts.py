"""Sub-accounts: create, list, freeze, and who am I (reference/coinex/account-assets.md A1-A5)."""

from types import MappingProxyType
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from openbourse.accounts.records import ALL_PERMISSIONS, Permission, User
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.common import NoParams
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.numbers import dollars
from openbourse.wire.coinex.params import Name, Paged, Params

MAX_PAGE: Final = 100

PermissionWord = Literal["FUTURES", "MARGIN", "AMM", "API"]
NewName = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9-]{3,26}$(?!\n)", description="3 to 26 letters, digits and -.")
]
Remark = Annotated[str, Meta(max_length=50)]

_PERMISSIONS: Final[MappingProxyType[PermissionWord, Permission]] = MappingProxyType(
    {"FUTURES": "futures", "MARGIN": "margin", "AMM": "amm", "API": "api"}
)


class CreateParams(Params, kw_only=True, frozen=True):
    """A new sub-account; without `permissions` it gets all."""

    sub_user_name: NewName
    permissions: Annotated[list[PermissionWord], Meta(max_length=8)] | None = None
    remark: Remark = ""


class ListParams(Paged, kw_only=True, frozen=True):
    """Active ones or frozen ones, never both."""

    sub_user_name: Name | None = None
    is_frozen: bool = False


class NameParams(Params, kw_only=True, frozen=True):
    """One sub-account."""

    sub_user_name: Name


class SubAccount(Struct, kw_only=True):
    """`balance_usd` is the market value of everything in it. Access cannot be delegated to other users."""

    sub_user_name: str
    is_frozen: bool
    is_authorized: bool
    permissions: list[str]
    balance_usd: str


class Identity(Struct, kw_only=True):
    """`NORMAL` or `SUB_ACCOUNT`; the name is empty for a main account."""

    user_type: str
    sub_user_name: str


async def create(call: Call, params: CreateParams) -> bytes:
    granted = ALL_PERMISSIONS
    if params.permissions is not None:
        granted = tuple(_PERMISSIONS[word] for word in params.permissions)
    await call.desk.sub_accounts.create(call.signer, params.sub_user_name, granted, params.remark)
    return envelope.EMPTY


async def list_all(call: Call, params: ListParams) -> bytes:
    """Newest first, as every list."""
    wanted = "frozen" if params.is_frozen else "active"
    users = [
        user
        for user in reversed(await call.desk.sub_accounts.all(call.signer))
        if user.status == wanted and params.sub_user_name in (None, user.name)
    ]
    skipped, limit = params.window(MAX_PAGE)
    page = users[skipped : skipped + limit]
    worth = await call.desk.venue.holdings.worth([user.id for user in page])
    rows = [_shown(user, value) for user, value in zip(page, worth, strict=True)]
    return envelope.page(rows, has_next=len(users) > skipped + limit, total=len(users))


def _shown(user: User, worth: int) -> SubAccount:
    return SubAccount(
        sub_user_name=user.name,
        is_frozen=user.status != "active",
        is_authorized=False,
        permissions=[word for word, permission in _PERMISSIONS.items() if permission in user.permissions],
        balance_usd=dollars(worth),
    )


async def freeze(call: Call, params: NameParams) -> bytes:
    """To freeze what is frozen succeeds."""
    await call.desk.sub_accounts.freeze(call.signer, params.sub_user_name)
    return envelope.EMPTY


async def unfreeze(call: Call, params: NameParams) -> bytes:
    await call.desk.sub_accounts.unfreeze(call.signer, params.sub_user_name)
    return envelope.EMPTY


async def identity(call: Call, params: NoParams) -> bytes:
    """Whose key is this?"""
    del params
    if call.signer.parent:
        return envelope.success(Identity(user_type="SUB_ACCOUNT", sub_user_name=call.signer.name))
    return envelope.success(Identity(user_type="NORMAL", sub_user_name=""))


Nothing = dict[str, str]

ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("POST", "/account/subs", CreateParams, Nothing, create, "trade", main_only=True),
    Endpoint("GET", "/account/subs", ListParams, SubAccount, list_all, "read", "page", main_only=True),
    Endpoint("POST", "/account/subs/frozen", NameParams, Nothing, freeze, "trade", main_only=True),
    Endpoint("POST", "/account/subs/unfrozen", NameParams, Nothing, unfreeze, "trade", main_only=True),
    Endpoint("GET", "/account/subs/info", NoParams, Identity, identity, "read"),
]
