"""A proof holds or is refused: whatever is changed in it is noticed."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.liabilities import verifier
from openbourse.liabilities.verifier import LIMIT, ProofError, amount_text, check, parse_amount, report
from tests.liabilities import naive
from tests.liabilities.naive import Leaf

ACCOUNT = "0658A099"
OTHERS = st.integers(1, 10**45)
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, list[Leaf]]:
    """One to three assets, each owed to our account and up to ten others, in any order."""
    found = {}
    for asset in draw(st.lists(st.sampled_from(["BTC", "ETH", "USDT"]), min_size=1, unique=True)):
        amounts = draw(st.lists(OTHERS, min_size=1, max_size=11))
        ours = draw(st.integers(0, len(amounts) - 1))
        found[asset] = [
            Leaf(ACCOUNT if at == ours else f"{at:08X}", draw(st.binary(min_size=32, max_size=32)), amount)
            for at, amount in enumerate(amounts)
        ]
    return found


def refused(proof: object) -> str:
    with pytest.raises(ProofError) as caught:
        check(json.dumps(proof))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@settings(max_examples=40, deadline=None)
@given(trees(), st.one_of(st.just(""), HEX))
def test_what_the_description_says_is_what_holds(assets: dict[str, list[Leaf]], previous: str) -> None:
    proof = naive.proof(ACCOUNT, assets, previous)
    for text in (json.dumps(proof), json.dumps({"code": 0, "data": proof, "message": "OK"})):
        checked = check(text)
        assert (checked.account, checked.previous, checked.root) == (ACCOUNT, previous, proof["root"])
        shown = {holding.asset: holding for holding in checked.holdings}
        assert shown.keys() == assets.keys()
        for asset, leaves in assets.items():
            ours = next(leaf for leaf in leaves if leaf.account == ACCOUNT)
            assert shown[asset].amount == naive.text(ours.amount)
            assert shown[asset].total == naive.text(sum(leaf.amount for leaf in leaves))
            assert leaves[shown[asset].position] is ours


# -- every single value -----------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all texts and numbers."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    else:
        yield path


def lists(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all lists that are not empty, but that of the balances: with fewer of them a proof proves
    less, and their order says nothing.
    """
    if isinstance(value, list) and value and path != ("balances",):
        yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from lists(inner, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(proof: dict[str, Any], path: tuple[Any, ...], new: object) -> dict[str, Any]:
    other = copy.deepcopy(proof)
    at(other, path[:-1])[path[-1]] = new
    return other


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False),
    st.text(max_size=70),
    HEX,
    OTHERS.map(naive.text),
    st.integers(-(10**6), -1).map(str),
    st.lists(st.integers(), max_size=2),
)


@settings(max_examples=120, deadline=None)
@given(st.data(), trees())
def test_no_value_can_be_another(data: st.DataObject, assets: dict[str, list[Leaf]]) -> None:
    proof = naive.proof(ACCOUNT, assets)
    path = data.draw(st.sampled_from(list(places(proof))))
    old = at(proof, path)
    near = (
        [old + 1, old - 1, old ^ 1] if isinstance(old, int) else [old[:-1], old + "0", f"-{old}", f"0{old}"]
    )
    new = data.draw(st.one_of(st.sampled_from(near), ANYTHING))
    if new != old or type(new) is not type(old):
        refused(changed(proof, path, new))


@settings(max_examples=40, deadline=None)
@given(st.data(), trees())
def test_no_list_can_be_another(data: st.DataObject, assets: dict[str, list[Leaf]]) -> None:
    """Items dropped, doubled, exchanged or added."""
    proof = naive.proof(ACCOUNT, assets)
    path = data.draw(st.sampled_from([*lists(proof)]))
    items = at(proof, path)
    index = data.draw(st.integers(0, len(items) - 1))
    variants = [
        items[:index] + items[index + 1 :],
        [*items[: index + 1], *items[index:]],
        items[::-1],
        [*items, items[0]],
        [items[-1], *items],
    ]
    for other in variants:
        if other != items:
            refused(changed(proof, path, other))


