"""Which protocol serves a path: by its first segment, `/v2` or `/appApi.html`."""

from collections.abc import Mapping

from openbourse.wire.http.messages import TEXT, Dialect, Request, Response


class Router:
    """Finds the dialect of a path; paths that nobody serves answer 404."""

    def __init__(self, mounts: Mapping[str, Dialect]) -> None:
        """`mounts` has first segments with their slash: {"/v2": ..., "/livez": ...}."""
        for prefix in mounts:
            if not prefix.startswith("/") or prefix.count("/") != 1:
                raise ValueError(f"{prefix!r} is not the first segment of a path")
        self._mounts = dict(mounts)
        self._nobody = Nobody()

    def dialect(self, path: str) -> Dialect:
        end = path.find("/", 1)
        return self._mounts.get(path if end < 0 else path[:end], self._nobody)


class Nobody:
    """Serves the paths that no protocol has; also the base of those that serve fixed paths."""

    max_body = 0

    async def answer(self, request: Request) -> Response:
        del request
        return NOT_FOUND

    def too_large(self, request: Request) -> Response:
        del request
        return NOT_FOUND

    def too_slow(self, request: Request) -> Response:
        del request
        return NOT_FOUND

    def internal_error(self, request: Request) -> Response:
        del request
        return Response(b"internal error\n", 500, content_type=TEXT)


NOT_FOUND = Response(b"404 not found\n", 404, content_type=TEXT)
