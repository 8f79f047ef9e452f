"""In a production venue the sandbox cannot be imported: shown on the package as it is installed."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import END_SECONDS, environment
from tests.test_engine import build_wheel

REPOSITORY = Path(__file__).resolve().parents[2]

ROOMS = [REPOSITORY / "src" / "openbourse" / room for room in ("sandbox", "testing")]

# Serves, and once it is told to stop tries everything that the package has of the sandbox.
SERVE_AND_TRY = """
import importlib, sys
from pathlib import Path
import openbourse
from openbourse.cli import main

folder = Path(openbourse.__file__).parent
print("from", folder, flush=True)
main(["serve", "--port", "0", "--data-dir", sys.argv[1]], standalone_mode=False)
names = [
    ".".join(("openbourse", *file.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
    for room in ("sandbox", "testing")
    for file in sorted((folder / room).rglob("*.py"))
]
open_doors = []
for name in names:
    try:
        importlib.import_module(name)
        open_doors.append(name)
    except ImportError as error:
        assert "cannot be used in a production venue" in str(error), error
print(len(names), "tried,", "importable:", open_doors)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer does. Its core is interpreted: that is beside the point."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = build_wheel(REPOSITORY, folder / "wheel", compiler="no-such-compiler")
    shutil.unpack_archive(wheel, folder / "site", format="zip")
    return folder / "site"


def test_nothing_of_the_sandbox_can_be_imported(site: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_AND_TRY, str(tmp_path / "venue")],
        env=environment(PYTHONPATH=str(site)),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"from {site / 'openbourse'}\n"
    assert process.stdout.readline().startswith("serving ")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=END_SECONDS)
    assert process.returncode == 0
    count = int(output.split()[0])
    assert count == len([file for room in ROOMS for file in room.rglob("*.py")]) >= 40
    assert output == f"{count} tried, importable: []\n"


def test_a_process_that_has_it_already_refuses_to_serve(tmp_path: Path) -> None:
    code = (
        "import openbourse.sandbox.house\n"
        "from openbourse.cli import main\n"
        f"main(['serve', '--port', '0', '--data-dir', {str(tmp_path / 'venue')!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "which was to be a production venue" in done.stderr
    assert not (tmp_path / "venue").exists()
