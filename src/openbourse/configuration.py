"""The configuration: one TOML file, the environment and flags, in rising order of precedence.

Each setting is a field of one of the sections (`configuration_sections`), with its type, its default and its
description; the reference page and `openbourse config show` are made from them. A setting `port` of section
`server` is `OPENBOURSE_SERVER_PORT` in the environment.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Meta
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from openbourse.configuration_sections import (
    SECTIONS,
    ClockSettings,
    CoinexSettings,
    CoinwSettings,
    DatabaseSettings,
    DataSettings,
    LiabilitySettings,
    LimitSettings,
    LogSettings,
    MetricsSettings,
    ServerSettings,
    SnapshotSettings,
    WebsocketSettings,
)
from openbourse.venue.options import VenueOptions

PREFIX: Final = "OPENBOURSE_"
# Variables that are no settings: they are read before, or kept apart from, all configuration.
_OTHER_VARIABLES: Final = {"OPENBOURSE_PURE", "OPENBOURSE_MASTER_KEY", "OPENBOURSE_DEBUG"}
_OTHER_PREFIX: Final = "OPENBOURSE_TEST_"
_MAX_FILE: Final = 1_000_000
_PATHS: Final = {"data.directory", "server.tls_certificate", "server.tls_key"}


class ConfigurationError(Exception):
    """A setting is unknown or wrong; the text is one sentence that names it."""


class Configuration(msgspec.Struct, frozen=True):
    """All settings, checked; `origins` tells where those that are no defaults came from, by full name."""

    server: ServerSettings = ServerSettings()
    data: DataSettings = DataSettings()
    databases: DatabaseSettings = DatabaseSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    clock: ClockSettings = ClockSettings()
    liabilities: LiabilitySettings = LiabilitySettings()
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
            clock_patience_seconds=self.clock.patience_seconds,
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
