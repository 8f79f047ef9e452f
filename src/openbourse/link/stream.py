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

_PUBLIC: Final = frozenset({LevelChanged, Trade, MarketChanged, WithdrawalsSwitched})


class _Happened(Struct, array_like=True, gc=False):
    """`messages.Happened` on its way out."""

    sequence: int
    time: int
    public: list[AnyEvent]
    private: dict[int, list[AnyEvent]]


def told(batch: list[Applied]) -> Raw:
    """A list of `messages.Happened`. What nobody in a gateway looks at stays here."""
    told: list[_Happened] = []
    for applied in batch:
        public: list[AnyEvent] = []
        private: dict[int, list[AnyEvent]] = {}
        for event in applied.events:
            if type(event) in _PUBLIC:
                public.append(event)
            elif type(event) is BalanceChanged:
                private.setdefault(event.user, []).append(event)
            elif type(event) is OrderChanged:
                private.setdefault(event.order.request.user, []).append(event)
            elif type(event) is StopChanged:
                private.setdefault(event.stop.request.user, []).append(event)
        told.append(_Happened(applied.sequence, applied.time, public, private))
    return raw(told)
