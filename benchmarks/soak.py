"""The soak: random traffic by ever new seeds, judged all the time, until the time is over.

A finding ends it: the seed is printed and leads there again. Each entry of `SOAKS` takes a seed and gives
counts of what it did; it raises when something is wrong.
"""

import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from openbourse.core import invariants, snapshot
from openbourse.core.commands import decode_commands, encode_commands
from openbourse.core.exchange import Exchange
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.errors import ApiError
from tests.core.naive.comparison import Judge
from tests.core.streams import Traffic
from tests.simulation.story import Story
from tests.wire.coinex.ws.fuzzing import fuzz_requests, fuzz_sessions, fuzz_sockets

Soak = Callable[[int], Counter[str]]

_JUDGED_COMMANDS: Final = 3_000
_LONG_COMMANDS: Final = 30_000
_MUTATIONS: Final = 3_000


def run(seconds: float, first_seed: int | None = None) -> int:
    """Soak for so many seconds and to the end of a round; 0 when nothing was found."""
    seed = secrets.randbelow(10**9) if first_seed is None else first_seed
    deadline = time.monotonic() + seconds
    total: Counter[str] = Counter()
    print(f"soaking for {seconds:.0f} s from seed {seed}", flush=True)
    while True:
        for soak in SOAKS:
            try:
                counts = soak(seed)
            except Exception as error:
                print(f"FOUND by {soak.__name__}, seed {seed}: {error!r}", flush=True)
                print(f"again: python -m benchmarks soak --seconds 1 --seed {seed}", flush=True)
                raise
            total.update(counts)
        if time.monotonic() >= deadline:
            print(f"last seed {seed}; {_words(total)}; nothing found", flush=True)
            return 0
        if sys.stdout.isatty() or seed % 20 == 0:
            print(f"seed {seed} done; {_words(total)}", flush=True)
        seed += 1


def judged_traffic(seed: int) -> Counter[str]:
    """The core against the naive exchange: equal events, money and books after every command."""
    judge = Judge()
    traffic = Traffic(seed, users=2 + seed % 5, spread=2 + seed % 9, resting=4 + seed % 13, faults=0.02)
    for step in range(1, _JUDGED_COMMANDS + 1):
        events = judge.apply(traffic.next_command())
        judge.compare_money()
        judge.compare_books()
        if step % 10 == 0:
            judge.compare_all()
        if step % 500 == 0:
            judge.replace_by_restored()
        traffic.observe(events)
    judge.compare_all()
    return Counter({"judged commands": _JUDGED_COMMANDS})


def long_traffic(seed: int) -> Counter[str]:
    """More users and deeper books than the naive exchange could follow, by the invariants alone."""
    exchange = Exchange()
    traffic = Traffic(seed, users=40, spread=40, resting=40, faults=0.01)
    twin = exchange
    for step in range(1, _LONG_COMMANDS + 1):
        command = traffic.next_command()
        events = exchange.apply(command)
        traffic.observe(events)
        if twin is not exchange:
            assert twin.apply(decode_commands(encode_commands([command]))[0]) == events, f"step {step}"
        if step == _LONG_COMMANDS // 2:
            twin = snapshot.restore(snapshot.dump(exchange))
        if step % 5_000 == 0:
            found = invariants.violations(exchange)
            assert not found, f"step {step}: {found}"
    assert snapshot.state_hash(twin) == snapshot.state_hash(exchange), "the restored twin went another way"
    return Counter({"commands under invariants": _LONG_COMMANDS})


def simulated_venue(seed: int) -> Counter[str]:
    """A whole venue through crashes, on a simulated machine; `python -m tests.simulation SEED` alone."""
    with tempfile.TemporaryDirectory() as folder:
        return Counter(
            {f"simulated: {name}": count for name, count in Story(seed, Path(folder)).run().items()}
        )


def spoilt_bodies(seed: int) -> Counter[str]:
    """Every endpoint's reader on damaged and random parameters: an ApiError or a value, nothing else."""
    dice = random.Random(seed)
    for _ in range(_MUTATIONS):
        endpoint = dice.choice(ENDPOINTS)
        text = _spoilt(dice, msgspec.json.encode(_arguments(dice)))
        try:
            endpoint.cost(text)
            endpoint.read(text.replace(b'"', b"").replace(b",", b"&").replace(b":", b"="), text)
        except ApiError:
            pass
    return Counter({"spoilt requests": _MUTATIONS})


_WORDS: Final = sorted({name for endpoint in ENDPOINTS for name in endpoint.params.__struct_fields__})
_TEXTS: Final = ["BTCUSDT", "SPOT", "MARGIN", "buy", "sell", "limit", "ioc", "1", "0.1", "-1", "1_000", "٣"]
_VALUES: Final[list[Any]] = [
    *_TEXTS,
    *("", " 1", "NaN", "Infinity", "1e999", "\u0000", "x" * 300),
    *(0, 1, -1, 2**64, 10**40, 1e300, 0.1, True, None),
    *([], [[]], {}, [1, "2"]),
]


def _arguments(dice: random.Random) -> object:
    if dice.random() < 0.05:
        return dice.choice(_VALUES)
    found = {word: dice.choice(_VALUES) for word in dice.sample(_WORDS, dice.randint(0, len(_WORDS)))}
    if dice.random() < 0.2:
        found["orders"] = [_arguments(dice) for _ in range(dice.randint(0, 3))]
    return found


def _spoilt(dice: random.Random, text: bytes) -> bytes:
    """The text itself, or with some of its bytes changed, doubled or cut off."""
    changed = bytearray(text)
    for _ in range(dice.choice((0, 0, 1, 3))):
        place = dice.randrange(len(changed) + 1)
        kind = dice.randrange(4)
        if kind == 0:
            changed[place : place + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            changed[place:place] = changed[place : place + 8]
        elif kind == 2:
            del changed[place:]
        else:
            changed[place:place] = dice.choice((b"[", b"{", b"%", b"\\u", b"\xff")) * dice.choice(
                (1, 1, 2_000)
            )
    return bytes(changed)


def _words(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))


SOAKS: Final[tuple[Soak, ...]] = (
    judged_traffic,
    long_traffic,
    simulated_venue,
    spoilt_bodies,
    fuzz_requests,
    fuzz_sessions,
    fuzz_sockets,
)
