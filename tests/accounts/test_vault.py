"""Secrets at rest."""

import pytest

from openbourse.accounts.errors import MasterKeyError
from openbourse.accounts.vault import Vault

MASTER = bytes(range(32))


def test_a_sealed_secret_opens_for_its_own_key_only() -> None:
    vault = Vault(MASTER)
    sealed = vault.seal("S3CRET", "KEY1")
    assert vault.open(sealed, "KEY1") == "S3CRET"
    with pytest.raises(MasterKeyError, match="KEY2"):
        vault.open(sealed, "KEY2")
    with pytest.raises(MasterKeyError):
        Vault(bytes(32)).open(sealed, "KEY1")


def test_a_sealed_secret_shows_nothing_and_never_looks_the_same() -> None:
    vault = Vault(MASTER)
    sealed = [vault.seal("S3CRET", "KEY1") for _ in range(20)]
    assert len(set(sealed)) == 20
    assert not any(b"S3CRET" in text for text in sealed)


def test_every_flipped_bit_is_noticed() -> None:
    vault = Vault(MASTER)
    sealed = vault.seal("S3CRET", "KEY1")
    for position in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(MasterKeyError):
            vault.open(bytes(damaged), "KEY1")
    with pytest.raises(MasterKeyError):
        vault.open(b"", "KEY1")


def test_the_check_value_tells_the_master_key() -> None:
    check = Vault(MASTER).check_value()
    assert Vault(MASTER).fits(check)
    assert not Vault(bytes(32)).fits(check)
    assert not Vault(MASTER).fits(b"")


def test_a_master_key_has_32_bytes() -> None:
    with pytest.raises(MasterKeyError, match="32 bytes"):
        Vault(b"short")