@settings(max_examples=40, deadline=None)
@given(st.data(), trees())
def test_no_field_can_be_missing_or_added(data: st.DataObject, assets: dict[str, list[Leaf]]) -> None:
    proof = naive.proof(ACCOUNT, assets)
    objects = [path[:end] for path in places(proof) for end in range(len(path)) if isinstance(path[end], str)]
    path = data.draw(st.sampled_from(objects))
    name = data.draw(st.sampled_from(sorted(at(proof, path))))
    less = copy.deepcopy(proof)
    del at(less, path)[name]
    assert "lacks" in refused(less)
    more = copy.deepcopy(proof)
    at(more, path)["note"] = "all is well"
    assert "proves nothing" in refused(more)


@pytest.mark.parametrize("one", [True, 1.0, "1"])
def test_what_python_takes_for_one_is_not_one(one: object) -> None:
    proof = naive.proof(ACCOUNT, {"BTC": [Leaf("1" * 8, b"t" * 32, 1), Leaf(ACCOUNT, b"s" * 32, 1)]})
    for path in places(proof):
        if at(proof, path) == 1:
            refused(changed(proof, path, one))


# -- what a venue that owes more than it says would try ----------------------------------------------


@settings(max_examples=40, deadline=None)
@given(trees(), st.integers(1, 10**30), st.data())
def test_money_cannot_be_moved_along_the_way(
    assets: dict[str, list[Leaf]], shift: int, data: st.DataObject
) -> None:
    """The sum stays, its parts are others: refused, because both parts are in the hash (eprint 2018/1139)."""
    proof = naive.proof(ACCOUNT, assets)
    balance = data.draw(st.sampled_from(proof["balances"]))
    if not balance["siblings"]:
        return
    sibling = data.draw(st.sampled_from(balance["siblings"]))
    mine, theirs = parse_amount(balance["amount"], ""), parse_amount(sibling["amount"], "")
    step = 1 + shift % theirs
    balance["amount"], sibling["amount"] = naive.text(mine + step), naive.text(theirs - step)
    assert "the way up leads to" in refused(proof)


def test_a_negative_balance_cannot_hide_a_debt() -> None:
    """A venue that counts -1000 of somebody beside our 10 can publish 5, but no proof of it holds."""
    leaves = [Leaf(ACCOUNT, b"s" * 32, 10 * 10**24), Leaf("11111111", b"t" * 32, -5 * 10**24)]
    proof = naive.proof(ACCOUNT, {"BTC": leaves})
    assert proof["publication"]["assets"][0]["total"] == "5"
    assert "the sum of a node beside the way up is not an amount" in refused(proof)


def test_sums_do_not_overflow() -> None:
    """What would wrap around in a fixed number of bits is refused, however high up it happens."""
    almost = LIMIT - 1
    leaves = [Leaf(ACCOUNT, b"s" * 32, almost), Leaf("11111111", b"t" * 32, 1)]
    proof = naive.proof(ACCOUNT, {"BTC": leaves})
    assert "the total is not an amount" in refused(proof)
    proof["publication"]["assets"][0]["total"] = "0"
    proof["root"] = rooted(proof)
    assert "after 1 nodes of the way up a sum is out of range" in refused(proof)
    for more in (almost, 2**64 * 10**24, 2**63, 2**128):
        leaves = [Leaf(f"{at:08X}", b"s" * 32, more) for at in range(5)]
        proof = naive.proof("00000004", {"BTC": leaves})
        if 5 * more < LIMIT:
            assert check(json.dumps(proof)).holdings
        else:
            refused(proof)
    with pytest.raises(ProofError, match="out of range"):
        verifier.join(verifier.Node(b"a", almost), verifier.Node(b"b", 1))
    with pytest.raises(ProofError, match="out of range"):
        verifier.join(verifier.Node(b"a", -1), verifier.Node(b"b", 1))


def test_an_inner_node_is_no_leaf() -> None:
    """Whoever says that there are fewer leaves than there are must show leaves with the hashes of nodes."""
    leaves = [Leaf(f"{at:08X}", bytes([at]) * 32, at * 10**24) for at in range(1, 5)]
    proof = naive.proof("00000001", {"BTC": leaves})
    balance = proof["balances"][0]
    shorter = copy.deepcopy(proof)
    shorter["publication"]["assets"][0]["accounts"] = 2
    shorter["balances"][0] |= {"amount": "3", "siblings": balance["siblings"][1:]}
    shorter["root"] = rooted(shorter)
    assert "the way up leads to" in refused(shorter)


def test_halves_cannot_change_places() -> None:
    leaves = [Leaf(f"{at:08X}", bytes([at]) * 32, 10**24) for at in range(1, 9)]
    proof = naive.proof("00000001", {"BTC": leaves})
    for position in range(1, 8):
        assert "the way up leads to" in refused(changed(proof, ("balances", 0, "position"), position))


