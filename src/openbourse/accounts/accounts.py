"""Who may use the venue: users, sub-accounts and API keys.

Everything is kept in memory and in the relational database; reading never leaves memory, changing
writes the database first. Methods may be called from any thread, changes happen one at a time.
Times are Unix milliseconds and always come from the caller.
"""

import re
import secrets
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, get_args

from openbourse.accounts.allow_list import AllowList
from openbourse.accounts.errors import (
    InvalidDetailsError,
    LimitReachedError,
    NameTakenError,
    UnknownKeyError,
    UnknownUserError,
)
from openbourse.accounts.fee_tiers import FeeTiers
from openbourse.accounts.kept_secrets import KeptSecrets
from openbourse.accounts.preferences import Preferences
from openbourse.accounts.records import ALL_PERMISSIONS, KeyRecord, Permission, Protocol, User, UserStatus
from openbourse.accounts.store import Store
from openbourse.accounts.vault import Vault

# reference/coinex/conventions.md §2.7, account-assets.md "Sub-accounts"
KEY_LIFE_MS: Final = 90 * 24 * 3600 * 1000
MAX_KEYS: Final = 50
MAX_SUB_ACCOUNTS: Final = 20
MAX_REMARK: Final = 50
_NAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,64}")

KeyListener = Callable[[KeyRecord], None]


