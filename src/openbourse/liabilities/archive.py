"""All publications of a venue, as the files of one folder: their roots for ever, their trees for a while."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from openbourse.liabilities.errors import LiabilityError, UnpublishedError
from openbourse.liabilities.proofs import assemble
from openbourse.liabilities.records import FORMAT, VERSION, Proof, Publication
from openbourse.log.files import write_atomically

_PUBLICATION: Final = ".json"
_TREES: Final = ".trees"

# The secret of a publication, under which the accounts keep it.
NAME_PREFIX: Final = "liabilities/"


def secret_name(sequence: int) -> str:
    return f"{NAME_PREFIX}{sequence}"


class Archive:
    """Reads what was published. A publication is there when its `.json` is; its trees come before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[int, Publication] = {}

    def sequences(self) -> list[int]:
        """The commands up to which something was published, newest first."""
        names = (path.name.removesuffix(_PUBLICATION) for path in self.folder.glob(f"*{_PUBLICATION}"))
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)

    def publication(self, sequence: int) -> Publication:
        """Raises LiabilityError when there is none, or it cannot be read."""
        known = self._known.get(sequence)
        if known is None:
            known = self._known[sequence] = self._read(sequence)
        return known

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

    def _read(self, sequence: int) -> Publication:
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
