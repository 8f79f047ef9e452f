"""The sections of the configuration: each setting with its type, its default and its description."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from openbourse.liabilities.publisher import KEEP
from openbourse.log.snapshotter import EVERY_COMMANDS, EVERY_SECONDS
from openbourse.venue.clock import PATIENCE_SECONDS


class ServerSettings(msgspec.Struct, frozen=True):
    """Where clients connect."""

    host: Annotated[str, Meta(description="The address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[
        int, Meta(description="The TCP port to listen on; 0 lets the system choose one.", ge=0, le=65535)
    ] = 8080
    allow_plain_http: Annotated[
        bool,
        Meta(
            description="Serve unencrypted HTTP on an address that other machines reach. Only where "
            "something in front of the venue speaks TLS."
        ),
    ] = False
    tls_certificate: Annotated[
        str,
        Meta(
            description="A PEM file with the server's certificate and its chain: HTTPS and WSS instead of "
            "plain HTTP. Read again when it changes, and on SIGHUP. Relative paths as for `data.directory`."
        ),
    ] = ""
    tls_key: Annotated[
        str, Meta(description="The PEM file with the key of the certificate, unencrypted.")
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks (CIDR) of reverse proxies. What they say in `X-Forwarded-For` "
            "counts for allow-lists and limits; nobody else's word does."
        ),
    ] = ()
    drain_seconds: Annotated[
        float,
        Meta(
            description="How long `/readyz` says no before the doors close on a stop: what a load balancer "
            "needs to notice.",
            ge=0,
        ),
    ] = 0.0


class DataSettings(msgspec.Struct, frozen=True):
    """Where the venue keeps its files."""

    directory: Annotated[
        str,
        Meta(
            description="The data directory, made on first start. A relative path in the file starts at the "
            "file's directory, elsewhere at the working directory.",
            min_length=1,
        ),
    ] = "openbourse-data"


class DatabaseSettings(msgspec.Struct, frozen=True):
    """The relational databases, as SQLAlchemy URLs."""

    history_url: Annotated[
        str,
        Meta(description="Where orders, trades and candles go; empty: SQLite in the data directory."),
    ] = ""
    accounts_url: Annotated[
        str, Meta(description="Where users and API keys go; empty: SQLite in the data directory.")
    ] = ""


class SnapshotSettings(msgspec.Struct, frozen=True):
    """How often the state is saved, which shortens the next start."""

    every_commands: Annotated[int, Meta(description="Take a snapshot after this many commands.", ge=1)] = (
        EVERY_COMMANDS
    )
    every_seconds: Annotated[
        float, Meta(description="Take a snapshot after this many seconds, if anything happened.", ge=1)
    ] = EVERY_SECONDS


class ClockSettings(msgspec.Struct, frozen=True):
    """The computer's clock, and steps of it."""

    patience_seconds: Annotated[
        float,
        Meta(
            description="For how long the clock must stand by a step of more than a second until the venue "
            "follows; it goes on by its own time meanwhile.",
            ge=0,
        ),
    ] = PATIENCE_SECONDS


class LiabilitySettings(msgspec.Struct, frozen=True):
    """Publications of what the venue owes, which `openbourse liabilities publish` makes at any time."""

    publish_every_hours: Annotated[
        float, Meta(description="Publish after so many hours; 0 leaves it to the operator.", ge=0)
    ] = 0.0
    keep: Annotated[
        int, Meta(description="For how many publications accounts can get proofs; roots stay for ever.", ge=1)
    ] = KEEP


class LimitSettings(msgspec.Struct, frozen=True):
    """How much one client may ask."""

    rate_limits: Annotated[
        bool, Meta(description="Limit the requests of an account and of an address, as the protocols say.")
    ] = True


class CoinexSettings(msgspec.Struct, frozen=True):
    """The CoinEx protocol."""

    swap_candle_volume: Annotated[
        bool,
        Meta(
            description="Exchange the candles' `volume` and `value`: false is the documented meaning (base, "
            "quote), true is what the real venue sent in 2024 and ccxt expects."
        ),
    ] = False
    accept_plain_sha256: Annotated[
        bool,
        Meta(description="Also accept signatures of the form SHA256(text + secret), which ccxt makes."),
    ] = True


class WebsocketSettings(msgspec.Struct, frozen=True):
    """WebSocket connections: what one of them, and all together, may cost."""

    connections: Annotated[
        int,
        Meta(
            description="Connections of one process in all; more are refused with HTTP 503.", ge=1, le=9_000
        ),
    ] = 8_000
    connections_per_address: Annotated[
        int, Meta(description="Connections of one address; more are refused with HTTP 429.", ge=1)
    ] = 1_000
    subscriptions: Annotated[
        int, Meta(description="Markets and currencies subscribed on one connection.", ge=1)
    ] = 20_000
    request_rate: Annotated[
        int, Meta(description="Requests a second on one connection; `limits.rate_limits` lifts it.", ge=1)
    ] = 100
    request_burst: Annotated[
        int, Meta(description="Requests at once before the rate counts; `limits.rate_limits` lifts it.", ge=1)
    ] = 1_000
    message_bytes: Annotated[
        int, Meta(description="Size of a client's message; a larger one closes with 1009.", ge=1024)
    ] = 65_536
    send_queue: Annotated[
        int,
        Meta(description="Bytes a client may leave unread before it is closed with 1013.", ge=524_288),
    ] = 8_388_608
    idle_seconds: Annotated[
        float, Meta(description="Silence after which a connection is closed with 1001.", ge=10)
    ] = 120.0


Where = Literal["sandbox", "always", "never"]


class CoinwSettings(msgspec.Struct, frozen=True):
    """The CoinW protocol. Its requests have no time stamp: a recorded one stays valid as long as its key."""

    enabled: Annotated[
        Where, Meta(description="Serve `/appApi.html`: in a sandbox only, always, or never.")
    ] = "sandbox"
    withdrawals: Annotated[
        Where,
        Meta(
            description="Let money leave over this protocol: in a sandbox only, always, or never. Those "
            "under way can be listed and cancelled all the same."
        ),
    ] = "sandbox"
    market_copies: Annotated[
        bool,
        Meta(
            description="Repeat members of the `market` answer beside and inside `data`, where clients of "
            "2018 and 2019 look for them."
        ),
    ] = False


class MetricsSettings(msgspec.Struct, frozen=True):
    """Prometheus metrics, on a port of their own: `http://host:port/metrics`."""

    enabled: Annotated[bool, Meta(description="Serve them.")] = False
    host: Annotated[str, Meta(description="The address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[
        int, Meta(description="The TCP port to listen on; 0 lets the system choose one.", ge=0, le=65535)
    ] = 9464


class LogSettings(msgspec.Struct, frozen=True):
    """What the program writes to standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least severity that is written.")
    ] = "info"
    format: Annotated[
        Literal["console", "json"], Meta(description="For a person, or one JSON object a line.")
    ] = "console"


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {
    "server": ServerSettings,
    "data": DataSettings,
    "databases": DatabaseSettings,
    "snapshots": SnapshotSettings,
    "clock": ClockSettings,
    "liabilities": LiabilitySettings,
    "limits": LimitSettings,
    "websocket": WebsocketSettings,
    "coinex": CoinexSettings,
    "coinw": CoinwSettings,
    "metrics": MetricsSettings,
    "log": LogSettings,
}
