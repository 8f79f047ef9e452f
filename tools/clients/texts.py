"""Texts of generated files: docstrings made of those of the server."""

import re
import textwrap
from typing import Final

HEADER: Final = "Written by `python -m tools.clients`."
_WIDTH: Final = 110
# References of the server's own sources, which a reader of the client does not have at hand.
_MARKS: Final = re.compile(r" ?\((?:[\w.-]+ )?§[^)]*\)")


def sentences(text: str) -> str:
    """A docstring as one paragraph, without references."""
    return _MARKS.sub("", " ".join(text.split()))


def docstring(*paragraphs: str, indent: str = "    ") -> list[str]:
    """The lines of a docstring."""
    first, *others = [paragraph for paragraph in paragraphs if paragraph]
    if not others and len(first) + len(indent) + 6 <= _WIDTH:
        return [f'{indent}"""{first}"""']
    lines = textwrap.wrap(f'"""{first}', _WIDTH - len(indent))
    for paragraph in others:
        lines += ["", *textwrap.wrap(paragraph, _WIDTH - len(indent))]
    return [f"{indent}{line}".rstrip() for line in [*lines, '"""']]