def test_one_leaf_does_not_serve_two_accounts_of_equal_balance() -> None:
    """The account is in the leaf: a venue cannot count two debts of 10 once."""
    proof = naive.proof(ACCOUNT, {"BTC": [Leaf(ACCOUNT, b"s" * 32, 10**25), Leaf("1" * 8, b"t" * 32, 1)]})
    assert "is not what was counted" in refused(changed(proof, ("account",), "22222222"))


def test_another_root_of_ones_own_making_is_not_the_published_one() -> None:
    honest = naive.proof(
        ACCOUNT, {"BTC": [Leaf(ACCOUNT, b"s" * 32, 10**25), Leaf("1" * 8, b"t" * 32, 10**25)]}
    )
    forged = naive.proof(ACCOUNT, {"BTC": [Leaf(ACCOUNT, b"s" * 32, 10**25)]})
    checked = check(json.dumps(forged))
    with pytest.raises(ProofError, match="not to the published one"):
        report(checked, honest["root"])
    with pytest.raises(ProofError, match="about the account 0658A099"):
        report(checked, forged["root"], "11111111")
    assert "is that you?" in report(checked, forged["root"].upper())
    assert "Nothing is proven before you compare" in report(checked)


def rooted(proof: dict[str, Any]) -> str:
    """The root that fits a changed publication."""
    published = proof["publication"]
    totals = [
        verifier.Total(
            each["asset"], each["accounts"], parse_amount(each["total"], ""), bytes.fromhex(each["tree"])
        )
        for each in published["assets"]
    ]
    return verifier.publication_root(b"", published["sequence"], published["snapshot_at"], totals).hex()


# -- reading ------------------------------------------------------------------------------------------


@given(st.integers(0, LIMIT - 1))
def test_amounts_are_written_in_one_way(amount: int) -> None:
    text = amount_text(amount)
    assert text == naive.text(amount)
    assert parse_amount(text, "it") == amount


WRONG = ["", "-1", "+1", "01", "1.0", "1.", ".5", "1e3", "1_000", " 1", "1\n", "１", "٣", "NaN", "0x1", "-0"]


@pytest.mark.parametrize("text", [*WRONG, f"0.{'0' * 24}1", "1" + "0" * 30, 1, 1.5, None, True, ["1"]])
def test_and_in_no_other(text: object) -> None:
    with pytest.raises(ProofError, match="not an amount as it has to be written"):
        parse_amount(text, "it")


@pytest.mark.parametrize("amount", [-1, LIMIT])
def test_amounts_out_of_range_are_not_written(amount: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        amount_text(amount)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "cannot be read as JSON"),
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"format": NaN}', "NaN is no number"),
        ('{"account": "A", "account": "B"}', "twice in one object"),
        ("9" * 5000, "cannot be read as JSON"),
        ("[]", "has to be an object"),
        ('{"data": 7}', "has to be an object"),
        ('{"code": 4001, "data": {}, "message": "no liabilities were published yet"}', "lacks format"),
    ],
)
def test_texts_that_are_no_proofs(text: str, part: str) -> None:
    with pytest.raises(ProofError, match=part):
        check(text)


def test_nothing_owed_is_shown_as_nothing() -> None:
    proof = naive.proof(ACCOUNT, {"BTC": [Leaf("11111111", b"t" * 32, 1)]})
    assert "  nothing" in report(check(json.dumps(proof)), proof["root"], ACCOUNT).splitlines()


def test_it_stands_alone(tmp_path: Path) -> None:
    """Copied elsewhere, in a Python that sees neither this project nor any installed package."""
    source = Path(verifier.__file__).read_text()
    names = {
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    (tmp_path / "verifier.py").write_text(source)
    proof = naive.proof(ACCOUNT, {"BTC": [Leaf(ACCOUNT, b"s" * 32, 10**25), Leaf("1" * 8, b"t" * 32, 1)]})
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    command = [sys.executable, "-I", "-S", str(tmp_path / "verifier.py"), str(tmp_path / "proof.json")]
    good = subprocess.run([*command, "--root", proof["root"]], capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert "10 BTC of the 10.000000000000000000000001 BTC" in good.stdout
    bad = subprocess.run([*command, "--root", "0" * 64], capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.startswith("The proof does not hold: the proof leads to the root")
