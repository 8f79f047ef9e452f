"""Sources: what counts as one client where addresses are counted."""

import ipaddress


def source_of(address: str) -> str:
    """Whoever has an IPv6 address has a /64 full of them: they count as one source."""
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(whole) >> 64 << 64))
