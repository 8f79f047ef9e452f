"""Which engine runs: the core compiled by mypyc, or the same sources interpreted.

`prepare` runs when the package is imported, before any module of the core is. `OPENBOURSE_PURE=1` in the
environment makes Python load the sources even where compiled files lie beside them. A compiled file that is
older than its edited source would shadow the edit in silence, so that is said on stderr, once.
"""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Literal

PURE_VARIABLE = "OPENBOURSE_PURE"

_PACKAGE = Path(__file__).parent
_CORE = _PACKAGE / "core"
_CORE_PREFIX = "openbourse.core."
_RECORD = _PACKAGE / "_build.json"


def engine_kind() -> Literal["compiled", "pure"]:
    """How the modules of the core are loaded in this process."""
    return "compiled" if not _pure_wanted() and _compiled_modules(_CORE) else "pure"


def prepare() -> None:
    """Choose the engine for this process; call before the core is imported."""
    if _pure_wanted():
        if not any(isinstance(finder, SourceFinder) for finder in sys.meta_path):
            sys.meta_path.insert(0, SourceFinder())
        return
    if _compiled_modules(_CORE):
        stale = stale_sources(_CORE, _RECORD)
        if stale:
            print(
                f"openbourse: warning: the compiled core is older than {', '.join(stale)}: it runs without "
                f"those edits. Run `make setup`, or set {PURE_VARIABLE}=1 to run the sources.",
                file=sys.stderr,
            )


class SourceFinder(MetaPathFinder):
    """Finds the modules of the core as source files, whatever lies beside them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The source of a module of the core; None (others may look) for every other module."""
        if not fullname.startswith(_CORE_PREFIX):
            return None
        source = _CORE / f"{fullname.removeprefix(_CORE_PREFIX)}.py"
        return spec_from_file_location(fullname, source) if source.exists() else None


def stale_sources(core: Path, record: Path) -> list[str]:
    """Names of the sources in `core` that are not what the compiled files were made from, sorted.

    `record` is the JSON that the build wrote; without a readable one, all sources are suspect.
    """
    try:
        compiled = json.loads(record.read_text())["sources"]
    except (OSError, ValueError, KeyError, TypeError):
        compiled = {}
    present = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in core.glob("*.py")}
    changed = {name for name, digest in present.items() if compiled.get(name) != digest}
    return sorted(changed | (compiled.keys() - present.keys()))


def _pure_wanted() -> bool:
    return os.environ.get(PURE_VARIABLE, "") not in ("", "0")


def _compiled_modules(core: Path) -> list[str]:
    """Modules of which a compiled file lies there that this Python would load."""
    modules = []
    for path in core.iterdir():
        name, dot, suffix = path.name.partition(".")
        if dot + suffix in EXTENSION_SUFFIXES:
            modules.append(name)
    return modules
