"""What is said over the link. Engine and gateways are of one version: they check it first."""

from typing import Any, Final

import msgspec
from msgspec import Raw

from openbourse import __version__
from openbourse.accounts.records import KeyRecord
from openbourse.core.events import AnyEvent, LevelChanged, MarketChanged, Trade, WithdrawalsSwitched
from openbourse.link.encoding import decoded, encoded
from openbourse.market_data.market_data import MarketState
from openbourse.venue.listing import Kind
from openbourse.venue.maintenance import Plan
from openbourse.wallet.catalogue import AssetSpec

VERSION: Final = __version__


class Message(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """Base of all messages."""


# -- from a gateway ----------------------------------------------------------------------------------


class Hello(Message, frozen=True):
    """The first message: a gateway of this version wants to serve; `name` is for metrics and the log."""

    version: str
    name: str


class Call(Message, frozen=True):
    """Carry this out, and answer under the same number."""

    number: int
    method: str
    arguments: Raw


class Known(Message, frozen=True):
    """Everything before the mark of that number has been taken in."""

    number: int


class Serving(Message, frozen=True):
    """The doors are open."""


class Metrics(Message, frozen=True):
    """What was measured, asked for under that number."""

    number: int
    families: Raw


# -- from the engine ---------------------------------------------------------------------------------


class Answer(Message, frozen=True):
    """What a call returned."""

    number: int
    value: Raw


class Result(Message, frozen=True, tag="Answer"):
    """An Answer on its way out, whose value nobody changes any more: it is encoded with its frame."""

    number: int
    value: Any


class Failed(Message, frozen=True):
    """What a call raised: the name of the exception and its arguments."""

    number: int
    kind: str
    arguments: list[str]


class Happened(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One applied command: what everybody may see of it, and what concerns single users, not read yet."""

    sequence: int
    time: int
    public: list[LevelChanged | Trade | MarketChanged | WithdrawalsSwitched]
    private: dict[int, Raw]


class Batch(Message, frozen=True):
    """Commands that became durable together, as a list of `Happened`."""

    happened: Raw


class Keys(Message, frozen=True):
    """Keys as they are now; revoked ones are to be forgotten."""

    keys: list[KeyRecord]


class Assets(Message, frozen=True):
    """Entries of the asset catalogue as they are now, and all chains that the venue is connected to."""

    assets: list[AssetSpec]
    chains: list[str]


class Numbers(Message, frozen=True):
    """Listing numbers that were given."""

    numbers: list[tuple[Kind, str, int]]


class Plans(Message, frozen=True):
    """All maintenance that is planned or under way."""

    plans: list[Plan]


class Standing(Message, frozen=True):
    """The rest of the directory, after command `sequence` at `time`; from here on the stream follows."""

    sequence: int
    time: int
    markets: list[MarketChanged]
    withdrawals_enabled: bool


class Market(Message, frozen=True):
    """The market data of one market, as it is at this place in the stream."""

    market: MarketState


class IndexReport(Message, frozen=True):
    """A source of index prices has spoken."""

    market: str
    source: str
    price: int
    time: int
    weight: int


class Complete(Message, frozen=True):
    """The snapshot is complete: with the stream up to here it is that of command `sequence` at `time`."""

    sequence: int
    time: int


class Pulse(Message, frozen=True):
    """The engine lives; its time, and why it takes no orders ("" when it does)."""

    time: int
    trouble: str


class Mark(Message, frozen=True):
    """Say when everything before this has been taken in."""

    number: int


class Measure(Message, frozen=True):
    """Send metrics, under this number."""

    number: int


FromGateway = Hello | Call | Known | Serving | Metrics
FromEngine = (
    Answer
    | Failed
    | Batch
    | Keys
    | Assets
    | Numbers
    | Plans
    | Standing
    | Market
    | IndexReport
    | Complete
    | Pulse
    | Mark
    | Measure
)

from_gateway = msgspec.json.Decoder(list[FromGateway], dec_hook=decoded)
from_engine = msgspec.json.Decoder(list[FromEngine], dec_hook=decoded)
happened = msgspec.json.Decoder(list[Happened])
private_events: msgspec.json.Decoder[list[AnyEvent]] = msgspec.json.Decoder(list[AnyEvent])
encoder = msgspec.json.Encoder(enc_hook=encoded)


def raw(value: Any) -> Raw:
    """A value as a part of a message."""
    return Raw(encoder.encode(value))
