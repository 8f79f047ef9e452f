"""Fund operations: what the operator decides about money that comes and goes.

Everything goes through the core and its ledger, never around it. Refusals raise Refusal, what the operator
got wrong ValueError with a sentence.
"""

import asyncio
import secrets
from typing import Final

import msgspec

from openbourse.accounts.records import User
from openbourse.core.commands import (
    Adjust,
    AdvanceWithdrawal,
    ResolveDeposit,
    SetWithdrawals,
    UserStatus,
    WithdrawalStep,
)
from openbourse.core.events import DepositState, WithdrawalState
from openbourse.venue.funds import Funds
from openbourse.venue.standing import set_standing
from openbourse.venue.venue import Venue, accepted
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec
from openbourse.wallet.chain import Chain
from openbourse.wallet.simulated_chain import SimulatedChain

MAX_REASON: Final = 200


class FundOperations:
    """The operator's side of the cashier's desk."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._standing = asyncio.Lock()

    # -- withdrawals -------------------------------------------------------------------------------

    def waiting_withdrawals(self) -> list[WithdrawalState]:
        """All that have not ended, oldest first; those under review and unknown ones wait for a person."""
        return self._venue.exchange.live_withdrawals()

    async def approve(self, withdrawal_id: int) -> None:
        """Let a withdrawal under review go its way."""
        await self._advance(withdrawal_id, "approved")

    async def reject(self, withdrawal_id: int, reason: str) -> None:
        """Refuse one that is not being sent; its money goes back."""
        await self._advance(withdrawal_id, "rejected", note=_reason(reason))

    async def mark_sent(self, withdrawal_id: int, tx_id: str) -> None:
        """End the doubt about an unknown one: this transaction is it, follow it.

        While withdrawals are halted, also about one that waits: a restored venue may have sent it before.
        """
        if not tx_id:
            raise ValueError("the transaction is needed")
        withdrawal = self._venue.exchange.withdrawal(withdrawal_id)
        halted = not self._venue.exchange.withdrawals_enabled
        if withdrawal is None or not halted or withdrawal.status != "approved":
            self._check_unknown(withdrawal_id)
        await self._advance(withdrawal_id, "confirming", tx_id=tx_id)

    async def mark_not_sent(self, withdrawal_id: int, reason: str) -> None:
        """End the doubt about an unknown one: it was never sent and never will be; its money goes back."""
        self._check_unknown(withdrawal_id)
        await self._advance(withdrawal_id, "failed", note=_reason(reason))

    async def switch_withdrawals(self, *, enabled: bool, compared: bool = False) -> None:
        """Halt or resume all withdrawals of the venue.

        After a restore somebody must have `compared` those that wait with what the chains say.
        """
        restored = self._venue.restored
        if enabled and restored is not None and not compared:
            raise ValueError(
                f"this venue was restored from a backup that ends at command {restored.sequence}: what was "
                "sent after that waits to be sent again; compare `withdrawal list` with the chains, tell of "
                "each that was sent with `withdrawal sent`, then `withdrawal resume --compared`"
            )
        accepted(await self._venue.submit(SetWithdrawals(self._venue.now(), enabled)))
        if enabled:
            self._venue.forget_restored()

    def _check_unknown(self, withdrawal_id: int) -> None:
        """What is being sent just now is the wallet's alone."""
        withdrawal = self._venue.exchange.withdrawal(withdrawal_id)
        if withdrawal is None or withdrawal.status != "unknown":
            raise ValueError(f"there is no unknown withdrawal {withdrawal_id}")

    async def _advance(
        self, withdrawal_id: int, status: WithdrawalStep, *, tx_id: str = "", note: str = ""
    ) -> None:
        command = AdvanceWithdrawal(self._venue.now(), withdrawal_id, status, tx_id, 0, note)
        accepted(await self._venue.submit(command))

    # -- deposits and balances ---------------------------------------------------------------------

    def held_deposits(self) -> list[DepositState]:
        """Deposits that are too small or an exception, oldest first."""
        deposits = self._venue.exchange.live_deposits()
        return [deposit for deposit in deposits if deposit.status in ("too_small", "exception")]

    async def resolve_deposit(self, deposit_id: int, *, credit: bool, reason: str) -> None:
        """End a held deposit: it counts for good, or is void and taken back if it was credited."""
        command = ResolveDeposit(self._venue.now(), deposit_id, credit, _reason(reason))
        accepted(await self._venue.submit(command))

    async def adjust(self, user: User, asset: str, amount: int, reason: str, key: str = "") -> None:
        """Credit a user, or debit with an amount below zero, with a reason; with an equal `key` once."""
        if self._venue.assets.get(asset) is None:
            raise ValueError(f"there is no asset {asset}")
        key = key or f"operator-{secrets.token_hex(8)}"
        command = Adjust(self._venue.now(), key, user.id, asset, amount, _reason(reason))
        accepted(await self._venue.submit(command))

    async def set_user_status(self, user: User, status: UserStatus) -> None:
        """Bar a user and their sub-accounts from trading, or freeze keys and money of all, or lift that."""
        async with self._standing:
            await set_standing(self._venue, user, status)

    # -- terms -------------------------------------------------------------------------------------

    def set_limits(self, asset: str, daily_limit: int | None, review_above: int | None) -> AssetSpec:
        """What a user may withdraw of an asset in a day, and from where on a person decides; None: none."""
        spec = self._asset(asset)
        changed = msgspec.structs.replace(spec, daily_limit=daily_limit, review_above=review_above)
        self._venue.assets.put(changed)
        return changed

    def switch_asset(
        self, asset: str, chain: str = "", *, deposits: bool | None = None, withdrawals: bool | None = None
    ) -> AssetSpec:
        """Switch deposits or withdrawals of an asset on or off, everywhere or on one chain."""
        spec = self._asset(asset)
        changes: dict[str, bool] = {}
        if deposits is not None:
            changes["deposit_enabled"] = deposits
        if withdrawals is not None:
            changes["withdraw_enabled"] = withdrawals
        if chain:
            if spec.chain(chain) is None:
                raise ValueError(f"{asset} has no chain {chain}")
            chains = tuple(
                msgspec.structs.replace(each, **changes) if each.name == chain else each
                for each in spec.chains
            )
            changed = msgspec.structs.replace(spec, chains=chains)
        else:
            changed = msgspec.structs.replace(spec, **changes)
        self._venue.assets.put(changed)
        return changed

    def allow(self, user: User, entry: AllowedAddress) -> None:
        """Let a user's keys withdraw to an address, or, without a chain, to another user."""
        if entry.chain:
            chain = self._venue.wallet.chains.get(entry.chain)
            if not any(asset.chain(entry.chain) for asset in self._venue.assets.all()):
                raise ValueError(f"no asset moves on a chain {entry.chain}")
            if chain is not None and not chain.is_valid_address(entry.address):
                raise ValueError(f"that is no address of {entry.chain}")
        elif self._venue.accounts.user_by_name(entry.address) is None:
            raise ValueError(f"there is no user {entry.address}")
        address, now = self._usual_spelling(entry), self._venue.now()
        self._venue.wallet.allow_list.add(
            user.id, msgspec.structs.replace(entry, address=address, created_at=now)
        )

    def disallow(self, user: User, entry: AllowedAddress) -> None:
        """Take an address back."""
        remove = self._venue.wallet.allow_list.remove
        spellings = {entry.address, self._usual_spelling(entry)}
        removed = [remove(user.id, entry.chain, spelling, entry.memo) for spelling in spellings]
        if True not in removed:
            raise ValueError("that address is not on the list")

    def _usual_spelling(self, entry: AllowedAddress) -> str:
        """Of the address; names, and what is on a chain without a connection, stay as they are."""
        chain = self._venue.wallet.chains.get(entry.chain) if entry.chain else None
        return entry.address if chain is None else chain.usual_spelling(entry.address)

    # -- the sandbox -------------------------------------------------------------------------------

    async def faucet(self, user: User, asset: str, amount: int, chain: str = "") -> str:
        """Pay a user on a simulated chain, the asset's first by default; the transaction."""
        spec = self._asset(asset)
        if not spec.chains:
            raise ValueError(f"{asset} moves on no chain")
        name = chain or spec.chains[0].name
        simulated = self.simulated_chain(name)
        address = await Funds(self._venue).deposit_address(user.id, asset, name)
        return simulated.pay(address.address, address.memo, asset, amount)

    def simulated_chain(self, name: str) -> SimulatedChain:
        """A chain of the sandbox, to pay on it and to have accidents on it."""
        chain: Chain | None = self._venue.wallet.chains.get(name)
        if not isinstance(chain, SimulatedChain):
            raise ValueError("only a sandbox has simulated chains")  # noqa: TRY004 - a sentence for the operator
        if not any(asset.chain(name) for asset in self._venue.assets.all()):
            raise ValueError(f"no asset moves on a chain {name}")
        return chain

    def _asset(self, name: str) -> AssetSpec:
        spec = self._venue.assets.get(name)
        if spec is None:
            raise ValueError(f"there is no asset {name}")
        return spec


def _reason(text: str) -> str:
    if not text.strip() or len(text) > MAX_REASON:
        raise ValueError(f"a reason of 1 to {MAX_REASON} letters is needed")
    return text
