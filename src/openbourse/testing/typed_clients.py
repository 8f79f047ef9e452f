"""Ready-made clients of `openbourse.client` for a sandbox: its address, a user's key, and the venue's time.

They are imported when asked for: HTTP needs `openbourse[testing]`.
"""

from typing import TYPE_CHECKING, Any, Final

from openbourse.testing.accounts import SandboxUser

if TYPE_CHECKING:
    from openbourse.client import coinex as coinex_
    from openbourse.client import coinw as coinw_


# A test-suite on a loaded machine is no reason to fail.
_PATIENCE: Final = 60.0
_WINDOW: Final = 60_000


class TypedClients:
    """What a sandbox has of them. Options are the clients' own, and win; use them with `with`."""

    url: str

    def coinex(self, user: SandboxUser | None = None, **options: Any) -> "coinex_.Client":
        """A CoinEx client of a user, or of nobody."""
        from openbourse.client import coinex  # noqa: PLC0415 - see above

        return coinex.Client(self.url, *_coinex_key(user), **self._given() | options)

    def coinex_async(self, user: SandboxUser | None = None, **options: Any) -> "coinex_.AsyncClient":
        """As `coinex`, for asyncio."""
        from openbourse.client import coinex  # noqa: PLC0415 - see above

        return coinex.AsyncClient(self.url, *_coinex_key(user), **self._given() | options)

    def coinex_stream(self, user: SandboxUser | None = None, **options: Any) -> "coinex_.Stream":
        """A CoinEx client over WebSocket of a user, or of nobody."""
        from openbourse.client import coinex  # noqa: PLC0415 - see above

        given: dict[str, Any] = {"now": self.now, "patience": coinex.Patience(answer=_PATIENCE)}
        return coinex.Stream(self.url, *_coinex_key(user), **given | options)

    def coinex_async_stream(self, user: SandboxUser | None = None, **options: Any) -> "coinex_.AsyncStream":
        """As `coinex_stream`, for asyncio."""
        from openbourse.client import coinex  # noqa: PLC0415 - see above

        given: dict[str, Any] = {"now": self.now, "patience": coinex.Patience(answer=_PATIENCE)}
        return coinex.AsyncStream(self.url, *_coinex_key(user), **given | options)

    def coinw(self, user: SandboxUser | None = None, **options: Any) -> "coinw_.Client":
        """A CoinW client of a user, or of nobody."""
        from openbourse.client import coinw  # noqa: PLC0415 - see above

        return coinw.Client(self.url, *_coinw_key(user), **{"timeout": _PATIENCE} | options)

    def coinw_async(self, user: SandboxUser | None = None, **options: Any) -> "coinw_.AsyncClient":
        """As `coinw`, for asyncio."""
        from openbourse.client import coinw  # noqa: PLC0415 - see above

        return coinw.AsyncClient(self.url, *_coinw_key(user), **{"timeout": _PATIENCE} | options)

    def now(self) -> int:
        """The venue's time in Unix ms."""
        raise NotImplementedError

    def _given(self) -> dict[str, Any]:
        return {"now": self.now, "timeout": _PATIENCE, "window": _WINDOW}


def _coinex_key(user: SandboxUser | None) -> tuple[str, str]:
    return ("", "") if user is None else (user.api_key, user.secret)


def _coinw_key(user: SandboxUser | None) -> tuple[str, str]:
    return ("", "") if user is None else (user.coinw_api_key, user.coinw_secret)
