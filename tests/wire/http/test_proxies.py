import pytest

from openbourse.wire.http.proxies import MAX_HOPS, NO_PROXIES, TrustedProxies

TRUSTED = TrustedProxies(["10.0.0.0/8", "::1", "192.0.2.7"])


def forwarded(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), *((b"x-forwarded-for", value.encode("latin-1")) for value in values)]


@pytest.mark.parametrize(
    ("peer", "values", "client"),
    [
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5, 10.1.1.1, 192.0.2.7"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["nonsense, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1, nonsense, 10.3.3.3"], "10.3.3.3"),
        ("10.0.0.1", ["203.0.113.5, "], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5:4711"], "203.0.113.5"),
        ("::1", ["[2001:db8::9]:4711"], "2001:db8::9"),
        ("::1", ["2001:db8::9"], "2001:db8::9"),
        ("::ffff:10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("::1", ["::ffff:203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["\xff\x00'"], "10.0.0.1"),
    ],
)
def test_the_first_address_from_the_right_that_is_no_proxy(peer: str, values: list[str], client: str) -> None:
    assert TRUSTED.client(peer, forwarded(*values)) == client


@pytest.mark.parametrize("peer", ["203.0.113.9", "11.0.0.1", "2001:db8::1", "", "unix"])
def test_nobody_else_is_believed(peer: str) -> None:
    assert TRUSTED.client(peer, forwarded("10.0.0.1")) == peer
    assert NO_PROXIES.client(peer, forwarded("10.0.0.1")) == peer


def test_endless_lists_are_read_from_their_end() -> None:
    proxies = ", ".join(["10.0.0.2"] * (10 * MAX_HOPS))
    assert TRUSTED.client("10.0.0.1", forwarded(f"203.0.113.5, {proxies}")) == "10.0.0.2"


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="10"):
        TrustedProxies(["10.0.0.300"])
