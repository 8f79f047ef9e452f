"""Which protocol serves a path: by its first segment, `/v2` or `/appApi.html`."""

from collections.abc import Mapping

from openbourse.wire.http.messages import TEXT, Dialect, Request, Response


class Router:
    """Finds the dialect of a path; paths that nobody serves answer 404."""

    def __init__(self, mounts: Mapping[str, Dialect], any_case: Mapping[str, Dialect] | None = None) -> None:
        """`mounts` has first segments with their slash: {"/v2": ..., "/livez": ...}.

        Those of `any_case` are served however a client spells their letters.
        """
        loose = any_case or {}
        for prefix in (*mounts, *loose):
            if not prefix.startswith("/") or prefix.count("/") != 1:
                raise ValueError(f"{prefix!r} is not the first segment of a path")
        self._mounts = dict(mounts)
        self._any_case = {prefix.lower(): dialect for prefix, dialect in loose.items()}
        self._nobody = Nobody()

    def dialect(self, path: str) -> Dialect:
        end = path.find("/", 1)
        segment = path if end < 0 else path[:end]
        return self._mounts.get(segment) or self._any_case.get(segment.lower(), self._nobody)


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
TOO_MANY = Response(b"429 too many requests\n", 429, content_type=TEXT, barred="limit")
