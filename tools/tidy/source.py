"""A source file as the rules see it, and what they say about it."""

import ast
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Source:
    """One Python file: `path` is relative to the root of the repository."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def in_package(self) -> PurePosixPath | None:
        """The path below src/openbourse, None for files elsewhere."""
        root = PurePosixPath("src/openbourse")
        return self.path.relative_to(root) if self.path.is_relative_to(root) else None

    @property
    def in_core(self) -> bool:
        return self.path.is_relative_to("src/openbourse/core")


@dataclass(frozen=True, order=True)
class Finding:
    """A broken rule, at a place."""

    path: PurePosixPath
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def parse(path: str, text: str) -> Source:
    """A source from its text; SyntaxError if it is none."""
    return Source(PurePosixPath(path), text, ast.parse(text, filename=path))


def read_all(root: Path, folders: list[str]) -> list[Source]:
    """All Python files below some folders of the repository, in a fixed order."""
    paths = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    return [parse(path.relative_to(root).as_posix(), path.read_text()) for path in paths]
