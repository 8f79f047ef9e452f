"""Keccak-256, the hash of Ethereum's address checksums (EIP-55); `hashlib` has only SHA3, a later variant."""

from typing import Final

_RATE: Final = 136  # bytes that are absorbed between two permutations
_MASK: Final = 2**64 - 1
_ROTATIONS: Final = (
    1,
    3,
    6,
    10,
    15,
    21,
    28,
    36,
    45,
    55,
    2,
    14,
    27,
    41,
    56,
    8,
    25,
    43,
    62,
    18,
    39,
    61,
    20,
    44,
)
_LANES: Final = (10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1)


def keccak_256(data: bytes) -> bytes:
    """The 32 bytes of the digest."""
    padded = bytearray(data) + bytes(_RATE - len(data) % _RATE)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            place = start + 8 * lane
            state[lane] ^= int.from_bytes(padded[place : place + 8], "little")
        _permute(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permute(state: list[int]) -> None:
    """Keccak-f[1600], 24 rounds of theta, rho and pi, chi, iota."""
    register = 1
    for _ in range(24):
        columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        for x in range(5):
            mixed = columns[(x + 4) % 5] ^ _rotate(columns[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                state[x + y] ^= mixed
        carried = state[1]
        for lane, rotation in zip(_LANES, _ROTATIONS, strict=True):
            state[lane], carried = _rotate(carried, rotation), state[lane]
        for y in range(0, 25, 5):
            row = state[y : y + 5]
            for x in range(5):
                state[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5] & _MASK)
        for bit in range(7):
            if register & 1:
                state[0] ^= 1 << ((1 << bit) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)


def _rotate(lane: int, bits: int) -> int:
    return ((lane << bits) | (lane >> (64 - bits))) & _MASK
