"""Channels of an endpoint on which nothing is listed yet: futures, until there are some.

Every name is unknown, so naming one is refused; asking for all is granted, and all is nothing (ws §6.1).
"""

from collections.abc import Callable
from typing import Final

from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.messages import Params
from openbourse.wire.coinex.ws.session import Session

_LIST: Final = "market_list"


class UnlistedChannel:
    """`needs_names` refuses asking for all, as depth does."""

    def __init__(self, *, private: bool, needs_names: bool = False) -> None:
        self.private = private
        self._needs_names = needs_names

    def subscribe(self, session: Session, params: Params) -> Callable[[], None]:
        """See Channel.subscribe."""
        del session
        if reading.entries(params, _LIST) or self._needs_names:
            raise reading.invalid()
        return lambda: None

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe."""
        del session
        reading.entries(params, _LIST)

    def drop(self, session: Session) -> None:
        """Nothing is held for anybody."""

    def count(self, session: Session) -> int:
        del session
        return 0
