"""What can go wrong with the files of a venue; every message is a sentence for an operator."""

from openbourse.core.commands import AnyCommand


class LogError(Exception):
    """A file of the data directory is unusable, damaged or foreign; the text says which and what to do."""


class PoisonedCommandError(LogError):
    """The core fails under a command of the log: it is durable, and it cannot be applied."""

    def __init__(self, sequence: int, command: AnyCommand, cause: Exception) -> None:
        super().__init__(
            f"the program cannot apply command {sequence} of its log ({cause!r}); the data are intact: use "
            f"another "
            f"version of the program, or `openbourse quarantine skip {sequence}` to go on without this "
            f"command"
        )
        self.sequence = sequence
        self.command = command


class DamagedLogError(LogError):
    """The command log contradicts itself: commands are missing, repeated, reordered or altered."""


class SnapshotError(LogError):
    """A snapshot file contradicts itself or cannot be read."""
