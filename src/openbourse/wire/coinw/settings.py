"""What an operator may choose about the CoinW dialect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoinwSettings:
    """`withdrawals` false refuses new withdrawals over this protocol, whatever a key may do.

    Its requests carry neither time nor nonce: one that was captured stays valid for as long as its key.
    So an operator decides whether money may leave this way. `market_copies` repeats members of the `market`
    answer where older clients look for them (reference/coinw/legacy.md §7 `market`). `rate_limits` false
    lifts all limits; `public_rate` counts a second and address, `key_rate` a second and key (§4).
    `max_body` in bytes.
    """

    withdrawals: bool = False
    market_copies: bool = False
    rate_limits: bool = True
    public_rate: int = 10
    key_rate: int = 10
    address_rate: int = 400
    max_body: int = 64 * 1024
