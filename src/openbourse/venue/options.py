"""What a venue needs to know to run, whatever protocols it speaks."""

from dataclasses import dataclass
from pathlib import Path

from openbourse.log.data_directory import Mode
from openbourse.log.snapshotter import EVERY_COMMANDS, EVERY_SECONDS
from openbourse.venue.clock import PATIENCE_SECONDS
from openbourse.venue.conservation import EVERY_SECONDS as CONSERVATION_SECONDS


@dataclass(frozen=True, slots=True)
class VenueOptions:
    """`conservation_every_seconds` is the rest between two looks at whether all money adds up.

    `clock_patience_seconds` is for how long the computer's clock must stand by a step to be believed.

    `history_url` and `accounts_url` are database URLs; empty ones mean SQLite in the data directory.

    `wallet_every_seconds` is how long the wallet rests between two looks at the chains, at most.
    """

    data_directory: Path
    mode: Mode = "production"
    history_url: str = ""
    accounts_url: str = ""
    snapshot_every_commands: int = EVERY_COMMANDS
    snapshot_every_seconds: float = EVERY_SECONDS
    wallet_every_seconds: float = 1.0
    conservation_every_seconds: float = CONSERVATION_SECONDS
    clock_patience_seconds: float = PATIENCE_SECONDS
