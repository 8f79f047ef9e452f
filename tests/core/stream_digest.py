"""`python -m tests.core.stream_digest COMMANDS SEED`: run a seeded stream, print what came of it as JSON.

The engine that runs is the one that the environment chooses, so two processes can be compared.
"""

import hashlib
import json
import sys
from collections import Counter

from openbourse.core import invariants, snapshot
from openbourse.core.commands import encode_commands
from openbourse.core.events import encode_events
from openbourse.core.exchange import Exchange
from openbourse.engine import engine_kind
from tests.core.streams import Traffic


def digest(commands: int, seed: int) -> dict[str, object]:
    """State hash, running hash of all commands and events, and how many events of each kind there were."""
    exchange, traffic = Exchange(), Traffic(seed, users=20, spread=10, resting=25, faults=0.005)
    running = hashlib.sha256()
    kinds: Counter[str] = Counter()
    for _ in range(commands):
        command = traffic.next_command()
        events = exchange.apply(command)
        traffic.observe(events)
        running.update(encode_commands([command]))
        running.update(encode_events(events))
        kinds.update([type(event).__name__ for event in events])
    return {
        "engine": engine_kind(),
        "sequence": exchange.sequence,
        "state_hash": snapshot.state_hash(exchange),
        "events_hash": running.hexdigest(),
        "violations": invariants.violations(exchange),
        "kinds": dict(sorted(kinds.items())),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(digest(int(sys.argv[1]), int(sys.argv[2]))))
