"""What every request of the operator is."""

from typing import ClassVar

import msgspec


class Request(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True):
    """Base of all requests. Those that `found` a venue may be the first thing done in a data directory."""

    founds: ClassVar[bool] = False
