"""What an operator may choose about the CoinEx dialect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoinexSettings:
    """`rate_limits` false lifts all limits, for a sandbox or a benchmark.

    `accept_plain_sha256` admits SHA256(text + secret) beside HMAC: ccxt signs so over HTTP
    (reference/coinex/conventions.md §2.3). `kline_volume_in_quote` swaps `volume` and `value` of klines:
    the documentation and JKorf read them one way, ccxt the other (spot.md §5 `kline`). `max_body` in bytes.
    """

    rate_limits: bool = True
    accept_plain_sha256: bool = True
    kline_volume_in_quote: bool = False
    max_body: int = 1024 * 1024
