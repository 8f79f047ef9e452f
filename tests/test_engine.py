"""The core runs compiled or interpreted, and says so; an edited source is never shadowed in silence."""

import json
import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from openbourse import __version__
from openbourse.engine import PURE_VARIABLE, engine_kind, stale_sources
from tools.build_core import RECORD, Layout, compile_core, install, is_current, obstacle, remove_installed

REPOSITORY = Path(__file__).resolve().parents[1]

needs_compiler = pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "there is a compiler")

SHOW = """
import json, sys
import openbourse.core.decimals as decimals
from openbourse.engine import engine_kind
print(json.dumps([engine_kind(), decimals.__file__, decimals.plain(1250, 3)]))
"""


def run(
    tree: Path, *arguments: str, pure: bool = False, compiler: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with the package of `tree`."""
    variables = {name: value for name, value in os.environ.items() if name != PURE_VARIABLE}
    variables |= {"PYTHONPATH": str(tree)}
    variables |= ({PURE_VARIABLE: "1"} if pure else {}) | ({"CC": compiler} if compiler else {})
    return subprocess.run(
        [sys.executable, *arguments], env=variables, capture_output=True, text=True, timeout=120, check=True
    )


def show(tree: Path, *, pure: bool = False) -> tuple[str, str, str, str]:
    """Kind of engine, file of a module of the core, what it computes, and stderr."""
    done = run(tree, "-c", SHOW, pure=pure)
    kind, file, text = json.loads(done.stdout)
    assert Path(file).is_relative_to(tree)
    return kind, Path(file).name, text, done.stderr


@pytest.fixture(scope="module")
def small_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a core of two modules, compiled in place if that can be."""
    root = tmp_path_factory.mktemp("repository")
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, root)
    shutil.copytree(REPOSITORY / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    package = root / "src" / "openbourse"
    (package / "core").mkdir(parents=True)
    for name in ("__init__", "engine", "core/__init__", "core/units", "core/decimals"):
        shutil.copy(REPOSITORY / "src" / "openbourse" / f"{name}.py", package / f"{name}.py")
    layout = Layout(root)
    if not obstacle():
        install(layout, compile_core(layout))
    return root


def test_this_process_runs_the_engine_that_it_names() -> None:
    import openbourse.core.decimals as module  # noqa: PLC0415 - its file is the question

    compiled = str(module.__file__).endswith(tuple(EXTENSION_SUFFIXES))
    assert engine_kind() == ("compiled" if compiled else "pure")


@needs_compiler
def test_compiled_files_are_loaded_and_current(small_tree: Path) -> None:
    kind, file, text, errors = show(small_tree / "src")
    assert (kind, text, errors) == ("compiled", "1.25", "")
    assert file.endswith(tuple(EXTENSION_SUFFIXES))
    assert is_current(Layout(small_tree))


@needs_compiler
def test_the_pure_engine_can_be_asked_for(small_tree: Path) -> None:
    assert show(small_tree / "src", pure=True) == ("pure", "decimals.py", "1.25", "")


@needs_compiler
def test_an_edit_is_announced_until_it_is_compiled(small_tree: Path, tmp_path: Path) -> None:
    root = tmp_path / "edited"
    shutil.copytree(small_tree, root, ignore=shutil.ignore_patterns("build"))
    source = root / "src" / "openbourse" / "core" / "decimals.py"
    edited = source.read_text().replace('.rstrip("0")', "")
    assert edited != source.read_text()
    source.write_text(edited)

    kind, _, text, errors = show(root / "src")
    assert (kind, text) == ("compiled", "1.25")
    assert errors.count("warning") == 1
    assert "older than decimals.py:" in errors
    assert "make setup" in errors
    assert show(root / "src", pure=True) == ("pure", "decimals.py", "1.250", "")

    layout = Layout(root)
    assert not is_current(layout)
    of_another_python = layout.core / "decimals.cpython-39-none.so"
    of_another_python.write_bytes(b"")
    install(layout, compile_core(layout))
    assert is_current(layout)
    assert not of_another_python.exists()
    kind, _, text, errors = show(root / "src")
    assert (kind, text, errors) == ("compiled", "1.250", "")

    remove_installed(layout)
    assert show(root / "src") == ("pure", "decimals.py", "1.250", "")


def test_added_edited_and_removed_sources_are_stale(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    digests = dict.fromkeys(("edited.py", "removed.py"), "0" * 64)
    record.write_text(json.dumps({"sources": digests}))
    for name in ("added.py", "edited.py"):
        (tmp_path / name).write_text("")
    assert stale_sources(tmp_path, record) == ["added.py", "edited.py", "removed.py"]
    record.write_text("not JSON")
    assert stale_sources(tmp_path, record) == ["added.py", "edited.py"]


@pytest.mark.parametrize("pure", [False, True])
def test_the_version_names_python_and_engine(pure: bool) -> None:
    tree = REPOSITORY / "src"
    done = run(tree, "-c", "from openbourse.cli import main; main()", "--version", pure=pure)
    kind = show(tree, pure=pure)[0]
    python = ".".join(str(part) for part in sys.version_info[:3])
    assert done.stdout == f"openbourse {__version__} (Python {python}, {kind} engine)\n"


def build_wheel(root: Path, into: Path, compiler: str | None = None) -> Path:
    """The wheel of a repository, by pip and the build backend that is installed."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(into)]
    run(root / "nothing", "-m", "pip", "wheel", *options, str(root), compiler=compiler)
    (wheel,) = into.glob("*.whl")
    return wheel


@needs_compiler
def test_a_wheel_carries_the_compiled_core(small_tree: Path, tmp_path: Path) -> None:
    wheel = build_wheel(small_tree, tmp_path / "wheel")
    assert not wheel.name.endswith("-none-any.whl")
    shutil.unpack_archive(wheel, tmp_path / "site", format="zip")
    kind, _, text, errors = show(tmp_path / "site")
    assert (kind, text, errors) == ("compiled", "1.25", "")


def test_a_wheel_without_a_compiler_carries_the_sources(small_tree: Path, tmp_path: Path) -> None:
    wheel = build_wheel(small_tree, tmp_path / "wheel", compiler="no-such-compiler")
    assert wheel.name.endswith("-py3-none-any.whl")
    shutil.unpack_archive(wheel, tmp_path / "site", format="zip")
    assert not (tmp_path / "site" / RECORD).exists()
    assert show(tmp_path / "site") == ("pure", "decimals.py", "1.25", "")
