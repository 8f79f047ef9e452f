"""The streamed tree is the obvious one, and holds no more than one node of each level."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbourse.liabilities.tree import TreeBuilder, beside
from openbourse.liabilities.verifier import LIMIT, Node, ProofError, check
from tests.liabilities import naive
from tests.liabilities.naive import Leaf


def built(leaves: list[Leaf]) -> tuple[Node, int, dict[tuple[int, int], Node]]:
    nodes: dict[tuple[int, int], Node] = {}

    def keep(level: int, position: int, node: Node) -> None:
        assert (level, position) not in nodes
        nodes[level, position] = node

    builder = TreeBuilder(keep)
    for leaf in leaves:
        builder.add(Node(naive.leaf_hash("BTC", leaf), leaf.amount))
    return *builder.finish(), nodes


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 10**40), min_size=1, max_size=40))
def test_it_is_the_obvious_tree(amounts: list[int]) -> None:
    leaves = [Leaf(f"{at:08X}", bytes([at]) * 32, amount) for at, amount in enumerate(amounts)]
    top, count, nodes = built(leaves)
    assert (top.hash, top.amount) == naive.top("BTC", leaves)
    assert count == len(leaves)
    for position in range(count):
        siblings = [nodes[place] for place in beside(position, count)]
        shown = [{"hash": node.hash.hex(), "amount": naive.text(node.amount)} for node in siblings]
        assert shown == naive.way_up("BTC", leaves, position)


@pytest.mark.parametrize("count", range(1, 18))
def test_every_leaf_of_every_size_has_a_proof(count: int) -> None:
    leaves = [Leaf(f"{at:08X}", bytes([at]) * 32, 10**24) for at in range(count)]
    for leaf in leaves:
        assert check(json.dumps(naive.proof(leaf.account, {"BTC": leaves}))).holdings


def test_lists_that_differ_in_their_end_have_different_roots() -> None:
    """Doubling the last node of an odd level would make these equal (CVE-2012-2459)."""
    leaves = [Leaf(f"{at:08X}", bytes([at]) * 32, 10**24) for at in range(3)]
    assert built(leaves)[0] != built([*leaves, leaves[-1]])[0]


def test_what_is_held_grows_with_the_height_only() -> None:
    builder = TreeBuilder(lambda level, position, node: None)
    most = 0
    for at in range(100_000):
        builder.add(Node(at.to_bytes(32, "big"), 1))
        if at % 101 == 0 or at.bit_count() > 14:
            most = max(most, sum(node is not None for node in builder._waiting))
    assert builder.finish()[1] == 100_000
    assert most <= 17  # log2 of 100,000


def test_sums_out_of_range_are_not_built() -> None:
    builder = TreeBuilder(lambda level, position, node: None)
    builder.add(Node(b"a" * 32, LIMIT - 1))
    with pytest.raises(ProofError):
        builder.add(Node(b"b" * 32, 1))


def test_there_is_no_tree_without_leaves() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        TreeBuilder(lambda level, position, node: None).finish()
