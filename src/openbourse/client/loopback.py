"""Addresses of this machine: nothing that is said to them goes through a proxy of the environment.

`HTTP_PROXY` is for what is far away; a proxy would not find a venue here, and has no business with its keys.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Is it the address of something on this machine?"""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def direct(url: str) -> dict[str, None]:
    """Patterns of URLs, as `mounts` of httpx2, for which no proxy is used."""
    if not is_loopback(url):
        return {}
    host = urlsplit(url).hostname or ""
    return {f"all://[{host}]" if ":" in host else f"all://{host}": None}
