"""Secrets at rest: AES-256-GCM under the master key, each bound to the key that it belongs to."""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openbourse.accounts.errors import MasterKeyError

MASTER_KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_SECRET_CONTEXT: Final = b"openbourse api secret\0"
_KEPT_CONTEXT: Final = b"openbourse kept secret\0"
_CHECK_CONTEXT: Final = b"openbourse master key check"


class Vault:
    """Encrypts and decrypts under one master key of 32 bytes."""

    __slots__ = ("_cipher",)

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != MASTER_KEY_BYTES:
            raise MasterKeyError(f"The master key must have {MASTER_KEY_BYTES} bytes.")
        self._cipher = AESGCM(master_key)

    def seal(self, secret: str, key_id: str) -> bytes:
        """`secret` encrypted so that it opens only as the secret of `key_id`."""
        return self._encrypt(secret.encode(), _SECRET_CONTEXT + key_id.encode())

    def open(self, sealed: bytes, key_id: str) -> str:
        """The reverse of `seal`; MasterKeyError when it was sealed otherwise or altered since."""
        try:
            return self._decrypt(sealed, _SECRET_CONTEXT + key_id.encode()).decode()
        except InvalidTag:
            raise MasterKeyError(f"The stored secret of key {key_id} is damaged or not its own.") from None

    def seal_kept(self, secret: bytes, name: str) -> bytes:
        """`secret` encrypted so that it opens only under this name, and not as the secret of a key."""
        return self._encrypt(secret, _KEPT_CONTEXT + name.encode())

    def open_kept(self, sealed: bytes, name: str) -> bytes:
        """The reverse of `seal_kept`; MasterKeyError when it was sealed otherwise or altered since."""
        try:
            return self._decrypt(sealed, _KEPT_CONTEXT + name.encode())
        except InvalidTag:
            raise MasterKeyError(f"The stored secret {name} is damaged or not its own.") from None

    def check_value(self) -> bytes:
        """What a database keeps to recognise its master key by."""
        return self._encrypt(b"", _CHECK_CONTEXT)

    def fits(self, check_value: bytes) -> bool:
        """Was `check_value` made under this master key?"""
        try:
            self._decrypt(check_value, _CHECK_CONTEXT)
        except InvalidTag:
            return False
        return True

    def _encrypt(self, plain: bytes, context: bytes) -> bytes:
        # Random nonces are safe here: a venue will not see 2^32 encryptions under one master key.
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, context)

    def _decrypt(self, sealed: bytes, context: bytes) -> bytes:
        head = len(_VERSION) + _NONCE_BYTES
        if sealed[:1] != _VERSION or len(sealed) <= head:
            raise InvalidTag
        return self._cipher.decrypt(sealed[len(_VERSION) : head], sealed[head:], context)
