"""The soak: everything that can be tried with ever new seeds, judged all the time, until the time is over.

A finding ends it: the command that leads there again is printed. Each entry of `SOAKS` takes a seed and gives
counts of what it did; it raises when something is wrong.
"""

import multiprocessing
import os
import random
import secrets
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from openbourse.core import invariants, snapshot
from openbourse.core.commands import decode_commands, encode_commands
from openbourse.core.exchange import Exchange
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.errors import ApiError
from tests.core.naive.comparison import Judge
from tests.core.streams import Traffic
from tests.simulation.journal import journal
from tests.simulation.states import summary
from tests.simulation.story import Story
from tests.simulation.town.story import TownStory
from tests.wire.coinex.ws.fuzzing import fuzz_requests, fuzz_sessions, fuzz_sockets

Soak = Callable[[int], Counter[str]]

_JUDGED_COMMANDS: Final = 3_000
_LONG_COMMANDS: Final = 30_000
_MUTATIONS: Final = 3_000


class Trial(NamedTuple):
    """One soak with one seed; `finding` is what was wrong, "" for nothing."""

    soak: str
    seed: int
    counts: Counter[str]
    finding: str = ""


def run(seconds: float, first_seed: int | None = None, only: str = "") -> int:
    """Soak for so many seconds and to the end of what was begun; 0 when nothing was found.

    With `only`, the name of a soak, just that one with just that seed: how a finding is seen again.
    """
    seed = secrets.randbelow(10**9) if first_seed is None else first_seed
    if only:
        return _report([attempt(only, seed)], 0.0)
    print(f"soaking for {seconds:.0f} s from seed {seed} in {_workers()} processes", flush=True)
    began = time.monotonic()
    trials = list(_trials(seed, began + seconds))
    return _report(trials, time.monotonic() - began)


def attempt(name: str, seed: int) -> Trial:
    """Try one seed; what the venue writes into its log is not printed."""
    soak = next(each for each, _ in SOAKS if each.__name__ == name)
    counts: Counter[str] = Counter()
    try:
        with journal(counts):
            counts += soak(seed)
    except Exception:  # noqa: BLE001 - whatever it is, it is what the soak is looking for
        return Trial(name, seed, counts, traceback.format_exc())
    return Trial(name, seed, counts)


def _trials(seed: int, deadline: float) -> Iterator[Trial]:
    """Every trial as it ends, in as many processes as there are processors; the last after `deadline`."""
    order = (
        (soak.__name__, number)
        for number in count(seed)
        for soak, every in SOAKS
        if (number - seed) % every == 0
    )
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_workers(), mp_context=context) as pool:
        running: set[Future[Trial]] = set()
        found = False
        while running or not (found or time.monotonic() >= deadline):
            while len(running) < _workers() and not found and time.monotonic() < deadline:
                running.add(pool.submit(attempt, *next(order)))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                trial = future.result()
                found = found or bool(trial.finding)
                yield trial


def _workers() -> int:
    return min(4, os.cpu_count() or 1)


def _report(trials: list[Trial], seconds: float) -> int:
    """Say what was done and reached, and every finding with the command that shows it again."""
    total: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for trial in trials:
        total += trial.counts
        tried[trial.soak] += 1
    if seconds:
        print(f"{seconds:.0f} s, {len({trial.seed for trial in trials})} seeds")
    print(f"trials: {_words(tried)}")
    print(*summary(total), sep="\n")
    plain = {
        name: number for name, number in total.items() if not name.startswith(("state ", "fault ", "log "))
    }
    print(f"done: {_words(Counter(plain))}")
    findings = [trial for trial in trials if trial.finding]
    print(f"violations: {len(findings)}", flush=True)
    for trial in findings:
        arguments = f"--seed {trial.seed} --only {trial.soak}"
        print(f"\nFOUND by {trial.soak}, seed {trial.seed}:\n{trial.finding}", file=sys.stderr)
        print(f'again: make soak ARGS="{arguments}", or: python -m benchmarks soak {arguments}', flush=True)
    return 1 if findings else 0


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
    """Sequencer, log, snapshots and history through crashes; `python -m tests.simulation SEED` alone."""
    with tempfile.TemporaryDirectory() as folder:
        return Story(seed, Path(folder)).run()


def simulated_town(seed: int) -> Counter[str]:
    """A whole venue with its people, network and chain; `python -m tests.simulation SEED town` alone."""
    with tempfile.TemporaryDirectory() as folder:
        return TownStory(seed, Path(folder)).run()


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


# Each with how many seeds it lets pass until its next turn: in the first two all faults meet.
SOAKS: Final[tuple[tuple[Soak, int], ...]] = (
    (simulated_town, 1),
    (simulated_venue, 1),
    (judged_traffic, 4),
    (long_traffic, 8),
    (spoilt_bodies, 8),
    (fuzz_requests, 16),
    (fuzz_sessions, 16),
    (fuzz_sockets, 16),
)
