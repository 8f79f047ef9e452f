"""All publications of a venue, as the files of one folder: their roots for ever, their trees for a while."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from openbourse.liabilities.errors import LiabilityError, UnpublishedError
from openbourse.liabilities.proofs import assemble
from openbourse.liabilities.records import FORMAT, VERSION, Proof, Publication
from openbourse.log.files import write_atomically

_PUBLICATION: Final = ".json"
_TREES: Final = ".trees"

# So many publications stay in memory; each has a row for every asset.
_KEPT: Final = 64
# Within it two changes of a folder may leave the same time, on any file system.
_TICK_NS: Final = 2_000_000_000

# The secret of a publication, under which the accounts keep it.
NAME_PREFIX: Final = "liabilities/"


def secret_name(sequence: int) -> str:
    return f"{NAME_PREFIX}{sequence}"


class Listing(NamedTuple):
    """The commands up to which something was published, newest first, and those with trees for proofs."""

    sequences: list[int]
    with_trees: frozenset[int]


class Archive:
    """Reads what was published. A publication is there when its `.json` is; its trees come before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._publication = lru_cache(_KEPT)(self.read)
        self._listed: tuple[int, Listing] | None = (
            None  # when the folder has changed (Unix ns), and what it has
        )

    def sequences(self) -> list[int]:
        """The commands up to which something was published, newest first."""
        return self.listing().sequences

    def listing(self) -> Listing:
        """What there is; looked for only when the folder has changed. Raises LiabilityError."""
        try:
            changed = self.folder.stat().st_mtime_ns
            if self._listed is not None and self._listed[0] == changed:
                return self._listed[1]
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return Listing([], frozenset())
        except OSError as error:
            raise LiabilityError(f"cannot read {self.folder}: {error.strerror}") from None
        found = Listing(
            sorted(_numbers(names, _PUBLICATION), reverse=True), frozenset(_numbers(names, _TREES))
        )
        if time.time_ns() - changed > _TICK_NS:
            self._listed = (changed, found)
        return found

    def publication(self, sequence: int) -> Publication:
        """Kept for who asks again. Raises LiabilityError when there is none, or it cannot be read."""
        return self._publication(sequence)

    def read(self, sequence: int) -> Publication:
        """As `publication`, of which one wants little and is not to be kept."""
        path = self.folder / f"{sequence:020d}{_PUBLICATION}"
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Publication)
        except FileNotFoundError:
            raise UnpublishedError(f"nothing was published of command {sequence}") from None
        except OSError as error:
            raise LiabilityError(f"cannot read {path}: {error.strerror}") from None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise LiabilityError(f"{path} is damaged: restore it from a backup") from None
        if (found.format, found.version) != (FORMAT, VERSION):
            raise LiabilityError(f"{path} has the unknown format {found.format} {found.version}")
        return found

    def has_trees(self, sequence: int) -> bool:
        """Can accounts still get proofs of it?"""
        return self.trees(sequence).exists()

    def proof(self, account: str, sequence: int, secret: Callable[[str], bytes | None]) -> Proof:
        """What an account was counted with; without balances when nothing was owed to it.

        `secret` gives the secret of a name. Raises LiabilityError. Reads from disk: not for an event loop.
        """
        published = self.publication(sequence)
        key = secret(secret_name(sequence))
        if key is None or not self.has_trees(sequence):
            raise LiabilityError(f"proofs of the publication of command {sequence} are not kept any more")
        return assemble(published, self.trees(sequence), key, account)

    # -- for the publisher ----------------------------------------------------------------------------

    def trees(self, sequence: int) -> Path:
        """Where the trees of a publication are, or would be."""
        return self.folder / f"{sequence:020d}{_TREES}"

    def write(self, publication: Publication) -> None:
        """Publish: from now on the publication is there. Raises OSError."""
        path = self.folder / f"{publication.publication.sequence:020d}{_PUBLICATION}"
        write_atomically(path, msgspec.json.format(msgspec.json.encode(publication)) + b"\n")


def _numbers(names: Iterable[str], suffix: str) -> Iterator[int]:
    """Of the files with that suffix."""
    for name in names:
        number = name.removesuffix(suffix)
        if number != name and number.isdecimal():
            yield int(number)
