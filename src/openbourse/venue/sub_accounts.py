"""Sub-accounts: what the owner of a main account may do with them and their keys.

Rules: reference/coinex/account-assets.md, "Sub-accounts" and A1 to A14. Every method takes the main
account that asks, and finds its own sub-accounts only. Users and keys live in the accounts, money and
the right to trade in the core: the accounts are written first, `opening` says what the core must then
be told, and the next start repeats it if a crash comes between the two.
"""

import asyncio
import secrets
from dataclasses import dataclass, replace

from openbourse.accounts.errors import (
    InvalidDetailsError,
    NameTakenError,
    NotGrantedError,
    SubAccountFrozenError,
    UnknownKeyError,
    UnknownUserError,
)
from openbourse.accounts.records import ALL_PERMISSIONS, KeyRecord, Permission, Protocol, User
from openbourse.core.commands import AnyCommand, OpenUser, SetFeeRates, SetUserStatus, Transfer
from openbourse.core.refusal import Refusal
from openbourse.venue.standing import is_stricter, settle, standing_of
from openbourse.venue.venue import Venue, accepted


@dataclass(frozen=True, slots=True)
class Pocket:
    """One side of a transfer: a wallet of a sub-account, or of the main account for an empty name."""

    name: str
    wallet: str


class SubAccounts:
    """The sub-accounts of a venue's main accounts. What cannot be done raises AccountsError or Refusal."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._accounts = venue.accounts
        # Standing is kept in two places: changes of it must not overlap.
        self._standing = asyncio.Lock()

    # -- the accounts ------------------------------------------------------------------------------

    async def create(
        self, main: User, name: str, permissions: tuple[Permission, ...] = ALL_PERMISSIONS, remark: str = ""
    ) -> User:
        """A new sub-account with the fee terms of its main account.

        One that an overload left half made is finished: its owner was told to try again.
        """
        user = self._accounts.user_by_name(name, main.id)
        if user is not None and self._venue.exchange.user_terms(user.id) is not None:
            raise NameTakenError(f"There is a sub-account {name} already.")
        if user is None:
            user = await asyncio.to_thread(
                self._accounts.create_user,
                name,
                now=self._venue.now(),
                parent=main.id,
                permissions=permissions,
                remark=remark,
            )
        await self._open(user)
        return user

    async def find(self, main: User, name: str) -> User:
        """Raises UnknownUserError."""
        return self._find(main, name)

    async def all(self, main: User) -> list[User]:
        """Every sub-account, oldest first."""
        return self._accounts.users(main.id)

    async def names(self, user: User) -> dict[int, str]:
        """Every sub-account of the family that a user belongs to."""
        return {member.id: member.name for member in self._accounts.users(user.parent or user.id)}

    def _find(self, main: User, name: str) -> User:
        user = self._accounts.user_by_name(name, main.id)
        if user is None:
            raise UnknownUserError(f"There is no sub-account {name}.")
        return user

    async def freeze(self, main: User, name: str) -> None:
        """No key of it works and it cannot trade; its orders and its money stay where they are."""
        number = self._find(main, name).id
        async with self._standing:
            user = await asyncio.to_thread(self._accounts.edit_user, number, status="frozen")
            await self._open(user)

    async def unfreeze(self, main: User, name: str) -> None:
        """The reverse of `freeze`; Refusal when it was the operator who barred the account."""
        async with self._standing:
            user = self._find(main, name)
            await self._open(user)
            terms = self._venue.exchange.user_terms(user.id)
            if user.suspended or (terms is not None and terms.status == "frozen"):
                raise Refusal("user_barred")
            if user.status != "active":
                # The core first: whatever a crash leaves, the next start finds a frozen account.
                thawed = standing_of(self._venue, replace(user, status="active"))
                accepted(await self._venue.submit(SetUserStatus(self._venue.now(), user.id, thawed)))
                await asyncio.to_thread(self._accounts.edit_user, user.id, status="active")
                await settle(self._venue, user)

    async def _open(self, user: User) -> None:
        commands = opening(self._venue, user)
        if commands:
            for events in await self._venue.submit_all(commands):
                accepted(events)

    # -- keys --------------------------------------------------------------------------------------

    async def create_key(
        self,
        main: User,
        name: str,
        protocol: Protocol,
        *,
        allow_list: list[str],
        trade_allowed: bool,
        remark: str = "",
    ) -> KeyRecord:
        """A new key of a sub-account that may have keys; this is the one moment to show its secret."""
        user = self._find(main, name)
        check_granted(user, "api")
        return await asyncio.to_thread(
            self._accounts.create_key,
            user.id,
            protocol=protocol,
            now=self._venue.now(),
            trade_allowed=trade_allowed,
            allow_list=allow_list,
            remark=remark,
        )

    async def keys(self, main: User, name: str, protocol: Protocol) -> list[KeyRecord]:
        """Oldest first; with those that have expired."""
        keys = self._accounts.keys_of(self._find(main, name).id)
        return [key for key in keys if key.protocol == protocol]

    async def key(self, main: User, number: int, protocol: Protocol) -> KeyRecord:
        """A key of any sub-account; UnknownKeyError for the main account's own and for anybody else's."""
        return self._key(main, number, protocol)

    def _key(self, main: User, number: int, protocol: Protocol) -> KeyRecord:
        key = self._accounts.key(number)
        if key.owner.parent != main.id or key.protocol != protocol:
            raise UnknownKeyError(f"There is no key {number}.")
        return key

    async def edit_key(
        self,
        main: User,
        name: str,
        number: int,
        protocol: Protocol,
        *,
        allow_list: list[str] | None = None,
        trade_allowed: bool | None = None,
        remark: str | None = None,
    ) -> KeyRecord:
        """Change what is given; None leaves a value as it is."""
        user = self._find(main, name)
        if self._key(main, number, protocol).user != user.id:
            raise UnknownKeyError(f"{name} has no key {number}.")
        check_granted(user, "api")
        return await asyncio.to_thread(
            self._accounts.edit_key,
            number,
            now=self._venue.now(),
            allow_list=allow_list,
            trade_allowed=trade_allowed,
            remark=remark,
        )

    async def delete_key(self, main: User, number: int, protocol: Protocol) -> None:
        """Take a key out of use at once; orders placed with it stay."""
        await asyncio.to_thread(self._accounts.revoke_key, self._key(main, number, protocol).id)

    # -- money -------------------------------------------------------------------------------------

    async def transfer(self, main: User, source: Pocket, target: Pocket, asset: str, amount: int) -> None:
        """Move money between the main account and a sub-account, or between two sub-accounts.

        Of two sub-accounts only the spot wallets. A frozen one may be emptied, not filled (A13).
        """
        if source.name == target.name:
            raise InvalidDetailsError("A transfer goes from one account to another.")
        if source.name and target.name and (source.wallet, target.wallet) != ("spot", "spot"):
            raise InvalidDetailsError("Sub-accounts transfer to each other between spot wallets only.")
        giver, taker = self._side(main, source), self._side(main, target)
        if taker.status != "active":
            raise SubAccountFrozenError(f"The sub-account {target.name} is frozen.")
        for user in (giver, taker):
            if self._venue.exchange.user_terms(user.id) is None:
                await self._open(user)
        key = f"family-{secrets.token_hex(12)}"
        now = self._venue.now()
        command = Transfer(now, key, giver.id, source.wallet, taker.id, target.wallet, asset, amount)
        accepted(await self._venue.submit(command))

    def _side(self, main: User, pocket: Pocket) -> User:
        if not pocket.name:
            return main
        user = self._find(main, pocket.name)
        if pocket.wallet == "futures":
            check_granted(user, "futures")
        return user


def check_granted(user: User, permission: Permission) -> None:
    """Raises NotGrantedError when a sub-account lacks a permission; main accounts need none."""
    if user.parent and permission not in user.permissions:
        raise NotGrantedError(f"The sub-account {user.name} lacks the permission {permission!r}.")


def opening(venue: Venue, user: User) -> list[AnyCommand]:
    """What the core must be told so that it knows a user as the accounts do; nothing when it does."""
    now = venue.now()
    terms = venue.exchange.user_terms(user.id)
    commands: list[AnyCommand] = []
    if terms is None:
        commands.append(OpenUser(now, user.id))
        main = venue.exchange.user_terms(user.parent)
        if main is not None and (main.maker_rate is not None or main.taker_rate is not None):
            commands.append(SetFeeRates(now, user.id, main.maker_rate, main.taker_rate))
    wanted = standing_of(venue, user)
    if is_stricter(wanted, "active" if terms is None else terms.status):
        commands.append(SetUserStatus(now, user.id, wanted))
    return commands
