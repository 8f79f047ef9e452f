"""The operator's requests about money that comes and goes; amounts as decimal text."""

from openbourse.core.commands import UserStatus
from openbourse.venue.request import Request


class ListWithdrawals(Request, frozen=True, tag="withdrawal.list"):
    """Those that have not ended, with `status` only those of that one."""

    status: str = ""


class ApproveWithdrawal(Request, frozen=True, tag="withdrawal.approve"):
    withdrawal: int


class RejectWithdrawal(Request, frozen=True, tag="withdrawal.reject"):
    withdrawal: int
    reason: str


class MarkSent(Request, frozen=True, tag="withdrawal.sent"):
    """An unknown withdrawal is this transaction."""

    withdrawal: int
    tx_id: str


class MarkNotSent(Request, frozen=True, tag="withdrawal.not_sent"):
    """An unknown withdrawal was not sent."""

    withdrawal: int
    reason: str


class SwitchWithdrawals(Request, frozen=True, tag="withdrawal.switch"):
    """`compared`: what waits was compared with the chains, which a restored venue wants to know."""

    enabled: bool
    compared: bool = False


class ListHeld(Request, frozen=True, tag="held.list"):
    """Deposits that wait for a person or for more."""


class ResolveHeld(Request, frozen=True, tag="held.resolve"):
    deposit: int
    credit: bool
    reason: str


class AdjustBalance(Request, frozen=True, tag="adjust"):
    """Credit, or debit with a minus."""

    user: str
    asset: str
    amount: str
    reason: str
    key: str = ""


class SetStanding(Request, frozen=True, tag="user.status"):
    name: str
    status: UserStatus


class SetLimits(Request, frozen=True, tag="asset.limits"):
    """None for no limit."""

    asset: str
    daily: str | None = None
    review: str | None = None


class SwitchAsset(Request, frozen=True, tag="asset.switch"):
    """None leaves a switch as it is; without a chain the asset's own are meant."""

    asset: str
    chain: str = ""
    deposits: bool | None = None
    withdrawals: bool | None = None


class Allow(Request, frozen=True, tag="allow.add"):
    """Without a chain the address is the name of another user."""

    user: str
    address: str
    chain: str = ""
    memo: str = ""
    remark: str = ""


class Disallow(Request, frozen=True, tag="allow.remove"):
    user: str
    address: str
    chain: str = ""
    memo: str = ""


class ListAllowed(Request, frozen=True, tag="allow.list"):
    user: str


class UseFaucet(Request, frozen=True, tag="chain.faucet"):
    user: str
    asset: str
    amount: str
    chain: str = ""


class Reorganise(Request, frozen=True, tag="chain.reorganise"):
    chain: str
    depth: int
    drop: bool = False


FundRequest = (
    ListWithdrawals
    | ApproveWithdrawal
    | RejectWithdrawal
    | MarkSent
    | MarkNotSent
    | SwitchWithdrawals
    | ListHeld
    | ResolveHeld
    | AdjustBalance
    | SetStanding
    | SetLimits
    | SwitchAsset
    | Allow
    | Disallow
    | ListAllowed
    | UseFaucet
    | Reorganise
)
