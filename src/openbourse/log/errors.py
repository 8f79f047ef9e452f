"""What can go wrong with the files of a venue; every message is a sentence for an operator."""


class LogError(Exception):
    """A file of the data directory is unusable, damaged or foreign; the text says which and what to do."""


class DamagedLogError(LogError):
    """The command log contradicts itself: commands are missing, repeated, reordered or altered."""


class SnapshotError(LogError):
    """A snapshot file contradicts itself or cannot be read."""
