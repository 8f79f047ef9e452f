"""What `--help` says fits on the lines of a terminal."""

from collections.abc import Iterator

import click
import pytest

from openbourse.cli import main


def groups(command: click.Command, path: str = "openbourse") -> Iterator[tuple[str, click.Group]]:
    if isinstance(command, click.Group):
        yield path, command
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from groups(inner, f"{path} {name}")


@pytest.mark.parametrize(("path", "group"), list(groups(main)))
def test_no_command_is_described_by_half_a_sentence(path: str, group: click.Group) -> None:
    text = group.get_help(click.Context(group, info_name=path))
    listed = text.partition("\nCommands:\n")[2].splitlines()
    assert len(listed) == len(group.list_commands(click.Context(group)))
    assert [line for line in listed if line.endswith("...")] == []
