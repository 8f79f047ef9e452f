"""What addresses look like on the chains that the simulation knows by name.

Real addresses of these chains are accepted, typing errors in them are found. A chain that is not known by
name has addresses of its own kind, with a checksum all the same.
"""

import hashlib
from typing import Final, Protocol

from openbourse.wallet.keccak import keccak_256

_BITCOIN: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_CHECKSUM: Final = 4
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class AddressFormat(Protocol):
    """How 20 or 32 bytes that identify a key become text, and how to recognise such text."""

    def encode(self, key: bytes) -> str: ...

    def is_valid(self, address: str) -> bool: ...

    def usual(self, address: str) -> str:
        """How a valid address is usually spelt: the chain takes all spellings of it for one."""


class Base58Check:
    """A version byte, 20 bytes, a checksum of 4: Bitcoin and what came of it, Tron, XRP."""

    def __init__(self, *versions: int, alphabet: str = _BITCOIN, prefix: str = "") -> None:
        self._versions = versions
        self._alphabet = alphabet
        self._prefix = prefix

    def encode(self, key: bytes) -> str:
        payload = bytes([self._versions[0]]) + key[:20]
        return self._prefix + _base58(payload + _double_hash(payload), self._alphabet)

    def is_valid(self, address: str) -> bool:
        if not address.startswith(self._prefix):
            return False
        data = _from_base58(address.removeprefix(self._prefix), self._alphabet)
        if data is None or len(data) != 21 + _CHECKSUM:
            return False
        payload, checksum = data[:-_CHECKSUM], data[-_CHECKSUM:]
        return payload[0] in self._versions and checksum == _double_hash(payload)

    def usual(self, address: str) -> str:
        return address


class Bitcoin(Base58Check):
    """Made in base 58, accepted as bech32 too, under the chain's own human-readable part."""

    def __init__(self, *versions: int, human: str) -> None:
        super().__init__(*versions)
        self._human = human

    def is_valid(self, address: str) -> bool:
        return super().is_valid(address) or _is_bech32(address, self._human)

    def usual(self, address: str) -> str:
        return address.lower() if _is_bech32(address, self._human) else address


class PlainBase58:
    """32 bytes in base 58 without a checksum, as on Solana."""

    def encode(self, key: bytes) -> str:
        return _base58(hashlib.sha256(key).digest(), _BITCOIN)

    def is_valid(self, address: str) -> bool:
        data = _from_base58(address, _BITCOIN)
        return data is not None and len(data) == 32

    def usual(self, address: str) -> str:
        return address


class Hexadecimal:
    """20 bytes in hexadecimal; the case of the letters is the checksum (EIP-55), one case means none."""

    def encode(self, key: bytes) -> str:
        return _with_checksum(key[:20].hex())

    def is_valid(self, address: str) -> bool:
        digits = address.removeprefix("0x")
        if not address.startswith("0x") or len(digits) != 40:
            return False
        if any(digit not in "0123456789abcdef" for digit in digits.lower()):
            return False
        return digits in (digits.lower(), digits.upper()) or address == _with_checksum(digits.lower())

    def usual(self, address: str) -> str:
        return _with_checksum(address.removeprefix("0x").lower())


_FORMATS: Final[dict[str, AddressFormat]] = {
    "BTC": Bitcoin(0x00, 0x05, human="bc"),
    "BCH": Base58Check(0x00, 0x05),
    "LTC": Bitcoin(0x30, 0x32, human="ltc"),
    "DOGE": Base58Check(0x1E, 0x16),
    "TRC20": Base58Check(0x41),
    "XRP": Base58Check(0x00, alphabet=_RIPPLE),
    "SOL": PlainBase58(),
    **dict.fromkeys(
        ("ERC20", "BSC", "CSC", "ARBITRUM", "OPTIMISM", "MATIC", "AVA_C", "BASE", "ETH"), Hexadecimal()
    ),
}


def format_of(chain: str) -> AddressFormat:
    """How addresses of a chain are written."""
    known = _FORMATS.get(chain)
    return known if known is not None else Base58Check(0x00, prefix=f"{chain.lower()}1")


def _with_checksum(digits: str) -> str:
    hashed = keccak_256(digits.encode()).hex()
    cased = (
        digit.upper() if int(mark, 16) >= 8 else digit for digit, mark in zip(digits, hashed, strict=False)
    )
    return "0x" + "".join(cased)


def _is_bech32(address: str, human: str) -> bool:
    """BIP 173 and its successor BIP 350: one case only, a checksum over everything."""
    text = address.lower()
    if address not in (text, address.upper()) or not text.startswith(f"{human}1") or len(text) > 90:
        return False
    digits = [_BECH32.find(letter) for letter in text[len(human) + 1 :]]
    if len(digits) < 6 + 1 + 32 or -1 in digits:
        return False
    checksum = 1
    for value in (*(ord(x) >> 5 for x in human), 0, *(ord(x) & 31 for x in human), *digits):
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            checksum ^= generator if (top >> bit) & 1 else 0
    return checksum in (1, 0x2BC830A3)


def _double_hash(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()[:_CHECKSUM]


def _base58(data: bytes, alphabet: str) -> str:
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(alphabet[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return alphabet[0] * zeros + "".join(reversed(digits))


def _from_base58(text: str, alphabet: str) -> bytes | None:
    if not 0 < len(text) <= 64:
        return None
    number = 0
    for character in text:
        digit = alphabet.find(character)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
