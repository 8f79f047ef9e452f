import msgspec
import pytest

from openbourse.sandbox.faults.desk import MAX_RULES, FaultDesk, FaultError
from openbourse.sandbox.faults.rules import MEANINGS, PUSH_FAULTS, REQUEST_FAULTS, WITHDRAWAL_FAULTS, Rule

ORDER = "/v2/spot/order"


def desk(seed: int = 1) -> FaultDesk:
    return FaultDesk(lambda: 1_000, seed)


def struck(faults: FaultDesk, method: str = "POST", place: str = ORDER, key: str = "") -> list[str]:
    return [rule.kind for rule in faults.on_request(method, place, key)]


def test_every_kind_is_explained() -> None:
    assert set(MEANINGS) == REQUEST_FAULTS | PUSH_FAULTS | WITHDRAWAL_FAULTS
    assert len(MEANINGS) == len(REQUEST_FAULTS) + len(PUSH_FAULTS) + len(WITHDRAWAL_FAULTS)


@pytest.mark.parametrize(
    ("route", "meets"),
    [
        ("*", True),
        ("POST /v2/spot/order", True),
        ("post /V2/spot/*", True),
        ("/v2/spot/order", True),
        ("GET *", False),
        ("/v2/spot/orders", False),
    ],
)
def test_routes_are_patterns_with_or_without_a_method(route: str, meets: bool) -> None:
    faults = desk()
    faults.add(Rule(kind="busy", route=route))
    assert struck(faults) == (["busy"] if meets else [])


def test_a_rule_for_one_key_spares_the_others() -> None:
    faults = desk()
    faults.add(Rule(kind="busy", key="A"))
    assert struck(faults, key="B") == []
    assert struck(faults, key="A") == ["busy"]


def test_channels_are_patterns_with_or_without_a_market() -> None:
    faults = desk()
    faults.add(Rule(kind="drop", channel="depth.update/BTC*"))
    faults.add(Rule(kind="duplicate", channel="deals.update"))
    assert [rule.kind for rule in faults.on_push("depth.update", "BTCUSDT", "")] == ["drop"]
    assert [rule.kind for rule in faults.on_push("depth.update", "ETHUSDT", "")] == []
    assert [rule.kind for rule in faults.on_push("deals.update", "ETHUSDT", "")] == ["duplicate"]


def test_what_strikes_is_counted_recorded_and_then_over() -> None:
    faults = desk()
    number = faults.add(Rule(kind="reset", count=2))
    assert [struck(faults), struck(faults, key="A"), struck(faults)] == [["reset"], ["reset"], []]
    assert not faults.armed
    assert [(each.rule, each.kind, each.where, each.key, each.time) for each in faults.injected] == [
        (number, "reset", f"POST {ORDER}", "", 1_000),
        (number, "reset", f"POST {ORDER}", "A", 1_000),
    ]


def test_a_fault_that_ends_a_request_spares_the_rules_after_it() -> None:
    faults = desk()
    faults.add(Rule(kind="reset", count=1))
    second = faults.add(Rule(kind="busy", count=1))
    assert next(faults.on_request("POST", ORDER, "")).kind == "reset"
    assert [(standing.id, standing.struck) for standing in faults.rules()] == [(second, 0)]


def test_equal_seeds_throw_equal_dice() -> None:
    runs = []
    for seed in (1, 1, 2):
        faults = desk(seed)
        faults.add(Rule(kind="busy", probability=0.3))
        runs.append([bool(struck(faults)) for _ in range(200)])
    assert runs[0] == runs[1] != runs[2]
    assert 30 < sum(runs[0]) < 90


def test_rules_are_taken_back_and_limited() -> None:
    faults = desk()
    number = [faults.add(Rule(kind="drop")) for _ in range(MAX_RULES)][-1]
    with pytest.raises(FaultError, match="clear some"):
        faults.add(Rule(kind="drop"))
    faults.remove(number)
    with pytest.raises(FaultError, match="no rule"):
        faults.remove(number)
    faults.clear()
    assert faults.rules() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "flood"},
        {"kind": "drop", "probability": 2},
        {"kind": "drop", "often": 1},
        {},
        {"kind": "drop", "route": "POST /v2/spot/order"},
        {"kind": "latency", "channel": "depth.update"},
        {"kind": "withdrawals_stuck", "channel": "depth.update"},
        {"kind": "drop", "channel": "state.update/BTCUSDT"},
        {"kind": "drop", "channel": "balance.update/BTC*"},
        {"kind": "latency", "seconds": -1},
        {"kind": "stall", "seconds": -0.5},
    ],
)
def test_rules_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Rule)
