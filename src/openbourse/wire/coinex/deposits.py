"""Deposit addresses and deposits (reference/coinex/account-assets.md B13-B15)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from msgspec import Struct

from openbourse.core.events import DepositState, DepositStatus
from openbourse.wallet.addresses import DepositAddress
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.numbers import money
from openbourse.wire.coinex.params import LongText, Name, Paged, Params
from openbourse.wire.coinex.sub_accounts import MAX_PAGE

Method = Literal["on_chain", "inter_user"]


class PlaceParams(Params, kw_only=True, frozen=True):
    """An asset on one of its chains."""

    ccy: Name
    chain: Name


class DepositsParams(Paged, kw_only=True, frozen=True):
    """Filters; what is absent matches all."""

    # The documentation's own example says `coin`.
    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({"coin": "ccy"})

    ccy: Name | None = None
    tx_id: LongText = ""
    status: DepositStatus | None = None


class Address(Struct, kw_only=True):
    """Where to send to; `memo` is "" on chains that need none."""

    address: str
    memo: str


class Deposit(Struct, kw_only=True):
    """A deposit; `actual_amount` is "" until it is credited.

    `to_address` is the sender's name where it came from another user.
    """

    deposit_id: int
    created_at: int
    tx_id: str
    tx_id_display: str
    ccy: str
    chain: str
    deposit_method: Method
    amount: str
    actual_amount: str
    to_address: str
    confirmations: int
    status: str
    tx_explorer_url: str
    to_addr_explorer_url: str
    remark: str


async def address(call: Call, params: PlaceParams) -> bytes:
    """One's address on a chain, made on first use."""
    return _place(await call.desk.funds.deposit_address(call.user, params.ccy, params.chain))


async def renew(call: Call, params: PlaceParams) -> bytes:
    """A new address, also for an account that has none yet; what arrives at the old one is still credited."""
    return _place(await call.desk.funds.renew_deposit_address(call.user, params.ccy, params.chain))


def _place(found: DepositAddress) -> bytes:
    return envelope.success(Address(address=found.address, memo=found.memo))


async def history(call: Call, params: DepositsParams) -> bytes:
    """Newest first."""
    found = await call.desk.funds.deposits(
        call.user,
        asset=params.ccy or "",
        status=params.status or "",
        tx_id=params.tx_id,
        page=params.page,
        limit=min(params.limit, MAX_PAGE),
    )
    senders = sorted({state.sender for state in found.rows if state.sender})
    names = await call.desk.funds.sender_names(senders) if senders else {}
    rows = [_shown(state, names) for state in found.rows]
    return envelope.page(rows, has_next=found.has_next, total=found.total, misspelt=True)


def _shown(state: DepositState, senders: Mapping[int, str]) -> Deposit:
    on_chain = state.method == "on_chain"
    return Deposit(
        deposit_id=state.deposit_id,
        created_at=state.created_at,
        tx_id=state.tx_id,
        tx_id_display="",
        ccy=state.asset,
        chain=state.chain,
        # What the operator credited came from inside the house as well.
        deposit_method="on_chain" if on_chain else "inter_user",
        amount=money(state.amount),
        actual_amount=money(state.credited) if state.credited else "",
        to_address=state.address if on_chain else senders.get(state.sender, ""),
        confirmations=state.confirmations,
        status=state.status,
        tx_explorer_url="",
        to_addr_explorer_url="",
        # On a chain the note is the operator's, between users it is what the sender wrote.
        remark="" if on_chain else state.note,
    )


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/assets/deposit-address", PlaceParams, Address, address, "read"),
    Endpoint("POST", "/assets/renewal-deposit-address", PlaceParams, Address, renew, "read"),
    Endpoint(
        "GET", "/assets/deposit-history", DepositsParams, Deposit, history, "read", "page", misspelt=True
    ),
]
