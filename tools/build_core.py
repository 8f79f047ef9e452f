"""Compile the core with mypyc, beside its sources, if they changed since the last time.

    python tools/build_core.py [--force]

All modules of `core/` become one group, so that calls between them are C calls; `commands` and `events`
stay interpreted (msgspec structs are encoded faster that way, see docs/architecture.md). The file
`src/openbourse/_build.json` records what was compiled: `openbourse.engine` warns by it when a source was
edited since. Without a C compiler nothing is compiled and the same files run interpreted.

The build hook of the wheel (`hatch_build.py`) uses `compile_core` as well.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INTERPRETED = frozenset({"__init__.py", "commands.py", "events.py"})
GROUP = "openbourse.core._group"
RECORD = Path("openbourse/_build.json")
EXTENSION_SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))


class BuildError(Exception):
    """mypyc or the C compiler refused the core."""


class Layout:
    """Where things are in a source tree: sources, and the folder of the build that is used again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources = root / "src"
        self.core = self.sources / "openbourse" / "core"
        self.build = root / "build" / f"core{EXTENSION_SUFFIX.removesuffix('.so')}"
        self.output = self.build / "lib"

    def modules(self) -> list[Path]:
        """The sources that are compiled, sorted by name."""
        return sorted(path for path in self.core.glob("*.py") if path.name not in INTERPRETED)

    def record(self) -> dict[str, object]:
        """What `_build.json` says of the present sources.

        The interpreted ones count too: their types are baked into the compiled ones.
        """
        return {
            "extension_suffix": EXTENSION_SUFFIX,
            "compiled": [path.stem for path in self.modules()],
            "sources": {path.name: _sha256(path) for path in sorted(self.core.glob("*.py"))},
        }


def main() -> int:
    """Build in place; 0 also when there is no compiler, because the sources then run as they are."""
    parser = argparse.ArgumentParser(description="Compile the core beside its sources.")
    parser.add_argument("--force", action="store_true", help="compile even if nothing changed")
    arguments = parser.parse_args()
    layout = Layout(Path(__file__).resolve().parent.parent)
    with _one_at_a_time(layout):
        if not arguments.force and is_current(layout):
            return 0
        reason = obstacle()
        if reason:
            remove_installed(layout)
            print(f"The core stays interpreted: {reason}.", file=sys.stderr)
            return 0
        print("Compiling the core, which takes about half a minute ...", file=sys.stderr)
        try:
            files = compile_core(layout)
        except BuildError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        install(layout, files)
    print(f"Compiled the core: {len(layout.modules())} modules.")
    return 0


def obstacle() -> str:
    """Why nothing can be compiled here, or nothing."""
    compiler = shlex.split(os.environ.get("CC") or str(sysconfig.get_config_var("CC") or "cc"))[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        return "the headers of Python are missing (Debian: python3-dev)"
    return ""


def compile_core(layout: Layout) -> list[Path]:
    """Compile all modules into `layout.output`; return the files made, the record among them.

    Raises BuildError. What a former build left is used again where its C code is the same.
    """
    record = layout.record()  # before compiling: an edit during the build must count as a later one
    _run_mypyc(layout)
    target = layout.output / RECORD
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record, indent=1) + "\n")
    names = [*(path.stem for path in layout.modules()), f"{GROUP.rpartition('.')[2]}__mypyc"]
    made = [layout.output / "openbourse" / "core" / f"{name}{EXTENSION_SUFFIX}" for name in names]
    return [*made, target]


def _run_mypyc(layout: Layout) -> None:
    # Imported late: a build that has nothing to do should not pay half a second for them. setuptools comes
    # first because mypyc looks whether it is there.
    from setuptools import Distribution  # noqa: PLC0415, I001
    from mypyc.build import mypycify  # noqa: PLC0415

    paths = [str(path) for path in layout.modules()]
    layout.build.mkdir(parents=True, exist_ok=True)
    try:
        extensions = mypycify(
            ["--config-file=", *paths],
            opt_level="3",
            debug_level="0",
            target_dir=str(layout.build / "c"),
            group_name=GROUP,
        )
        distribution = Distribution({"name": "openbourse-core", "ext_modules": extensions})
        command = distribution.get_command_obj("build_ext")
        command.set_undefined_options("build")
        command.build_lib = str(layout.output)
        command.build_temp = str(layout.build / "objects")
        command.ensure_finalized()
        command.run()
    except SystemExit as error:  # how mypyc reports type errors; it has printed them
        raise BuildError("mypyc refused the core, see above") from error
    except Exception as error:
        raise BuildError(f"the core could not be compiled: {error}") from error


def is_current(layout: Layout) -> bool:
    """Whether the files beside the sources were compiled from these very sources."""
    try:
        record = json.loads((layout.sources / RECORD).read_text())
    except (OSError, ValueError):
        return False
    wanted = {f"{path.stem}{EXTENSION_SUFFIX}" for path in layout.modules()}
    return record == layout.record() and wanted <= {path.name for path in layout.core.glob("*.so")}


def install(layout: Layout, files: list[Path]) -> None:
    """Put compiled files beside the sources, the record last.

    Each is renamed into place: overwriting a library would crash the processes that have it mapped.
    """
    remove_installed(layout, keep={path.name for path in files})
    for path in files:
        target = layout.sources / path.relative_to(layout.output)
        fresh = target.with_name(f"{target.name}.new")
        shutil.copyfile(path, fresh)
        fresh.replace(target)


def remove_installed(layout: Layout, keep: frozenset[str] | set[str] = frozenset()) -> None:
    """Remove compiled files from beside the sources, and the record.

    Those of other Pythons too: there is one record, and it would vouch for them.
    """
    (layout.sources / RECORD).unlink(missing_ok=True)
    for path in layout.core.glob("*.so"):
        if path.name not in keep:
            path.unlink()


@contextmanager
def _one_at_a_time(layout: Layout) -> Iterator[None]:
    layout.build.mkdir(parents=True, exist_ok=True)
    with (layout.build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
