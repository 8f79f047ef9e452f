"""The addresses from which an API key may be used."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from openbourse.accounts.errors import InvalidDetailsError

# reference/coinex/conventions.md §2.7
MAX_ADDRESSES: Final = 50
_MAX_TEXT: Final = 50

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


class AllowList:
    """Addresses and networks (CIDR), IPv4 or IPv6. An empty list allows every address."""

    __slots__ = ("_networks", "_singles", "texts")

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Raises InvalidDetailsError for anything but at most fifty addresses and networks."""
        self.texts: tuple[str, ...] = tuple(dict.fromkeys(_canonical(text) for text in texts))
        if len(self.texts) > MAX_ADDRESSES:
            raise InvalidDetailsError(f"An allow-list holds at most {MAX_ADDRESSES} addresses.")
        self._singles = frozenset(text for text in self.texts if "/" not in text)
        self._networks: tuple[_Network, ...] = tuple(ip_network(text) for text in self.texts if "/" in text)

    def allows(self, address: str) -> bool:
        """May a client at `address` use the key? Text that is no address is allowed by no list."""
        if not self.texts or address in self._singles:
            return True
        try:
            client = _unmapped(ip_address(address))
        except ValueError:
            return False
        return str(client) in self._singles or any(client in network for network in self._networks)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AllowList) and self.texts == other.texts

    def __hash__(self) -> int:
        return hash(self.texts)

    def __repr__(self) -> str:
        return f"AllowList({list(self.texts)})"


def _canonical(text: str) -> str:
    """One spelling per address: what is stored, shown and compared."""
    refusal = InvalidDetailsError(f"{text[:_MAX_TEXT]!r} is not an IP address or network.")
    if len(text) > _MAX_TEXT or "%" in text:
        raise refusal
    try:
        if "/" not in text:
            return str(_unmapped(ip_address(text)))
        network = ip_network(text, strict=False)
    except ValueError:
        raise refusal from None
    alone = network.prefixlen == network.max_prefixlen
    return str(_unmapped(network.network_address)) if alone else str(network)


def _unmapped(address: _Address) -> _Address:
    """An IPv4 client of a dual-stack socket shows up as ::ffff:a.b.c.d; it is the IPv4 client."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
