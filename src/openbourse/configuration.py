"""The configuration: one TOML file, the environment and flags, in rising order of precedence.

Each setting is a field of one of the sections below, with its type, its default and its description; the
reference page and `openbourse config show` are made from them. A setting `port` of section `server` is
`OPENBOURSE_SERVER_PORT` in the environment.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Meta
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from openbourse.log.snapshotter import EVERY_COMMANDS, EVERY_SECONDS
from openbourse.venue.options import VenueOptions

PREFIX: Final = "OPENBOURSE_"
# Variables that are no settings: they are read before, or kept apart from, all configuration.
_OTHER_VARIABLES: Final = {"OPENBOURSE_PURE", "OPENBOURSE_MASTER_KEY", "OPENBOURSE_DEBUG"}
_OTHER_PREFIX: Final = "OPENBOURSE_TEST_"
_MAX_FILE: Final = 1_000_000
_PATHS: Final = {"data.directory", "server.tls_certificate", "server.tls_key"}


class ConfigurationError(Exception):
    """A setting is unknown or wrong; the text is one sentence that names it."""


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
        int, Meta(description="Connections in all; more are refused with HTTP 503.", ge=1, le=9_000)
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


class Configuration(msgspec.Struct, frozen=True):
    """All settings, checked; `origins` tells where those that are no defaults came from, by full name."""

    server: ServerSettings = ServerSettings()
    data: DataSettings = DataSettings()
    databases: DatabaseSettings = DatabaseSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    limits: LimitSettings = LimitSettings()
    websocket: WebsocketSettings = WebsocketSettings()
    coinex: CoinexSettings = CoinexSettings()
    coinw: CoinwSettings = CoinwSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()
    origins: dict[str, str] = {}

    def venue_options(self, mode: Literal["sandbox", "production"]) -> VenueOptions:
        """What of it concerns the venue itself."""
        return VenueOptions(
            data_directory=Path(self.data.directory).expanduser(),
            mode=mode,
            history_url=self.databases.history_url,
            accounts_url=self.databases.accounts_url,
            snapshot_every_commands=self.snapshots.every_commands,
            snapshot_every_seconds=self.snapshots.every_seconds,
        )


class Setting(NamedTuple):
    """One setting as it is declared. `kind` is its type with its bounds, for msgspec."""

    section: str
    name: str
    kind: Any
    default: Any
    description: str

    @property
    def full_name(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"{PREFIX}{self.section}_{self.name}".upper()

    @property
    def type_name(self) -> str:
        """What its values are, for a person."""
        kind = get_args(self.kind)[0]
        bounds = next(meta for meta in get_args(self.kind)[1:] if isinstance(meta, Meta))
        if get_origin(kind) is Literal:
            return " or ".join(map(str, get_args(kind)))
        if get_origin(kind) is tuple:
            return "a list of texts"
        name = {bool: "true or false", int: "an integer", float: "a number", str: "text"}[kind]
        if bounds.ge is not None and bounds.le is not None:
            return f"{name} from {bounds.ge} to {bounds.le}"
        if bounds.ge is not None:
            return f"{name}, at least {bounds.ge}"
        return f"{name}, not empty" if bounds.min_length else name


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {
    "server": ServerSettings,
    "data": DataSettings,
    "databases": DatabaseSettings,
    "snapshots": SnapshotSettings,
    "limits": LimitSettings,
    "websocket": WebsocketSettings,
    "coinex": CoinexSettings,
    "coinw": CoinwSettings,
    "metrics": MetricsSettings,
    "log": LogSettings,
}


def settings() -> Iterator[Setting]:
    """Every setting, section by section."""
    for section, struct in SECTIONS.items():
        for field in msgspec.structs.fields(struct):
            yield Setting(section, field.name, field.type, field.default, _description(field.type))


def _description(kind: Any) -> str:
    meta = next(meta for meta in get_args(kind)[1:] if isinstance(meta, Meta))
    assert meta.description, "a setting has no description"
    return meta.description


def load(
    file: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Configuration:
    """The configuration of this run; `flags` gives values by full name, None for those not given.

    Raises ConfigurationError.
    """
    declared = {setting.full_name: setting for setting in settings()}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    from_file = {} if file is None else _from_file(file, declared)
    for layer in (from_file, _from_environment(environment, declared)):
        for name, (value, origin) in layer.items():
            values[name], origins[name] = value, origin
    for name, value in (flags or {}).items():
        if value is not None:
            values[name], origins[name] = _checked(declared[name], value, "the command line"), "command line"
    tables: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for name, value in values.items():
        tables[declared[name].section][declared[name].name] = value
    sections: dict[str, Any] = {section: struct(**tables[section]) for section, struct in SECTIONS.items()}
    return Configuration(**sections, origins=origins)


_Layer = dict[str, tuple[Any, str]]


def _from_file(file: Path, declared: Mapping[str, Setting]) -> _Layer:
    layer: _Layer = {}
    for section, table in _parsed(file).items():
        if section not in SECTIONS:
            raise ConfigurationError(f"{file}: there is no section [{section}]; {_known(SECTIONS)}")
        if not isinstance(table, dict):
            raise ConfigurationError(f"{file}: {section} must be a section [{section}]")
        for name, value in table.items():
            setting = declared.get(f"{section}.{name}")
            if setting is None:
                names = msgspec.structs.fields(SECTIONS[section])
                known = _known(field.name for field in names)
                raise ConfigurationError(f"{file}: there is no setting {section}.{name}; {known}")
            layer[setting.full_name] = (_checked(setting, value, str(file)), str(file))
    for name in _PATHS & layer.keys():
        path, origin = layer[name]
        if path:
            layer[name] = (str(file.parent / Path(path).expanduser()), origin)
    return layer


def _parsed(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_FILE + 1)
        if len(content) > _MAX_FILE:
            raise ConfigurationError(f"the configuration file {file} is too large")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise ConfigurationError(f"cannot read the configuration file {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}") from None


def _from_environment(environment: Mapping[str, str], declared: Mapping[str, Setting]) -> _Layer:
    by_variable = {setting.variable: setting for setting in declared.values()}
    layer: _Layer = {}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable.startswith(_OTHER_PREFIX):
            continue
        if variable in _OTHER_VARIABLES:
            continue
        setting = by_variable.get(variable)
        if setting is None:
            raise ConfigurationError(
                f"the environment variable {variable} names no setting; `openbourse config show` lists them"
            )
        value = _split(text) if get_origin(get_args(setting.kind)[0]) is tuple else text
        layer[setting.full_name] = (_checked(setting, value, variable, strict=False), variable)
    return layer


def _split(text: str) -> list[str]:
    """The environment has lists separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _checked(setting: Setting, value: Any, origin: str, *, strict: bool = True) -> Any:
    """`value` as the setting's type; text from the environment is not `strict`."""
    try:
        checked = msgspec.convert(value, setting.kind, strict=strict)
    except msgspec.ValidationError:
        raise ConfigurationError(
            f"the setting {setting.full_name} (from {origin}) must be {setting.type_name}"
        ) from None
    # Without the value: it may hold a password.
    if setting.section == "databases" and checked and not _is_url(checked):
        raise ConfigurationError(f"the setting {setting.full_name} (from {origin}) must be a database URL")
    if setting.name == "trusted_proxies" and not all(map(_is_network, checked)):
        raise ConfigurationError(
            f"the setting {setting.full_name} (from {origin}) must be addresses or networks like 10.0.0.0/8"
        )
    return checked


def _is_url(text: str) -> bool:
    try:
        make_url(text)
    except ArgumentError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _known(names: Iterable[str]) -> str:
    return f"known are {', '.join(names)}"
