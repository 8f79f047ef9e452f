import tomllib
from pathlib import Path
from typing import Any

import pytest

from openbourse.configuration import Configuration, ConfigurationError, load, settings
from openbourse.configuration_text import as_toml, reference_page

REFERENCE = Path(__file__).parent.parent / "docs" / "reference" / "configuration.md"


def loaded(text: str, directory: Path, **arguments: Any) -> Configuration:
    file = directory / "venue.toml"
    file.write_text(text)
    return load(file, **{"environment": {}} | arguments)


def refusal(text: str, directory: Path, **arguments: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        loaded(text, directory, **arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_flags_go_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    text = "[server]\nport = 1\nhost = '::1'\n[log]\nlevel = 'debug'\n"
    environment = {"OPENBOURSE_SERVER_PORT": "2", "OPENBOURSE_LOG_LEVEL": "error"}
    configuration = loaded(text, tmp_path, environment=environment, flags={"server.port": 3})
    assert (configuration.server.port, configuration.server.host, configuration.log.level) == (
        3,
        "::1",
        "error",
    )
    assert configuration.origins == {
        "server.port": "command line",
        "server.host": str(tmp_path / "venue.toml"),
        "log.level": "OPENBOURSE_LOG_LEVEL",
    }


def test_a_flag_that_was_not_given_changes_nothing(tmp_path: Path) -> None:
    assert loaded("[server]\nport = 1\n", tmp_path, flags={"server.port": None}).server.port == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[server]\nprot = 1\n", "there is no setting server.prot; known are host, port, allow_plain_http"),
        ("[sever]\nport = 1\n", "there is no section [sever]; known are server, data"),
        ("port = 1\n", "there is no section [port]"),
        ("server = 1\n", "server must be a section [server]"),
        ("[server]\nport = '8080'\n", "must be an integer from 0 to 65535"),
        ("[server]\nport = 65536\n", "setting server.port (from"),
        ("[server]\nport = true\n", "server.port"),
        ("[server]\nhost = ''\n", "server.host"),
        ("[limits]\nrate_limits = 1\n", "limits.rate_limits"),
        ("[snapshots]\nevery_seconds = 0\n", "must be a number, at least 1"),
        ("[log]\nformat = 'xml'\n", "must be console or json"),
        ("[databases]\nhistory_url = 'no url'\n", "databases.history_url"),
        ("[server\n", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_refused_by_name(tmp_path: Path, text: str, part: str) -> None:
    assert part in refusal(text, tmp_path)


@pytest.mark.parametrize(
    ("variable", "text", "part"),
    [
        ("OPENBOURSE_SERVER_PROT", "1", "OPENBOURSE_SERVER_PROT names no setting"),
        ("OPENBOURSE_SERVER_PORT", "many", "server.port (from OPENBOURSE_SERVER_PORT) must be an integer"),
        ("OPENBOURSE_LIMITS_RATE_LIMITS", "maybe", "must be true or false"),
    ],
)
def test_the_environment_is_refused_by_name(tmp_path: Path, variable: str, text: str, part: str) -> None:
    assert part in refusal("", tmp_path, environment={variable: text})


def test_the_environment_is_read_by_type(tmp_path: Path) -> None:
    configuration = loaded(
        "",
        tmp_path,
        environment={
            "OPENBOURSE_LIMITS_RATE_LIMITS": "false",
            "OPENBOURSE_SNAPSHOTS_EVERY_SECONDS": "2.5",
            "OPENBOURSE_PURE": "1",
            "OPENBOURSE_MASTER_KEY": "not looked at here",
        },
    )
    assert configuration.limits.rate_limits is False
    assert configuration.snapshots.every_seconds == 2.5


def test_a_password_is_neither_shown_nor_complained_about(tmp_path: Path) -> None:
    url = "postgresql://venue:hunter2@localhost/history"
    shown = as_toml(loaded(f"[databases]\nhistory_url = '{url}'\n", tmp_path))
    assert "hunter2" not in shown
    assert "postgresql://venue:***@localhost/history" in shown
    assert "hunter2" not in refusal("[databases]\nhistory_url = 'hunter2'\n", tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml", environment={})


def test_a_relative_directory_starts_at_the_file(tmp_path: Path) -> None:
    configuration = loaded("[data]\ndirectory = 'data'\n", tmp_path)
    assert configuration.venue_options("production").data_directory == tmp_path / "data"


def test_what_is_shown_is_a_file_that_says_the_same(tmp_path: Path) -> None:
    changed = loaded("[server]\nhost = 'ex\"ample'\nport = 1\n[log]\nformat = 'json'\n", tmp_path)
    shown = as_toml(changed)
    assert tomllib.loads(shown)["server"]["port"] == 1
    again = loaded(shown, tmp_path)
    for setting in settings():
        values = [getattr(getattr(each, setting.section), setting.name) for each in (changed, again)]
        if setting.full_name != "data.directory":  # relative to the file when written in one
            assert values[0] == values[1]
        assert setting.description in shown
        assert setting.variable in shown


def test_the_reference_page_is_not_stale() -> None:
    assert REFERENCE.read_text() == reference_page(), (
        "run: openbourse config show --reference > docs/reference/configuration.md"
    )


def test_lists_come_from_the_file_and_from_the_environment(tmp_path: Path) -> None:
    in_file = loaded('[server]\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n', tmp_path)
    assert in_file.server.trusted_proxies == ("10.0.0.0/8", "::1")
    environment = {"OPENBOURSE_SERVER_TRUSTED_PROXIES": "192.0.2.1, 10.0.0.0/8,"}
    assert loaded("", tmp_path, environment=environment).server.trusted_proxies == ("192.0.2.1", "10.0.0.0/8")
    for wrong in ('"10.0.0.1"', "[1]", '["10.0.0.1/33"]', '["proxy.example"]'):
        assert "server.trusted_proxies (from" in refusal(f"[server]\ntrusted_proxies = {wrong}\n", tmp_path)


def test_paths_start_where_the_file_is(tmp_path: Path) -> None:
    text = "[server]\ntls_certificate = 'tls/a.crt'\ntls_key = '/etc/a.key'\n"
    server = loaded(text, tmp_path).server
    assert (server.tls_certificate, server.tls_key) == (str(tmp_path / "tls/a.crt"), "/etc/a.key")
    assert loaded("[server]\ntls_key = ''\n", tmp_path).server.tls_key == ""
