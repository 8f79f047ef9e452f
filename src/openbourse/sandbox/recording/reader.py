"""Reading a recording: a line at a time, checked."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from openbourse.sandbox.recording.lines import (
    FORMAT,
    MAX_LINE_BYTES,
    VERSION,
    Header,
    Line,
    RecordFileError,
    parsed,
)


class Numbered(NamedTuple):
    """A line with its number in the file, from 1."""

    number: int
    line: Line


def read_header(path: Path) -> Header:
    """Raises RecordFileError."""
    first = next(read_lines(path)).line
    assert isinstance(first, Header), "read_lines has looked"
    return first


def read_lines(path: Path) -> Iterator[Numbered]:
    """All lines with the header first. Raises RecordFileError; a torn last line is passed over."""
    try:
        with path.open("rb") as file:
            number = 0
            while text := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(text) > MAX_LINE_BYTES:
                    raise RecordFileError(f"{path}, line {number}: longer than lines of a recording are")
                if not text.endswith(b"\n") and number > 1:
                    return  # the recorder was killed while it wrote this
                yield Numbered(number, _line(path, number, text))
            if not number:
                raise RecordFileError(f"{path} is empty")
    except OSError as error:
        raise RecordFileError(f"cannot read {path}: {error.strerror}") from None


def _line(path: Path, number: int, text: bytes) -> Line:
    try:
        line = parsed(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordFileError(f"{path}, line {number}: not a line of a recording ({error})") from None
    if isinstance(line, Header) != (number == 1):
        raise RecordFileError(f"{path}, line {number}: a recording has one header, as its first line")
    if isinstance(line, Header) and (line.format, line.version) != (FORMAT, VERSION):
        raise RecordFileError(
            f"{path} has the format {line.format} {line.version}; this program knows {FORMAT} {VERSION}"
        )
    return line
