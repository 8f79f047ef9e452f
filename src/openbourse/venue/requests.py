"""The operator's requests, as they come over the control socket or straight from the command line.

Each is a struct with the fields that a person gives; amounts and rates are decimal text, users go by name.
"""

import msgspec

from openbourse.accounts.records import Protocol
from openbourse.core.commands import MarketStatus
from openbourse.venue.fund_requests import FundRequest
from openbourse.venue.maintenance_requests import MaintenanceRequest
from openbourse.venue.request import Request


class AddUser(Request, frozen=True, tag="user.add"):
    founds = True
    name: str


class ListUsers(Request, frozen=True, tag="user.list"):
    pass


class ShowUser(Request, frozen=True, tag="user.show"):
    name: str


class AddKey(Request, frozen=True, tag="key.add"):
    user: str
    protocol: Protocol
    trade: bool = True
    withdraw: bool = False
    allow: list[str] = msgspec.field(default_factory=list)
    never_expires: bool = False
    remark: str = ""


class ListKeys(Request, frozen=True, tag="key.list"):
    """The living keys of a user, of all for an empty name."""

    user: str = ""


class RevokeKey(Request, frozen=True, tag="key.revoke"):
    key: str


class Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    min_deposit: str = "0"
    min_withdrawal: str = "0"
    fee: str = "0"
    precision: int = 8
    safe: int = 1
    irreversible: int = 1


class AddAsset(Request, frozen=True, tag="asset.add"):
    """A new asset, or a change of one. A chain's numbers are decimal text.

    `number` is its listing number, for protocols that have such; 0 leaves it to them.
    """

    founds = True
    name: str
    full_name: str = ""
    chains: list[Chain] = msgspec.field(default_factory=list)
    number: int = 0


class ListAssets(Request, frozen=True, tag="asset.list"):
    pass


class AddMarket(Request, frozen=True, tag="market.add"):
    """A new market; `number` is its listing number, for protocols that have such; 0 leaves it to them."""

    founds = True
    name: str
    base: str
    quote: str
    base_precision: int
    quote_precision: int
    min_amount: str
    maker_rate: str
    taker_rate: str
    price_band: str = "0"
    status: MarketStatus = "open"
    number: int = 0


class ChangeMarket(Request, frozen=True, tag="market.change"):
    """None leaves a rule as it is."""

    name: str
    min_amount: str | None = None
    maker_rate: str | None = None
    taker_rate: str | None = None
    price_band: str | None = None


class ListMarkets(Request, frozen=True, tag="market.list"):
    pass


class SetStatus(Request, frozen=True, tag="market.status"):
    name: str
    status: MarketStatus


class MakeDeposit(Request, frozen=True, tag="deposit"):
    user: str
    asset: str
    amount: str
    key: str = ""


class SetUserFees(Request, frozen=True, tag="fee.user"):
    """None restores the markets' rates."""

    user: str
    maker_rate: str | None = None
    taker_rate: str | None = None


class AddFeeTier(Request, frozen=True, tag="fee.tier.add"):
    """A new tier, or other rates for all its members."""

    founds = True
    name: str
    maker_rate: str
    taker_rate: str


class ListFeeTiers(Request, frozen=True, tag="fee.tier.list"):
    pass


class AssignFeeTier(Request, frozen=True, tag="fee.tier.assign"):
    """An empty name takes the user out of any tier."""

    user: str
    tier: str = ""


class SetDiscount(Request, frozen=True, tag="fee.discount"):
    user: str
    enabled: bool


class SetToken(Request, frozen=True, tag="fee.token"):
    founds = True
    asset: str
    discount: str


AnyRequest = (
    AddUser
    | ListUsers
    | ShowUser
    | AddKey
    | ListKeys
    | RevokeKey
    | AddAsset
    | ListAssets
    | AddMarket
    | ChangeMarket
    | ListMarkets
    | SetStatus
    | MakeDeposit
    | SetUserFees
    | AddFeeTier
    | ListFeeTiers
    | AssignFeeTier
    | SetDiscount
    | SetToken
    | FundRequest
    | MaintenanceRequest
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)


def encode_request(request: AnyRequest) -> bytes:
    """One line without its end."""
    return _encoder.encode(request)


def decode_request(line: bytes) -> AnyRequest:
    """The reverse; raises msgspec.MsgspecError for anything else."""
    return _decoder.decode(line)
