"""Which room of the package may import which: arrows point one way (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from tools.tidy.source import Finding, Source

_BELOW_VENUE = {"core", "log", "history", "market_data", "accounts", "wallet", "liabilities"}

# A room may always import itself. "top" is the command line, and what lies beside the rooms for it to use.
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "log": {"core"},
    "history": {"core", "market_data"},  # it stores candles, and fills market data anew at start-up
    "market_data": {"core"},
    "accounts": {"core"},
    "wallet": {"core"},
    "liabilities": {"core", "log", "accounts"},  # trees are made of snapshots
    "venue": _BELOW_VENUE,
    # Not the log: whatever a protocol wants to happen goes through the venue.
    "wire": {"venue"} | (_BELOW_VENUE - {"log"}),
    # It speaks to exchanges, this one or the original, and is none: importing it loads nothing of a venue.
    "client": set(),
    # Between two processes of one venue: protocols are given its front, and do not know it.
    "link": {"venue"} | (_BELOW_VENUE - {"log"}),
    "sandbox": {"venue", "wire"} | _BELOW_VENUE,
    "testing": {"venue", "wire", "sandbox", "client"} | _BELOW_VENUE,
    "top": {"venue", "wire", "link", "sandbox", "testing", "client"} | _BELOW_VENUE,
    "engine": set(),
}

# Modules beside the rooms that every room but the core may use: which engine runs, and the version.
GROUND = {"engine"}

# Two protocols never know each other; what they share lies in wire/ itself.
PROTOCOLS = {"coinex", "coinw"}


def check_rooms(source: Source) -> list[Finding]:
    """Imports of a module of the package that point the wrong way."""
    inside = source.in_package
    if inside is None:
        return []
    room = room_of(inside.with_suffix("").parts)
    allowed = MAY_IMPORT[room] | {room} if room in MAY_IMPORT else set()
    if room != "core":
        allowed |= GROUND
    findings = []
    if room not in MAY_IMPORT:
        message = f"{room}/ is a room that tools/tidy/rooms.py and docs/architecture.md do not know"
        findings.append(Finding(source.path, 1, message))
    for line, parts in _project_imports(source, inside):
        target = room_of(parts)
        if target not in allowed:
            findings.append(Finding(source.path, line, f"{room} may not import {target} ({'.'.join(parts)})"))
        elif room == target == "wire" and _other_protocol(inside.parts, parts):
            message = f"wire/{inside.parts[1]} may not import wire/{parts[1]}"
            findings.append(Finding(source.path, line, message))
    return findings


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a module, given its path below the package."""
    if parts in ((), ("__init__",)):
        return "engine"  # `import openbourse` itself: the version and the choice of engine
    if parts[0] == "cli" or (len(parts) == 1 and parts[0] not in MAY_IMPORT):
        return "top"
    return parts[0]


def _other_protocol(own: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return own[1] in PROTOCOLS and len(other) > 1 and other[1] in PROTOCOLS - {own[1]}


def _project_imports(source: Source, inside: PurePosixPath) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and path below the package of everything imported from the project, anywhere in the file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "openbourse":
                    yield node.lineno, tuple(alias.name.split(".")[1:])
        elif isinstance(node, ast.ImportFrom):
            module = tuple((node.module or "").split(".")) if node.module else ()
            if node.level:
                yield node.lineno, (*inside.parts[: len(inside.parts) - node.level], *module)
            elif module == ("openbourse",):
                for alias in node.names:
                    yield node.lineno, () if alias.name == "__version__" else (alias.name,)
            elif module[:1] == ("openbourse",):
                yield node.lineno, module[1:]
