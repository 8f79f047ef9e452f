"""Who is the client when requests come through reverse proxies?

Only a proxy that the operator trusts may say so, in `X-Forwarded-For`. Each hop appends the address that it
saw, so what is trustworthy is read from the right: the first address that is no trusted proxy is the
client's. Everything further left may be invented.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

HEADER: Final = b"x-forwarded-for"
MAX_HOPS: Final = 32
MAX_REMEMBERED: Final = 4_096


class _Judged(NamedTuple):
    """An address in its usual spelling, "" when it is none."""

    text: str
    trusted: bool


class TrustedProxies:
    """The addresses whose word is taken."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Addresses or networks in CIDR notation. ValueError when one is neither."""
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(text.strip()) for text in networks]
        # Reading an address takes longer than most of what is done for a request.
        self._judged = lru_cache(maxsize=MAX_REMEMBERED)(self._judge)

    def client(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The client's address; `peer` is who opened the connection, header names are lower-case."""
        if not self._networks or not self._judged(peer).trusted:
            return peer
        # A header may come in several lines: together they are one list, in their order (RFC 9110 §5.3).
        values = [value for name, value in headers if name == HEADER]
        return self._first_untrusted(peer, values) if values else self._judged(peer).text

    def _first_untrusted(self, peer: str, values: Sequence[bytes]) -> str:
        """What cannot be read ends the search at the last proxy that could be believed."""
        nearest = self._judged(peer)
        hops = b",".join(values).rsplit(b",", MAX_HOPS)[-MAX_HOPS:]
        for hop in reversed(hops):
            found = self._judged(_without_port(hop.strip().decode("latin-1")))
            if not found.text:
                break
            nearest = found
            if not found.trusted:
                break
        return nearest.text

    def _judge(self, text: str) -> _Judged:
        try:
            address = ip_address(text)
        except ValueError:
            return _Judged("", trusted=False)
        # A socket that listens on IPv6 shows IPv4 peers so.
        address = getattr(address, "ipv4_mapped", None) or address
        return _Judged(str(address), any(address in network for network in self._networks))


NO_PROXIES: Final = TrustedProxies()


def _without_port(text: str) -> str:
    """Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
