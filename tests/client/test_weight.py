"""Who only wants a client loads no exchange."""

import subprocess
import sys

import pytest

_HEAVY = (
    "sqlalchemy",
    "uvicorn",
    "uvloop",
    "click",
    "structlog",
    "cryptography",
    "isal",
    "prometheus_client",
)


@pytest.mark.parametrize("module", ["coinex", "coinw"])
def test_importing_a_client_loads_nothing_of_a_venue(module: str) -> None:
    program = f"import sys; import openbourse.client.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    ours = {name for name in loaded if name.startswith("openbourse.")}
    assert {name.split(".")[1] for name in ours} == {"client", "engine"}
    assert not {name for name in loaded if name.split(".")[0] in _HEAVY}


@pytest.mark.parametrize("module", ["coinex", "coinw"])
def test_who_lacks_the_extra_is_told_its_name(module: str) -> None:
    program = f"import sys; sys.modules['httpx2'] = None; import openbourse.client.{module}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'openbourse[client]'" in done.stderr
