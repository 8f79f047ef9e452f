"""A rule of the fault desk: what is to go wrong, where, for whom, and how often."""

from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from openbourse.venue.maintenance import Plan

RequestFault = Literal[
    "latency",
    "lost_before",
    "lost_after",
    "reset",
    "http_error",
    "busy",
    "rate_limited",
    "maintenance",
    "clock_skew",
    "stale_depth",
]
PushFault = Literal[
    "disconnect", "stall", "drop", "duplicate", "reorder", "wrong_checksum", "withhold_depth", "push_latency"
]
WithdrawalFault = Literal["withdrawals_stuck"]
Kind = Literal[RequestFault, PushFault, WithdrawalFault]

REQUEST_FAULTS: Final[frozenset[str]] = frozenset(get_args(RequestFault))
PUSH_FAULTS: Final[frozenset[str]] = frozenset(get_args(PushFault))
WITHDRAWAL_FAULTS: Final[frozenset[str]] = frozenset(get_args(WithdrawalFault))

# Messages of a WebSocket that a `channel` cannot tell apart by market.
WITHOUT_MARKET: Final = frozenset({"state.update", "balance.update", "notice.update", "answer"})

# What a person is told about each of them.
MEANINGS: Final[dict[Kind, str]] = {
    "latency": "a request waits `seconds` before it is carried out",
    "lost_before": "a request is not carried out and not answered: silence for `seconds`, then a reset",
    "lost_after": "a request is carried out and not answered: silence for `seconds`, then a reset",
    "reset": "the connection is reset before the request is carried out",
    "http_error": "the answer is a page with the HTTP status `status`, nothing is carried out",
    "busy": "the venue says that it is too busy (3008), nothing is carried out",
    "rate_limited": "the venue says that there were too many requests (4213), nothing is carried out",
    "maintenance": "the venue announces it, says that it is unavailable (4001), and takes no WebSockets",
    "clock_skew": "the venue's clock seems to be `seconds` ahead (behind, if negative)",
    "stale_depth": "depth over HTTP stays what it was when the fault first struck",
    "disconnect": "a WebSocket is closed",
    "stall": "a WebSocket stays open and says nothing for `seconds`",
    "drop": "a push is left out",
    "duplicate": "a push is sent twice",
    "reorder": "a push is sent after the next one",
    "wrong_checksum": "the checksum of a depth push is wrong",
    "withhold_depth": "depth pushes are left out for `seconds`, all others go on",
    "push_latency": "a push, and with it all that follow, leaves `seconds` later",
    "withdrawals_stuck": "a withdrawal stays in processing for `seconds`, or until the rules are cleared",
}


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`seconds` are real ones: they are the patience of a client, not the venue's time.

    `route` is a pattern for requests like `POST /v2/spot/*`, with or without the method; for CoinW it goes
    on with the action: `/appApi.html?action=trade`; for withdrawals it is asset and chain: `USDT/TRC20`.
    `channel` is a pattern for pushes: `depth.update`, or `depth.update/BTCUSDT`; answers over WebSocket are
    `answer`. Those, and pushes about many markets at once or none (`WITHOUT_MARKET`), have no market. `key`
    is an API key, "" for everybody's; withdrawals have none. `count` is how often it strikes at most, 0 for
    no limit.
    """

    kind: Kind
    route: Annotated[str, Meta(max_length=200)] = "*"
    channel: Annotated[str, Meta(max_length=200)] = "*"
    key: Annotated[str, Meta(max_length=64)] = ""
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    count: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    seconds: Annotated[float, Meta(ge=-86_400, le=86_400)] = 0.0
    status: Annotated[int, Meta(ge=400, le=599)] = 503

    def __post_init__(self) -> None:
        """Raises ValueError for a rule that could never do what it says."""
        if self.kind in PUSH_FAULTS and self.route != "*":
            raise ValueError(f"{self.kind} is a fault of pushes: those have a `channel`, and no `route`")
        if self.kind not in PUSH_FAULTS and self.channel != "*":
            raise ValueError(f"{self.kind} is no fault of pushes: it has a `route`, and no `channel`")
        channel, _, market = self.channel.lower().partition("/")
        if channel in WITHOUT_MARKET and market.strip("*"):
            raise ValueError(f"{channel} is not about one market: leave the market out")
        if self.seconds < 0 and self.kind != "clock_skew":
            raise ValueError(f"{self.kind} cannot take less than no time")

    def meets_request(self, method: str, place: str, key: str) -> bool:
        """Is it about requests, and about this one?"""
        if self.kind not in REQUEST_FAULTS or (self.key and self.key != key):
            return False
        return _fits(place, self.route) or _fits(f"{method} {place}", self.route)

    def meets_push(self, method: str, market: str, key: str) -> bool:
        """Is it about pushes, and about this one?"""
        if self.kind not in PUSH_FAULTS or (self.key and self.key != key):
            return False
        return _fits(method, self.channel) or _fits(f"{method}/{market}", self.channel)

    def meets_withdrawal(self, asset: str, chain: str) -> bool:
        """Is it about withdrawals, and about this one?"""
        return self.kind in WITHDRAWAL_FAULTS and not self.key and _fits(f"{asset}/{chain}", self.route)


def maintenance_of(rule: Rule, since: int) -> Plan:
    """What is said of a maintenance that began at `since` (Unix ms): without `seconds` it takes an hour."""
    return Plan(0, since, since + round(rule.seconds * 1000 or 3_600_000), 0, "all", "")


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text.lower(), pattern.lower())
