"""The stream: what an applied batch is to gateways, encoded once for all of them."""

from typing import Final

from msgspec import Raw, Struct

from openbourse.core.events import (
    AnyEvent,
    Applied,
    BalanceChanged,
    LevelChanged,
    MarketChanged,
    OrderChanged,
    StopChanged,
    Trade,
    WithdrawalsSwitched,
)
from openbourse.link.messages import raw

_PUBLIC: Final = (LevelChanged, Trade, MarketChanged, WithdrawalsSwitched)


class _Happened(Struct, array_like=True, gc=False):
    """`messages.Happened` on its way out."""

    sequence: int
    time: int
    public: list[AnyEvent]
    private: list[tuple[int, AnyEvent]]


def told(batch: list[Applied]) -> Raw:
    """A list of `messages.Happened`. What nobody in a gateway looks at stays here."""
    told: list[_Happened] = []
    for applied in batch:
        public: list[AnyEvent] = []
        private: list[tuple[int, AnyEvent]] = []
        for event in applied.events:
            if isinstance(event, _PUBLIC):
                public.append(event)
            elif isinstance(event, BalanceChanged):
                private.append((event.user, event))
            elif isinstance(event, OrderChanged):
                private.append((event.order.request.user, event))
            elif isinstance(event, StopChanged):
                private.append((event.stop.request.user, event))
        told.append(_Happened(applied.sequence, applied.time, public, private))
    return raw(told)
