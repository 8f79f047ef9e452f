"""Token buckets (reference/coinex/conventions.md §7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbourse.venue.quotas import Quotas
from openbourse.venue.token_buckets import MAX_COST, Buckets
from openbourse.wire.coinex.rate_limits import IP_RATE, Group, RateLimiter, Verdict

NOW = 5_000_000


class Limits:
    """The limiter of a venue whose clock is told what time it is."""

    def __init__(self, *, enabled: bool = True) -> None:
        self.now = 0
        self.limiter = RateLimiter(Quotas(lambda: self.now), enabled)

    async def admit(self, account: int, group: Group, cost: int, now: int) -> Verdict:
        self.now = now
        return await self.limiter.admit(account, group, cost)


async def passed(
    limiter: Limits, count: int, now: int, account: int = 1, group: Group = Group.SPOT_PLACE
) -> int:
    return sum([(await limiter.admit(account, group, 1, now)).allowed for _ in range(count)])


async def test_a_burst_of_one_second_then_the_rate() -> None:
    limiter = Limits()
    assert await passed(limiter, 100, NOW) == 30
    assert await passed(limiter, 100, NOW + 33) == 0
    assert await passed(limiter, 100, NOW + 34) == 1
    assert await passed(limiter, 100, NOW + 34 + 500) == 15
    assert await passed(limiter, 100, NOW + 60_000) == 30


async def test_accounts_and_groups_have_quotas_of_their_own() -> None:
    limiter = Limits()
    assert await passed(limiter, 100, NOW) == 30
    assert await passed(limiter, 100, NOW, account=2) == 30
    assert await passed(limiter, 100, NOW, group=Group.SPOT_CANCEL) == 60


async def test_the_headers_of_every_answer() -> None:
    limiter = Limits()
    first = await limiter.admit(1, Group.SPOT_HISTORY, 1, NOW)
    assert first.headers == ((b"x-ratelimit-limit", b"10"), (b"x-ratelimit-remaining", b"9"))
    for _ in range(9):
        await limiter.admit(1, Group.SPOT_HISTORY, 1, NOW)
    refused = await limiter.admit(1, Group.SPOT_HISTORY, 1, NOW)
    assert not refused.allowed
    assert refused.headers == ((b"x-ratelimit-limit", b"10"), (b"x-ratelimit-remaining", b"0"))


async def test_a_batch_may_overdraw_and_pays_it_back() -> None:
    limiter = Limits()
    assert await passed(limiter, 29, NOW) == 29
    batch = await limiter.admit(1, Group.SPOT_PLACE, 20, NOW)
    assert batch.allowed
    assert batch.headers[1] == (b"x-ratelimit-remaining", b"0")
    assert await passed(limiter, 5, NOW + 633) == 0
    assert await passed(limiter, 5, NOW + 667) == 1


async def test_a_refusal_takes_nothing() -> None:
    limiter = Limits()
    await passed(limiter, 30, NOW)
    for _ in range(1000):
        assert not (await limiter.admit(1, Group.SPOT_PLACE, 50, NOW)).allowed
    assert await passed(limiter, 1, NOW + 34) == 1


async def test_time_that_stands_still_or_steps_back_gives_nothing_away() -> None:
    limiter = Limits()
    assert await passed(limiter, 100, NOW) == 30
    assert await passed(limiter, 100, NOW - 5000) == 0
    assert await passed(limiter, 100, NOW) == 0
    assert await passed(limiter, 100, NOW + 100) == 3


@given(
    st.sampled_from(list(Group)),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 50)), min_size=1, max_size=200),
)
def test_the_rate_holds_over_any_stretch(group: Group, steps: list[tuple[int, int]]) -> None:
    """All that passes but the last batch fits into the burst and the refill since the beginning."""
    buckets = Buckets[int](group.rate)
    now = NOW
    taken: list[int] = []
    for wait, cost in steps:
        now += wait
        if buckets.take(1, cost, now)[0]:
            taken.append(cost)
            assert sum(taken[:-1]) < group.rate + group.rate * (now - NOW) / 1000
    assert taken


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 5), st.integers(1, 50)), max_size=150))
def test_dropping_idle_buckets_changes_no_decision(steps: list[tuple[int, int, int]]) -> None:
    """Against one bucket per key that is kept for ever."""
    buckets = Buckets[int](10)
    kept: dict[int, tuple[float, int]] = {}
    now = NOW
    for wait, key, cost in steps:
        now += wait
        tokens, since = kept.get(key, (10_000, now))
        tokens = min(10_000, tokens + 10 * (now - since))
        allowed = tokens >= 1000
        kept[key] = (tokens - 1000 * cost if allowed else tokens, now)
        assert buckets.take(key, cost, now)[0] is allowed


def test_memory_is_bounded_in_number_and_in_time() -> None:
    buckets = Buckets[int](10, most=1000)
    for key in range(10_000):
        buckets.take(key, 1, NOW)
        assert len(buckets) <= 1000
    for step in range(3):
        buckets.take(-1, 1, NOW + 20_000 * (step + 1))
    assert len(buckets) <= 2


def test_costs_are_bounded() -> None:
    buckets = Buckets[int](10)
    assert buckets.take(1, 10**9, NOW) == (True, 0)
    assert buckets.take(1, 1, NOW + MAX_COST * 100)[0]


def test_the_source_address_has_a_limit() -> None:
    limiter = RateLimiter(Quotas())
    assert sum(limiter.admit_address("203.0.113.7", NOW) for _ in range(1000)) == IP_RATE == 400
    assert limiter.admit_address("203.0.113.8", NOW)
    assert sum(limiter.admit_address("203.0.113.7", NOW + 10) for _ in range(100)) == 4


def test_addresses_of_one_ipv6_network_are_one_source() -> None:
    limiter = RateLimiter(Quotas())
    assert sum(limiter.admit_address(f"2001:db8::{n:x}", NOW) for n in range(1000)) == 400
    assert limiter.admit_address("2001:db8:0:1::1", NOW)
    assert sum(limiter.admit_address("::ffff:203.0.113.7", NOW) for _ in range(500)) == 400
    assert not limiter.admit_address("203.0.113.7", NOW)
    assert limiter.admit_address("fe80::1%eth0", NOW)
    assert limiter.admit_address("no:address", NOW)


async def test_the_switch() -> None:
    limiter = Limits(enabled=False)
    verdicts = [await limiter.admit(1, Group.SPOT_HISTORY, 50, NOW) for _ in range(100)]
    assert all(verdict.allowed and verdict.headers == () for verdict in verdicts)
    assert all(limiter.limiter.admit_address("203.0.113.7", NOW) for _ in range(1000))


def test_a_rate_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Buckets[int](0)
