"""How positions in futures shall be kept (reference/coinex/account-assets.md A18, A19).

The switch is kept for the day when contracts are traded. Hedged positions are not built.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.common import NoParams
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.params import Params
from openbourse.wire.coinex.sub_accounts import Nothing

_PREFERENCE: Final = "futures.auto_settlement"
_ON: Final = 1
_OFF: Final = 2


class SettingsParams(Params, kw_only=True, frozen=True):
    """At least one; each generation of clients knows one of the two."""

    settle_switch: Annotated[int, Meta(ge=_ON, le=_OFF, description="1 on, 2 off.")] | None = None
    position_mode: Literal["one_way", "hedge"] | None = None


class FuturesSettings(Struct, kw_only=True):
    """`settle_switch` 1: profits of positions are settled by themselves; 2: they are not."""

    settle_switch: int
    position_mode: str


async def read(call: Call, params: NoParams) -> bytes:
    del params
    on = await call.desk.venue.holdings.preference(call.user, _PREFERENCE, "off") == "on"
    return envelope.success(FuturesSettings(settle_switch=_ON if on else _OFF, position_mode="one_way"))


async def change(call: Call, params: SettingsParams) -> bytes:
    if params.position_mode == "hedge" or (params.settle_switch is None and params.position_mode is None):
        raise ApiError(Code.INVALID_PARAMETER)
    if params.settle_switch is not None:
        value = "on" if params.settle_switch == _ON else "off"
        await call.desk.venue.holdings.set_preference(call.user, _PREFERENCE, value)
    return envelope.EMPTY


_PATH: Final = "/account/futures-market-settings"

ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", _PATH, NoParams, FuturesSettings, read, "read"),
    Endpoint("POST", _PATH, SettingsParams, Nothing, change, "trade", permission="futures"),
]
