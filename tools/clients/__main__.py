"""`python -m tools.clients` writes `types`, `calls` and `groups` of openbourse.client.coinex.

A test keeps them current.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.unavailable import is_unavailable
from tools.clients import calls, groups, types
from tools.clients.names import NAMES, TWINS

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "src/openbourse/client/coinex"


def generated() -> dict[str, str]:
    """Name -> text of all files, formatted as the house does. Raises LookupError for what has no name yet."""
    served = {
        endpoint.name: endpoint
        for endpoint in ENDPOINTS
        # What is below /v2/openbourse is not CoinEx's, and a proof is kept as the text that it is.
        if not is_unavailable(endpoint) and not endpoint.path.startswith("/v2/openbourse/")
    }
    for twin, name in TWINS.items():
        assert served.pop(twin).handler is served[name].handler, f"{twin} is not {name}"
    named = {name for names in NAMES.values() for name in names}
    if named != set(served):
        raise LookupError(f"tools/clients/names.py is not up to date: {sorted(named ^ set(served))}")
    endpoints = list(served.values())
    typed, names = types.files(endpoints)
    return _formatted(typed | calls.files(endpoints, names) | groups.files())


def _formatted(files: dict[str, str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="openbourse-client-") as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
        ours = ["--config", str(ROOT / "pyproject.toml"), "--quiet", "--no-cache", folder]
        first_party = ["--config", "lint.isort.known-first-party=['openbourse']"]
        for command in (["check", "--fix-only", "--select", "F401,I", *first_party], ["format"]):
            subprocess.run([ruff, *command, *ours], check=True)  # noqa: S603 - our own linter
        return {name: (Path(folder) / name).read_text("utf-8") for name in files}


if __name__ == "__main__":
    for name, text in generated().items():
        (CLIENT / name).write_text(text, "utf-8")
