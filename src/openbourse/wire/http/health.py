"""Is the process alive, and should it get traffic? `/livez` and `/readyz` for whoever watches over it."""

from collections.abc import Callable

from openbourse.wire.http.messages import TEXT, Request, Response
from openbourse.wire.http.router import Nobody


class Live(Nobody):
    """Answers 200 for as long as the event loop turns."""

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        del request
        return Response(b"ok\n", content_type=TEXT)


class Ready(Nobody):
    """Answers 200 while requests can be served, else 503 and the reason."""

    def __init__(self, unready: Callable[[], str]) -> None:
        """`unready` gives the reason why not, "" when all is well."""
        self._unready = unready

    async def answer(self, request: Request) -> Response:
        """See Dialect.answer."""
        del request
        reason = self._unready()
        if reason:
            return Response(f"{reason}\n".encode(), 503, content_type=TEXT)
        return Response(b"ok\n", content_type=TEXT)
