"""`python -m tools.pythons`: a place for each other Python on this machine in which the core can run.

The determinism test runs the core on every version that we support. The core needs msgspec, which is compiled
for one version of Python; so each gets a virtual environment under build/pythons with the locked msgspec.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")
ROOT = Path(__file__).resolve().parents[1]
_SITE = ROOT / "build" / "pythons"


def is_here(version: str) -> bool:
    """There is a Python of this version on this machine, whether the core can run in it yet or not."""
    return any(_runs(path, "") for path in _candidates(version)) or _is_this(version)


def _is_this(version: str) -> bool:
    return version == f"{sys.version_info.major}.{sys.version_info.minor}"


def find(version: str) -> tuple[Path | None, str]:
    """An interpreter of this version that can run the core, and why there is none if so."""
    if _is_this(version):
        return Path(sys.executable), ""
    interpreter = next((path for path in _candidates(version) if _runs(path, "")), None)
    if interpreter is None:
        return None, f"there is no Python {version} on this machine"
    for path in (_SITE / version / "bin" / "python", interpreter):
        if _runs(path, "import msgspec"):
            return path, ""
    return None, f"Python {version} has no msgspec: `make pythons` installs it under build/"


def _candidates(version: str) -> list[Path]:
    """Where a Python of this version may be: on the path, or beside others that pyenv keeps."""
    found = [Path(path) for path in [shutil.which(f"python{version}")] if path]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found += sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    return found


def _runs(interpreter: Path, code: str) -> bool:
    """A shim may lie on the path and lead nowhere: only trying tells."""
    try:
        done = _run(str(interpreter), "-c", code)
    except OSError:
        return False
    return done.returncode == 0


def _run(*command: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, capture_output=True, timeout=300, check=False)  # noqa: S603 - Pythons found here


def locked(requirements: str, package: str) -> str:
    """The lines of a requirements file that pin a package, with its hashes."""
    found = re.search(rf"^{re.escape(package)}==.*?(?=^\S|\Z)", requirements, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{package} is not locked")
    return found[0]


def main() -> int:
    """Make an environment for each version that is there and lacks one."""
    _SITE.mkdir(parents=True, exist_ok=True)
    pins = _SITE / "requirements.txt"
    pins.write_text(locked((ROOT / "requirements.lock").read_text(), "msgspec"))
    for version in VERSIONS:
        interpreter = next((path for path in _candidates(version) if _runs(path, "")), None)
        if interpreter is not None and find(version)[0] is None:
            place = _SITE / version
            _run(str(interpreter), "-m", "venv", str(place))
            install = (
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                str(pins),
            )
            done = _run(str(place / "bin" / "python"), *install)
            if done.returncode:
                print(done.stderr.decode(), file=sys.stderr)
        path, problem = find(version)
        print(f"{version}: {path or problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
