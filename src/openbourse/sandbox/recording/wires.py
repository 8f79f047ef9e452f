"""The protocols that recordings know."""

from typing import Final

from openbourse.wire.coinex.recorded import CoinexRequests
from openbourse.wire.coinex.ws.recorded import CoinexSocket
from openbourse.wire.coinw.recorded import CoinwRequests
from openbourse.wire.recorded import RecordedSocket, RecordedWire

WIRES: Final[tuple[RecordedWire, ...]] = (CoinexRequests(), CoinwRequests())
# Only one protocol has a WebSocket so far.
SOCKET: Final[RecordedSocket] = CoinexSocket()


def wire_of(target: str) -> RecordedWire | None:
    """The protocol that a request target belongs to; None for what is none's, like `/docs`."""
    path = target.partition("?")[0]
    return next((wire for wire in WIRES if wire.serves(path)), None)
