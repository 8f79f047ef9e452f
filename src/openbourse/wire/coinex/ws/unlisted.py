"""Channels of an endpoint on which nothing is listed yet: futures, until there are some.

Every name is unknown, so naming one is refused; asking for all is granted, and all is nothing (ws §6.1).
"""

from collections.abc import Callable

from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.messages import Params
from openbourse.wire.coinex.ws.session import Session


class UnlistedChannel:
    """`list_name` is the parameter with the names; `lenient` passes over unknown ones, as for currencies.

    `needs_names` refuses asking for all, as depth does.
    """

    def __init__(
        self,
        *,
        private: bool,
        list_name: str = "market_list",
        lenient: bool = False,
        needs_names: bool = False,
    ) -> None:
        self.private = private
        self._list_name = list_name
        self._lenient = lenient
        self._needs_names = needs_names

    def subscribe(self, session: Session, params: Params) -> Callable[[], None]:
        """See Channel.subscribe."""
        del session
        names = reading.names(params, self._list_name)
        if self._needs_names or (names and not self._lenient):
            raise reading.invalid()
        return lambda: None

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe."""
        del session
        reading.entries(params, self._list_name)

    def drop(self, session: Session) -> None:
        """Nothing is held for anybody."""

    def count(self, session: Session) -> int:
        del session
        return 0
