"""The configuration as text: every setting with its value and meaning, and the reference page."""

from typing import Any

import msgspec
from sqlalchemy.engine import make_url

from openbourse.configuration import Configuration, Setting, settings
from openbourse.configuration_sections import SECTIONS

_PAGE_HEAD = """\
# Configuration

<!-- Made by `openbourse config show --reference`; a test compares. Do not edit. -->

Settings come from one TOML file (`--config FILE`, or `openbourse.toml` in the working directory), from the
environment, and from flags of the command line; each of these goes before the ones named earlier.
`openbourse config show` prints every setting with its effective value and where that comes from, as a file
to start from. An unknown setting or a wrong value is refused by name.

The master key, under which API secrets are encrypted, is no setting: it is read from `OPENBOURSE_MASTER_KEY`
or from `master.key` in the data directory, which is made on first start.
"""


def as_toml(configuration: Configuration) -> str:
    """A TOML file that says what `configuration` says, with comments. Passwords in URLs are masked."""
    lines = []
    section = ""
    for setting in settings():
        if setting.section != section:
            section = setting.section
            lines += ["", f"# {SECTIONS[section].__doc__}", f"[{section}]"]
        value = getattr(getattr(configuration, section), setting.name)
        origin = configuration.origins.get(setting.full_name)
        lines += [
            f"# {setting.description}",
            f"# {setting.variable}; " + (f"set by {origin}" if origin else "default"),
            f"{setting.name} = {_toml_value(_shown(setting, value))}",
        ]
    return "\n".join(lines[1:]) + "\n"


def reference_page() -> str:
    """docs/reference/configuration.md."""
    parts = [_PAGE_HEAD]
    section = ""
    for setting in settings():
        if setting.section != section:
            section = setting.section
            parts.append(f"\n## [{section}]\n\n{SECTIONS[section].__doc__}\n\n")
            parts.append(
                "| setting | type | default | in the environment | meaning |\n|---|---|---|---|---|\n"
            )
        default = _toml_value(setting.default)
        parts.append(
            f"| `{setting.name}` | {setting.type_name} | `{default}` | `{setting.variable}` | "
            f"{setting.description} |\n"
        )
    return "".join(parts)


def _shown(setting: Setting, value: Any) -> Any:
    if setting.section == "databases" and value:
        return make_url(value).render_as_string(hide_password=True)
    return value


def _toml_value(value: Any) -> str:
    """JSON spells true, numbers and text (with its escapes) as TOML does."""
    return msgspec.json.encode(value).decode()
