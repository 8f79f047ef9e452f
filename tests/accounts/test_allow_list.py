"""IP allow-lists of keys (reference/coinex/conventions.md §2.7)."""

import pytest

from openbourse.accounts.allow_list import MAX_ADDRESSES, AllowList
from openbourse.accounts.errors import InvalidDetailsError


def test_an_empty_list_allows_every_address() -> None:
    assert AllowList().allows("203.0.113.7")
    assert not AllowList()


@pytest.mark.parametrize(
    ("listed", "client", "allowed"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.0/29", "203.0.113.7", True),
        ("203.0.113.0/29", "203.0.113.8", False),
        ("203.0.113.0/29", "::ffff:203.0.113.7", True),
        ("203.0.113.7/32", "203.0.113.7", True),
        ("2001:db8::1", "2001:0db8:0:0::0001", True),
        ("2001:db8::/32", "2001:db8:ffff::9", True),
        ("2001:db8::/32", "2001:db9::9", False),
        ("2001:db8::/32", "203.0.113.7", False),
        ("203.0.113.7", "no address", False),
        ("203.0.113.7", "", False),
    ],
)
def test_who_may_come_in(listed: str, client: str, allowed: bool) -> None:
    assert AllowList([listed]).allows(client) is allowed


@pytest.mark.parametrize(
    "text", ["", " ", "localhost", "203.0.113", "203.0.113.256", "203.0.113.7/33", "fe80::1%eth0", "1" * 1000]
)
def test_anything_but_addresses_is_refused(text: str) -> None:
    with pytest.raises(InvalidDetailsError, match="not an IP address"):
        AllowList([text])


def test_the_list_is_bounded_and_free_of_repetition() -> None:
    assert AllowList(["10.0.0.1", "10.0.0.1/32", "::ffff:10.0.0.1"]).texts == ("10.0.0.1",)
    full = [f"10.0.0.{number}" for number in range(MAX_ADDRESSES)]
    assert len(AllowList(full).texts) == MAX_ADDRESSES
    with pytest.raises(InvalidDetailsError, match="at most 50"):
        AllowList([*full, "10.0.1.0"])
