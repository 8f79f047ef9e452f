"""What the private channels have in common: pushes of one account to its own sessions (ws §8).

Nothing is pushed on subscribing: clients read the starting state over HTTP. Nothing is ever left out
either; a client that does not read loses its connection instead.
"""

from collections.abc import Callable
from typing import ClassVar

from openbourse.wire.coinex.ws import params as reading
from openbourse.wire.coinex.ws.counters import Counters
from openbourse.wire.coinex.ws.interest import Interest
from openbourse.wire.coinex.ws.messages import Params, private_push
from openbourse.wire.coinex.ws.session import Session

KnownName = Callable[[str], bool]


def margin_market(wallet: str) -> str | None:
    """The market whose margin wallet this is, "" for the spot wallet; None for wallets not shown here.

    The key is in every spot push: ccxt tells spot from futures by it (ws §8).
    """
    if wallet == "spot":
        return ""
    kind, _, market = wallet.partition(":")
    return market if kind == "margin" else None


class PrivateChannel:
    """Subscriptions by account and name."""

    private = True
    list_name: ClassVar[str] = "market_list"
    lenient: ClassVar[bool] = False
    method: ClassVar[bytes]

    def __init__(self, counters: Counters, known: KnownName) -> None:
        """`known` tells names that may be subscribed.

        What it does not know refuses the request, or is passed over if the channel is lenient. It is not kept
        for later in either case: what is kept costs memory, and time at every change.
        """
        self._counters = counters
        self._known = known
        self.followers: dict[int, Interest[Session]] = {}  # by user; to look at

    def subscribe(self, session: Session, params: Params) -> Callable[[], None]:
        """See Channel.subscribe."""
        names = reading.names(params, self.list_name)
        known = [name for name in names if self._known(name)]
        if len(known) < len(names) and not self.lenient:
            raise reading.invalid()
        # No names would mean all of them: that is for whoever has not named any.
        if known or not names:
            self.followers.setdefault(session.user, Interest()).add(session, known)
        return _nothing

    def unsubscribe(self, session: Session, params: Params) -> None:
        """See Channel.unsubscribe."""
        names = reading.names(params, self.list_name)
        known = [name for name in names if self._known(name)]
        interest = self.followers.get(session.user)
        if interest is None or (names and not known):
            return
        interest.remove(session, known)
        if not interest:
            del self.followers[session.user]

    def drop(self, session: Session) -> None:
        """See Channel.drop. Called before the session gets another user."""
        interest = self.followers.get(session.user)
        if interest is None:
            return
        interest.drop(session)
        if not interest:
            del self.followers[session.user]

    def count(self, session: Session) -> int:
        """See Channel.count."""
        interest = self.followers.get(session.user)
        return 0 if interest is None else len(interest.selection(session).names)

    def follows(self, user: int) -> bool:
        """Does any session of this user want something?"""
        return user in self.followers

    def takers(self, user: int, name: str) -> list[Session]:
        """The sessions of `user` that want `name`."""
        interest = self.followers.get(user)
        return [] if interest is None else interest.takers(name)

    def deliver(self, data: object, takers: list[Session]) -> None:
        """Push `data` to `takers`."""
        frame = private_push(self.method, data)
        self._counters.encoded += 1
        for session in takers:
            session.send(frame)


def _nothing() -> None:
    return None
