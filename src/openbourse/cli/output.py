"""Results of operator commands, for a person."""

from datetime import UTC, datetime
from typing import Any

import click


def show(result: Any) -> None:
    """Print a result: a list as a table, a single thing as lines `name: value`."""
    if isinstance(result, list):
        _show_table(result)
        return
    for name, value in result.items():
        if isinstance(value, dict):
            click.echo(f"{_words(name)}:")
            for key, inner in value.items():
                parts = ", ".join(f"{word} {text}" for word, text in inner.items())
                click.echo(f"  {key}: {parts}")
        else:
            click.echo(f"{_words(name)}: {_text(name, value)}")


def _show_table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("none")
        return
    table = [[_words(name) for name in rows[0]]]
    table += [[_text(name, value) for name, value in row.items()] for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(name: str, value: Any) -> str:
    if name.endswith("_at"):
        return iso_time(value) if value else "never"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value) or "-"


def iso_time(milliseconds: int) -> str:
    """Unix milliseconds as 2026-11-21T05:30:00Z."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
