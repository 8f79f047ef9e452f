"""Signed orders over HTTP by wrk, a load generator that is not ours: does it see what ours sees?

64 connections in a closed loop and one thread, as in `http_orders`, against the venue and the empty handler
in turn. The requests are signed beforehand and read by a script in Lua, which also looks whether each answer
has code 0. Without wrk (`apt install wrk`, `brew install wrk`) one line says that nothing was measured.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.http_orders import CONNECTIONS, RUNS
from benchmarks.load import Plan, Script
from benchmarks.report import Figure, ratio
from benchmarks.scratch import scratch_directory
from benchmarks.servers import Target, demo, empty_handler

SECONDS: Final = 4
_REQUESTS: Final = 20_000  # then from the beginning: the same order again is another order
_MARK: Final = "measured: "

# What wrk calls: `setup` in its main environment, `init`, `request` and `response` in the thread's own.
_SCRIPT: Final = """
local threads, requests, at = {}, {}, 0
refused = 0

function setup(thread)
    table.insert(threads, thread)
end

function init(arguments)
    local file = io.open(arguments[1], "rb")
    for request in file:read("*a"):gmatch("[^%z]+") do
        table.insert(requests, request)
    end
    file:close()
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function response(status, headers, body)
    if status ~= 200 or body:sub(1, 10) ~= '{"code":0,' then
        refused = refused + 1
    end
end

function done(summary, latency, rate)
    local refusals = 0
    for _, thread in ipairs(threads) do
        refusals = refusals + thread:get("refused")
    end
    local errors = summary.errors
    local broken = errors.connect + errors.read + errors.write + errors.timeout
    local form = '{"seconds":%f,"requests":%d,"refused":%d,"broken":%d,"p50":%f,"p99":%f,"p999":%f,"max":%f}'
    print("measured: " .. form:format(
        summary.duration / 1e6, summary.requests, refusals, broken,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
"""


class Found(msgspec.Struct):
    """What wrk measured; times in µs."""

    seconds: float
    requests: int
    refused: int
    broken: int
    p50: float
    p99: float
    p999: float
    max: float

    @property
    def per_second(self) -> float:
        return (self.requests - self.refused) / self.seconds


def measure(seconds: int = SECONDS) -> list[Figure]:
    """Resting orders beside the empty handler; a figure without values when wrk is missing."""
    program = shutil.which("wrk")
    if program is None:
        return [Figure("HTTP by wrk, resting orders", [], "answers/s", "not measured: wrk is not installed")]
    with tempfile.TemporaryDirectory(dir=scratch_directory()) as name:
        folder = Path(name)
        with demo(folder) as venue, empty_handler(folder) as empty:
            pairs = [
                (_load(program, venue, seconds, seed, folder), _load(program, empty, seconds, seed, folder))
                for seed in range(RUNS + 1)
            ][1:]  # the first pair warms up
    baseline = Figure("HTTP by wrk, empty handler", [empty.per_second for _, empty in pairs], "answers/s")
    orders = Figure("HTTP by wrk, resting orders", [run.per_second for run, _ in pairs], "answers/s")
    return [
        Figure(orders.name, orders.values, orders.unit, ratio(orders, baseline)),
        *(
            Figure(f"  orders by wrk, {word}", [getattr(run, field) / 1_000 for run, _ in pairs], "ms")
            for word, field in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"), ("max", "max"))
        ),
        baseline,
    ]


def _load(program: str, target: Target, seconds: int, seed: int, folder: Path) -> Found:
    script, requests = folder / "orders.lua", folder / "requests"
    script.write_text(_SCRIPT)
    requests.write_bytes(b"\0".join(_signed(target, seed)))
    command = [program, "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
    where = ["--script", str(script), f"http://127.0.0.1:{target.port}/", "--", str(requests)]
    done = subprocess.run([*command, *where], check=True, stdout=subprocess.PIPE, text=True, timeout=120)
    found = read(done.stdout)
    if found.broken or found.refused * 20 > found.requests:
        raise RuntimeError(
            f"wrk: {found.refused} refused, {found.broken} broken of {found.requests} requests"
        )
    return found


def _signed(target: Target, seed: int) -> list[bytes]:
    """Resting orders of all users in turn."""
    plan = Plan(target.port, target.keys, "resting", 0.0, seed=seed)
    scripts = [Script(plan, number) for number in range(CONNECTIONS)]
    return [scripts[number % CONNECTIONS].next_request() for number in range(_REQUESTS)]


def read(output: str) -> Found:
    """What the script has printed among wrk's own words."""
    line = next(line for line in output.splitlines() if line.startswith(_MARK))
    return msgspec.json.decode(line.removeprefix(_MARK), type=Found)
