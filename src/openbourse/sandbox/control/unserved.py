"""`/sandbox` where it is not served: a demo with gateways says so instead of knowing nothing of it."""

from typing import Final

import msgspec

from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import Nobody

_ERROR: Final = (
    "the clock, the regimes of markets, faults and refusals are ordered and shown in one process only: "
    "start the demo with --workers 1"
)
_ANSWER: Final = Response(msgspec.json.encode({"error": _ERROR}), 501)


class UnservedControlApi(Nobody):
    """See `Dialect` for its methods."""

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        del request
        return _ANSWER

    def too_large(self, request: Request) -> Response:
        """See Dialect.too_large: whatever was ordered, it is not done."""
        del request
        return _ANSWER
