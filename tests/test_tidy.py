"""The house rules find what they are there to find, and nothing else."""

import pytest

from tools.tidy.__main__ import check
from tools.tidy.source import parse
from tools.tidy.words import WORDS

DOC = '"""What this is."""\n'


def findings(path: str, text: str) -> list[str]:
    return [f"{finding.line}: {finding.message}" for finding in check([parse(path, text)])]


def of_core(text: str) -> list[str]:
    return findings("src/openbourse/core/sample.py", DOC + text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("import time\n", "may not import time"),
        ("from datetime import datetime\n", "may not import datetime"),
        ("def f() -> None:\n    import random\n", "may not import random"),
        ("import os.path\n", "may not import os.path"),
        ("x = open('file')\n", "no open()"),
        ("x = float('1')\n", "no float()"),
        ("x = hash('a')\n", "no hash()"),
        ("x = 0.5\n", "no float literal 0.5"),
        ("x = 1 / 2\n", "no true division"),
        ("x = 1\nx /= 2\n", "no true division"),
        ("async def f() -> None: ...\n", "no async"),
        ("for x in {1, 2}:\n    pass\n", "iteration over the set {1, 2}"),
        ("x = [y for y in set(z)]\n", "iteration over the set set(z)"),
        ("seen: set[int] = set()\nx = list(seen)\n", "list() of the set seen"),
        ("def f(seen: set[int]) -> int:\n    return seen.pop()\n", "pop() of the set seen"),
        ("for x in a.keys() - b.keys():\n    pass\n", "iteration over the set a.keys() - b.keys()"),
        ("self.seen = set()\nfor x in other.seen:\n    pass\n", "iteration over the set other.seen"),
    ],
)
def test_the_core_may_not(text: str, part: str) -> None:
    (finding,) = of_core(text)
    assert part in finding


@pytest.mark.parametrize(
    "text",
    [
        "import bisect\nfrom openbourse.core.units import UNIT\n",
        "x = 7 // 2\n",
        "for x in sorted({1, 2}):\n    pass\n",
        "seen: set[int] = set()\nx = 1 in seen\ny = len(seen)\n",
        "for x in {1: 2}:\n    pass\n",
        "x = [1, 2].pop()\n",
    ],
)
def test_the_core_may(text: str) -> None:
    assert of_core(text) == []


def test_the_core_rules_hold_in_the_core_only() -> None:
    assert findings("src/openbourse/venue/sample.py", DOC + "import time\nx = 0.5\n") == []


@pytest.mark.parametrize(
    ("path", "line", "target"),
    [
        ("core/sample.py", "from openbourse.venue.clock import Clock", "venue"),
        ("core/sample.py", "import openbourse.log.errors", "log"),
        ("core/sample.py", "from ..log import errors", "log"),
        ("history/sample.py", "from openbourse import venue", "venue"),
        ("venue/sample.py", "from openbourse.wire.coinex import sign", "wire"),
        ("venue/sample.py", "from openbourse.sandbox import bots", "sandbox"),
        ("wire/coinex/sample.py", "from openbourse.log.sqlite_log import SqliteLog", "log"),
        ("wire/coinex/sample.py", "from openbourse.cli import main", "top"),
        ("sandbox/sample.py", "from openbourse.testing import plugin", "testing"),
        ("venue/sample.py", "from openbourse.cli.main import main", "top"),
    ],
)
def test_imports_against_the_arrows(path: str, line: str, target: str) -> None:
    (finding,) = findings(f"src/openbourse/{path}", f"{DOC}{line}\n")
    assert f"may not import {target} " in finding


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("core/sample.py", "from openbourse.core.units import UNIT"),
        ("venue/sample.py", "from openbourse.core.exchange import Exchange"),
        ("venue/sample.py", "from .clock import Clock"),
        ("venue/sample.py", "from openbourse import __version__"),
        ("wire/coinex/sample.py", "from openbourse.wire.router import Router"),
        ("sandbox/sample.py", "from openbourse.venue.clock import Clock"),
        ("cli.py", "from openbourse.sandbox import demo"),
        ("cli/demo.py", "from openbourse.sandbox import demo"),
    ],
)
def test_imports_along_the_arrows(path: str, line: str) -> None:
    assert findings(f"src/openbourse/{path}", f"{DOC}{line}\n") == []


def test_protocols_do_not_know_each_other() -> None:
    text = f"{DOC}from openbourse.wire.coinw import sign\n"
    assert findings("src/openbourse/wire/coinex/sample.py", text) == [
        "2: wire/coinex may not import wire/coinw"
    ]


def test_an_unknown_room_is_announced() -> None:
    (finding,) = findings("src/openbourse/attic/sample.py", DOC)
    assert "attic/ is a room that" in finding


@pytest.mark.parametrize("word", sorted(WORDS))
def test_foreign_words_stay_in_wire(word: str) -> None:
    text = f"{DOC}x = '{word}'\nmy_{word} = 1\n"
    for place in ("src/openbourse/venue", "tests/venue"):
        assert [line.partition(":")[0] for line in findings(f"{place}/sample.py", text)] == ["2", "3"]
    for place in ("src/openbourse/wire/coinex", "tests/wire", "tests/compliance"):
        assert findings(f"{place}/sample.py", text) == []


def test_words_that_only_contain_a_foreign_one() -> None:
    assert findings("src/openbourse/venue/sample.py", f"{DOC}# success, entrusted, succyx\n") == []


def test_long_functions_and_files() -> None:
    body = "    x = 1\n" * 69
    assert findings("tests/sample.py", f"def f() -> None:\n{body}") == []
    (finding,) = findings("tests/sample.py", f"def f() -> None:\n{body}    x = 2\n")
    assert "function f has 71 lines" in finding
    assert findings("tools/sample.py", "x = 1\n" * 400) == []
    (finding,) = findings("tools/sample.py", "x = 1\n" * 401)
    assert "401 lines" in finding


def test_modules_of_the_package_say_what_they_are() -> None:
    (finding,) = findings("src/openbourse/venue/sample.py", "x = 1\n")
    assert "begins with a docstring" in finding
    assert findings("tests/sample.py", "x = 1\n") == []