class Accounts:
    """The users and living keys of a venue; made by `openbourse.accounts.opening.open_accounts`."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self.fee_tiers = FeeTiers(store.engine)
        self.preferences = Preferences(store.engine)
        self.kept_secrets = KeptSecrets(store.engine, vault)
        self._store = store
        self._vault = vault
        self._change = threading.RLock()
        self._listeners: list[KeyListener] = []
        self._users = {user.id: user for user in store.all_users()}
        for user in self._users.values():
            if user.parent:
                self._users[user.id] = replace(user, suspended=self._is_frozen(user.parent))
        self._names: dict[tuple[int, str], int] = {}
        self._children: dict[int, list[int]] = {}
        for user in self._users.values():
            self._index(user)
        self._keys: dict[str, KeyRecord] = {}
        self._key_ids: dict[int, str] = {}
        self._keys_of: dict[int, dict[int, KeyRecord]] = {}
        for key in store.living_keys(self._users, vault):
            self._remember(key)

    def close(self) -> None:
        self._store.close()

    def on_key_change(self, listener: KeyListener) -> None:
        """Call `listener` with every key that is made, edited, revoked, or whose owner changes.

        It is called in the thread that makes the change, after it is stored, and must not raise.
        """
        self._listeners.append(listener)

    # -- users ------------------------------------------------------------------------------------

    def create_user(
        self,
        name: str,
        *,
        now: int,
        parent: int = 0,
        permissions: Iterable[Permission] = ALL_PERMISSIONS,
        remark: str = "",
    ) -> User:
        """A new user; with `parent` a sub-account of that main account.

        Raises InvalidDetailsError, NameTakenError, LimitReachedError, or UnknownUserError for the parent.
        """
        if not _NAME.fullmatch(name):
            raise InvalidDetailsError("A user name has 1 to 64 letters, digits, or any of . _ @ -")
        _check_remark(remark)
        with self._change:
            if parent:
                self._check_parent(parent)
            if (parent, name) in self._names:
                raise NameTakenError(f"There is a user {name!r} already.")
            user = User(0, name, self._new_public_id(), parent, _ordered(permissions), "active", remark, now)
            user = replace(user, id=self._store.insert_user(user), suspended=self._is_frozen(parent))
            self._users[user.id] = user
            self._index(user)
            return user

    def edit_user(
        self,
        user_id: int,
        *,
        status: UserStatus | None = None,
        permissions: Iterable[Permission] | None = None,
        remark: str | None = None,
    ) -> User:
        """Change what is given; None leaves a value as it is.

        Raises UnknownUserError, InvalidDetailsError.
        """
        if status is not None and status not in get_args(UserStatus):
            raise InvalidDetailsError(f"A user is one of {', '.join(get_args(UserStatus))}.")
        with self._change:
            old = self.user(user_id)
            user = replace(
                old,
                status=old.status if status is None else status,
                permissions=old.permissions if permissions is None else _ordered(permissions),
                remark=old.remark if remark is None else _check_remark(remark),
            )
            self._store.update_user(user)
            self._replace(user)
            for member in self.users(user.id):
                if member.suspended != (user.status == "frozen"):
                    self._replace(replace(member, suspended=user.status == "frozen"))
            return user

    def user(self, user_id: int) -> User:
        """Raises UnknownUserError."""
        user = self._users.get(user_id)
        if user is None:
            raise UnknownUserError(f"There is no user {user_id}.")
        return user

    def user_by_name(self, name: str, parent: int = 0) -> User | None:
        """The main account of that name, or the sub-account of `parent`."""
        user_id = self._names.get((parent, name))
        return None if user_id is None else self._users[user_id]

    def users(self, parent: int | None = None) -> list[User]:
        """All users, or only the sub-accounts of `parent` (the main accounts for 0), ascending."""
        if parent is None:
            return list(self._users.values())
        return [self._users[user_id] for user_id in list(self._children.get(parent, ()))]

    # -- keys -------------------------------------------------------------------------------------

    def create_key(
        self,
        user_id: int,
        *,
        protocol: Protocol,
        now: int,
        trade_allowed: bool = True,
        withdraw_allowed: bool = False,
        allow_list: Iterable[str] = (),
        remark: str = "",
        never_expires: bool = False,
    ) -> KeyRecord:
        """A new key. This is the one moment to show its secret to its owner.

        A key with an allow-list never expires, one without lives ninety days, unless the operator
        says `never_expires` (reference/coinex/conventions.md §2.7). A sub-account's key cannot
        withdraw. Raises UnknownUserError, InvalidDetailsError, LimitReachedError.
        """
        _check_remark(remark)
        addresses = AllowList(allow_list)
        with self._change:
            owner = self.user(user_id)
            _check_key_owner(owner, withdraw_allowed)
            if len(self._keys_of.get(user_id, ())) >= MAX_KEYS:
                raise LimitReachedError(f"A user has at most {MAX_KEYS} keys.")
            key_id, secret = _new_pair(protocol)
            key = KeyRecord(
                id=0,
                owner=owner,
                key_id=key_id,
                protocol=protocol,
                trade_allowed=trade_allowed,
                withdraw_allowed=withdraw_allowed,
                allow_list=addresses,
                created_at=now,
                expires_at=0 if never_expires or addresses else now + KEY_LIFE_MS,
                remark=remark,
                revoked=False,
                secret=secret,
            )
            key = replace(key, id=self._store.insert_key(key, self._vault))
            self._announce(key)
            return key

    def edit_key(
        self,
        number: int,
        *,
        now: int,
        trade_allowed: bool | None = None,
        withdraw_allowed: bool | None = None,
        allow_list: Iterable[str] | None = None,
        remark: str | None = None,
    ) -> KeyRecord:
        """Change what is given; None leaves a value as it is.

        Emptying the allow-list starts the ninety days anew, filling it ends them. Raises UnknownKeyError,
        InvalidDetailsError.
        """
        with self._change:
            old = self.key(number)
            addresses = old.allow_list if allow_list is None else AllowList(allow_list)
            expires_at = old.expires_at
            if addresses:
                expires_at = 0
            elif old.allow_list:
                expires_at = now + KEY_LIFE_MS
            key = replace(
                old,
                trade_allowed=old.trade_allowed if trade_allowed is None else trade_allowed,
                withdraw_allowed=old.withdraw_allowed if withdraw_allowed is None else withdraw_allowed,
                allow_list=addresses,
                expires_at=expires_at,
                remark=old.remark if remark is None else _check_remark(remark),
            )
            _check_key_owner(key.owner, key.withdraw_allowed)
            self._store.update_key(key)
            self._announce(key)
            return key

    def revoke_key(self, number: int) -> KeyRecord:
        """Take a key out of use at once and for ever. Raises UnknownKeyError."""
        with self._change:
            key = replace(self.key(number), revoked=True)
            self._store.update_key(key)
            self._announce(key)
            return key

    def find_key(self, key_id: str) -> KeyRecord | None:
        """The living key with that public text; it may be expired, and its owner frozen."""
        return self._keys.get(key_id)

    def key(self, number: int) -> KeyRecord:
        """The living key of that number. Raises UnknownKeyError."""
        key = self._keys.get(self._key_ids.get(number, ""))
        if key is None:
            raise UnknownKeyError(f"There is no key {number}.")
        return key

    def living_keys(self) -> list[KeyRecord]:
        with self._change:
            return list(self._keys.values())

    def keys_of(self, user_id: int) -> list[KeyRecord]:
        """The living keys of a user, oldest first."""
        return sorted(self._keys_of.get(user_id, {}).values(), key=lambda key: key.id)

    def rotate_master_key(self, master_key: bytes) -> None:
        """Encrypt all secrets under a new master key of 32 bytes, all or none of them."""
        vault = Vault(master_key)
        with self._change:
            secrets_of = {key.id: (key.key_id, key.secret) for key in self._keys.values()}
            self._store.reseal(secrets_of, self._vault, vault)
            self._vault = vault
            self.kept_secrets = KeptSecrets(self._store.engine, vault)

    # -- inside -----------------------------------------------------------------------------------

    def _is_frozen(self, user_id: int) -> bool:
        return user_id in self._users and self._users[user_id].status == "frozen"

    def _replace(self, user: User) -> None:
        """Let everybody see a changed user, the holders of the keys included."""
        self._users[user.id] = user
        for key in self.keys_of(user.id):
            self._announce(replace(key, owner=user))

    def _index(self, user: User) -> None:
        self._names[user.parent, user.name] = user.id
        self._children.setdefault(user.parent, []).append(user.id)

    def _remember(self, key: KeyRecord) -> None:
        self._keys[key.key_id] = key
        self._key_ids[key.id] = key.key_id
        self._keys_of.setdefault(key.user, {})[key.id] = key

    def _announce(self, key: KeyRecord) -> None:
        if key.revoked:
            del self._keys[key.key_id]
            del self._key_ids[key.id]
            del self._keys_of[key.user][key.id]
        else:
            self._remember(key)
        for listener in self._listeners:
            listener(key)

    def _check_parent(self, parent: int) -> None:
        if self.user(parent).parent:
            raise InvalidDetailsError("A sub-account cannot have sub-accounts.")
        if len(self.users(parent)) >= MAX_SUB_ACCOUNTS:
            raise LimitReachedError(f"A main account has at most {MAX_SUB_ACCOUNTS} sub-accounts.")

    def _new_public_id(self) -> str:
        taken = {user.public_id for user in self._users.values()}
        while (public_id := secrets.token_hex(4).upper()) in taken:
            pass
        return public_id


def _new_pair(protocol: Protocol) -> tuple[str, str]:
    """The public and the secret text of a new key, in the look that the protocol's clients know."""
    if protocol == "coinex":
        return secrets.token_hex(16).upper(), secrets.token_hex(24).upper()
    if protocol == "coinw":
        return str(uuid.uuid4()), secrets.token_hex(16).upper()
    raise InvalidDetailsError(f"A key is for one of {', '.join(get_args(Protocol))}.")


def _check_key_owner(owner: User, withdraw_allowed: bool) -> None:
    if owner.parent and withdraw_allowed:
        raise InvalidDetailsError("The key of a sub-account cannot withdraw.")
    if owner.parent and "api" not in owner.permissions:
        raise InvalidDetailsError("This sub-account may not have keys.")


def _check_remark(remark: str) -> str:
    if len(remark) > MAX_REMARK:
        raise InvalidDetailsError(f"A remark has at most {MAX_REMARK} characters.")
    return remark


def _ordered(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    granted = set(permissions)
    if granted - set(ALL_PERMISSIONS):
        raise InvalidDetailsError(f"Permissions are {', '.join(ALL_PERMISSIONS)}.")
    return tuple(permission for permission in ALL_PERMISSIONS if permission in granted)
