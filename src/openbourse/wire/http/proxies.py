"""Who is the client when requests come through reverse proxies?

Only a proxy that the operator trusts may say so, in `X-Forwarded-For`. Each hop appends the address that it
saw, so what is trustworthy is read from the right: the first address that is no trusted proxy is the
client's. Everything further left may be invented.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

HEADER: Final = b"x-forwarded-for"
MAX_HOPS: Final = 32

_Address = IPv4Address | IPv6Address


class TrustedProxies:
    """The addresses whose word is taken."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Addresses or networks in CIDR notation. ValueError when one is neither."""
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(text.strip()) for text in networks]

    def client(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The client's address; `peer` is who opened the connection, header names are lower-case."""
        if not self._networks:
            return peer
        address = _parsed(peer)
        if address is None or not self._trusts(address):
            return peer
        # A header may come in several lines: together they are one list, in their order (RFC 9110 §5.3).
        return self._first_untrusted(address, [value for name, value in headers if name == HEADER])

    def _first_untrusted(self, nearest: _Address, values: Sequence[bytes]) -> str:
        """What cannot be read ends the search at the last proxy that could be believed."""
        hops = b",".join(values).rsplit(b",", MAX_HOPS)[-MAX_HOPS:]
        for hop in reversed(hops):
            address = _parsed(_without_port(hop.strip().decode("latin-1")))
            if address is None:
                break
            nearest = address
            if not self._trusts(address):
                break
        return str(nearest)

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)


NO_PROXIES: Final = TrustedProxies()


def _parsed(text: str) -> _Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A socket that listens on IPv6 shows IPv4 peers so.
    return getattr(address, "ipv4_mapped", None) or address


def _without_port(text: str) -> str:
    """Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
