"""Funds: deposits and withdrawals of users, in neutral terms.

What is asked for is judged here by the catalogue and the user's allow-list; balances, limits and states are
judged by the core, in the order of commands. A refusal is `core.refusal.Refusal`, an overloaded or stopped
venue raises Busy or VenueStopped.
"""

import secrets

import msgspec

from openbourse.core.commands import CancelWithdrawal, Destination, RequestWithdrawal, TransferMethod
from openbourse.core.events import AnyEvent, DepositState, Repeated, WithdrawalChanged, WithdrawalState
from openbourse.core.refusal import Refusal
from openbourse.core.units import MONEY_DECIMALS
from openbourse.history.funds import deposits_of, withdrawal_of, withdrawals_of
from openbourse.history.paging import CountedPage
from openbourse.venue.venue import Venue, accepted
from openbourse.wallet.addresses import DepositAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec

# Decimals of a withdrawal to another user of an asset that moves on no chain.
_PRECISION = 8


class WithdrawalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a user asks for. `amount` is money that the receiver gets, the fee comes on top.

    `address` is the receiver's name when it goes to another user. An empty `fee_asset` is the asset itself.
    """

    asset: str
    amount: int
    address: str
    method: TransferMethod = "on_chain"
    chain: str = ""
    memo: str = ""
    fee_asset: str = ""
    remark: str = ""


class Funds:
    """The cashier's desk of a venue."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    # -- withdrawals -------------------------------------------------------------------------------

    async def submit_withdrawal(
        self, user: int, request: WithdrawalRequest, key: str = ""
    ) -> WithdrawalState:
        """Ask for a withdrawal; its state. With an equal `key` it happens once.

        Refusals beside the core's: unknown_asset, unknown_chain, unknown_receiver, not_enabled,
        invalid_amount (precision, minimum), address_invalid, address_not_allowed, memo_required.
        """
        asset = self._asset(request.asset)
        if request.method == "inter_user":
            destination, fee = self._to_user(user, asset, request), 0
        else:
            destination, fee = self._to_chain(user, asset, request)
        if request.fee_asset not in ("", request.asset):
            raise Refusal("invalid_request", "fees are charged in the asset that is withdrawn")
        command = RequestWithdrawal(
            self._venue.now(),
            key or f"desk-{secrets.token_hex(12)}",
            user,
            request.asset,
            request.amount,
            request.asset,
            fee,
            destination,
            request.remark,
            asset.review_above,
            asset.daily_limit,
        )
        return await self._told(user, accepted(await self._venue.submit(command)))

    async def cancel_withdrawal(self, user: int, withdrawal_id: int) -> WithdrawalState:
        """Take one's own withdrawal back. Refusals: unknown_withdrawal, wrong_state when it is too late."""
        command = CancelWithdrawal(self._venue.now(), user, withdrawal_id)
        try:
            return await self._told(user, accepted(await self._venue.submit(command)))
        except Refusal as refusal:
            if (
                refusal.reason == "unknown_withdrawal"
                and await self.withdrawal(user, withdrawal_id) is not None
            ):
                raise Refusal("wrong_state", "it has ended") from None
            raise

    async def withdrawal(self, user: int, withdrawal_id: int) -> WithdrawalState | None:
        """One withdrawal of a user, whatever became of it."""
        return await self._venue.ask(lambda connection: withdrawal_of(connection, user, withdrawal_id))

    async def withdrawals(
        self, user: int, *, asset: str = "", statuses: tuple[str, ...] = (), page: int = 1, limit: int = 10
    ) -> CountedPage[WithdrawalState]:
        """A user's withdrawals that match, newest first; empty filters match all."""
        return await self._venue.ask(
            lambda connection: withdrawals_of(
                connection, user, asset=asset, statuses=statuses, page=page, limit=limit
            )
        )

    def withdrawable(self, user: int, asset: str) -> int:
        """What a user could withdraw now but for limits: available, and irreversibly deposited."""
        return self._venue.exchange.withdrawable(user, asset)

    def _to_user(self, user: int, asset: AssetSpec, request: WithdrawalRequest) -> Destination:
        if not asset.user_transfer_enabled or not asset.withdraw_enabled:
            raise Refusal("not_enabled", f"{asset.name} does not move between users")
        precision = max((chain.withdrawal_precision for chain in asset.chains), default=_PRECISION)
        _check_amount(request.amount, 0, precision)
        # Before the name is looked up: the answer must not tell strangers who has an account.
        self._check_allowed(user, "", "", request.address)
        receiver = self._venue.accounts.user_by_name(request.address)
        if receiver is None:
            raise Refusal("unknown_receiver")
        return Destination("inter_user", "", request.address, "", receiver.id)

    def _to_chain(self, user: int, asset: AssetSpec, request: WithdrawalRequest) -> tuple[Destination, int]:
        spec = _chain(asset, request.chain)
        chain = self._venue.wallet.chains.get(spec.name)
        if not asset.withdraw_enabled or not spec.withdraw_enabled or chain is None:
            raise Refusal("not_enabled", f"{asset.name} cannot be withdrawn on {spec.name}")
        _check_amount(request.amount, spec.min_withdrawal, spec.withdrawal_precision)
        if spec.memo_required and not request.memo:
            raise Refusal("memo_required")
        if not chain.is_valid_address(request.address):
            raise Refusal("address_invalid")
        usual = chain.usual_spelling(request.address)
        self._check_allowed(user, spec.name, request.memo, request.address, usual)
        return Destination("on_chain", spec.name, request.address, request.memo), spec.withdrawal_fee

    def _check_allowed(self, user: int, chain: str, memo: str, *spellings: str) -> None:
        """One spelling of the address has to be on the user's list."""
        allows = self._venue.wallet.allow_list.allows
        if not any(allows(user, chain, spelling, memo) for spelling in spellings):
            raise Refusal("address_not_allowed")

    async def _told(self, user: int, events: list[AnyEvent]) -> WithdrawalState:
        """The withdrawal that these events are about; a repeated request finds it as it is now."""
        for event in events:
            if isinstance(event, WithdrawalChanged):
                return event.withdrawal
            if isinstance(event, Repeated):
                known = await self.withdrawal(user, event.id)
                if known is not None:
                    return known
        raise AssertionError("a withdrawal has left no event")

    # -- deposits ----------------------------------------------------------------------------------

    async def deposit_address(self, user: int, asset: str, chain: str) -> DepositAddress:
        """Where a user receives an asset, made on first use.

        Refusals: unknown_asset, unknown_chain, and not_enabled where none was made before deposits were
        switched off, or the venue has no connection to the chain.
        """
        spec = self._asset(asset)
        on_chain = _chain(spec, chain)
        if not spec.deposit_enabled or not on_chain.deposit_enabled:
            return _given(self._venue.wallet.addresses.current(user, chain))
        return _given(self._venue.wallet.deposit_address(user, on_chain))

    async def renew_deposit_address(self, user: int, asset: str, chain: str) -> DepositAddress:
        """A new address, also for a user who had none; the old one is credited as before."""
        spec = self._asset(asset)
        on_chain = _chain(spec, chain)
        if not spec.deposit_enabled or not on_chain.deposit_enabled:
            raise Refusal("not_enabled", f"{asset} cannot be deposited on {chain}")
        return _given(self._venue.wallet.renew_address(user, on_chain))

    async def deposits(
        self,
        user: int,
        *,
        asset: str = "",
        status: str = "",
        tx_id: str = "",
        page: int = 1,
        limit: int = 10,
    ) -> CountedPage[DepositState]:
        """A user's deposits that match, newest first; empty filters match all."""
        return await self._venue.ask(
            lambda connection: deposits_of(
                connection, user, asset=asset, status=status, tx_id=tx_id, page=page, limit=limit
            )
        )

    async def sender_names(self, senders: list[int]) -> dict[int, str]:
        """The names of those who sent deposits to other users."""
        return {sender: self._venue.accounts.user(sender).name for sender in senders}

    def _asset(self, name: str) -> AssetSpec:
        spec = self._venue.assets.get(name)
        if spec is None:
            raise Refusal("unknown_asset", name[:40])
        return spec


def _chain(asset: AssetSpec, name: str) -> ChainSpec:
    spec = asset.chain(name)
    if spec is None:
        raise Refusal("unknown_chain", name[:40])
    return spec


def _check_amount(amount: int, minimum: int, precision: int) -> None:
    if amount % 10 ** (MONEY_DECIMALS - precision):
        raise Refusal("invalid_amount", f"more than {precision} decimals")
    if amount <= 0 or amount < minimum:
        raise Refusal("invalid_amount", "below the minimum")


def _given(address: DepositAddress | None) -> DepositAddress:
    if address is None:
        raise Refusal("not_enabled")
    return address
