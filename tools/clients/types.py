"""The types of answers and pushes."""

from collections.abc import Iterable
from typing import Any, Final, get_args, get_type_hints

from msgspec import Struct

from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.ws.asyncapi import CHANNELS
from tools.clients.fields import PARTS, WORDS, answer_type, python_name
from tools.clients.texts import HEADER, docstring, sentences

# Module of the client -> the modules of the server whose types it has.
_MODULES: Final = {
    "common": "common",
    "markets": "spot_markets spot_klines futures",
    "orders": "shapes",
    "account": "account sub_accounts sub_account_keys futures_settings",
    "assets": "assets balances deposits withdrawals transfers statement sub_account_funds",
    "pushes": "ws",
}
_ABOUT: Final = {
    "common": "Time and maintenance",
    "markets": "Markets and their data",
    "orders": "Orders, stop orders and deals",
    "account": "Accounts and keys",
    "assets": "Balances and how they change",
    "pushes": "What is pushed over WebSocket",
}

_IMPORTS: Final = """\
from decimal import Decimal
from typing import Literal

from msgspec import Struct
"""

_OWN_REPR: Final = """
    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_id={self.api_id}, access_id={self.access_id!r})"  # not the secret
"""


def files(endpoints: list[AnyEndpoint]) -> tuple[dict[str, str], list[str]]:
    """Name -> text of all modules of `types/`, and the names of all types."""
    kinds: dict[type[Struct], None] = {}
    for endpoint in endpoints:
        _collect(endpoint.result, kinds)
    for _, pushed, _ in CHANNELS.values():
        _collect(pushed, kinds)
    exported: dict[str, list[str]] = {module: [] for module in _MODULES}
    for kind in kinds:
        exported[_module_of(kind)].append(python_name(kind))
    exported |= {"words": list(WORDS), "requests": list(PARTS.values())}
    found = {f"types/{module}.py": _module(module, kinds, exported) for module in _MODULES}
    found["types/words.py"] = _words()
    names = sorted(name for names in exported.values() for name in names)
    found["types/__init__.py"] = _all(exported, names)
    return found, names


def _collect(kind: Any, kinds: dict[type[Struct], None]) -> None:
    """All structs that a type is made of, the inner ones first."""
    for part in get_args(kind):
        _collect(part, kinds)
    if isinstance(kind, type) and issubclass(kind, Struct) and kind not in kinds:
        for part in get_type_hints(kind).values():
            _collect(part, kinds)
        kinds[kind] = None


def _module_of(kind: type[Struct]) -> str:
    names = kind.__module__.removeprefix("openbourse.wire.coinex.").split(".")
    return next(module for module, sources in _MODULES.items() if names[0] in sources.split())


def _module(module: str, kinds: Iterable[type[Struct]], exported: dict[str, list[str]]) -> str:
    lines = [f'"""{_ABOUT[module]}. {HEADER}"""', "", _IMPORTS]
    lines += [_import(other, names) for other, names in exported.items() if other not in (module, "requests")]
    lines += [_struct(kind) for kind in kinds if _module_of(kind) == module]
    return "\n\n".join(lines)


def _import(module: str, names: list[str]) -> str:
    """All of them: what is not used is taken out afterwards."""
    return f"from openbourse.client.coinex.types.{module} import {', '.join(sorted(names))}"


def _struct(kind: type[Struct]) -> str:
    lines = [f"class {python_name(kind)}(Struct, frozen=True, kw_only=True):"]
    lines += docstring(sentences(kind.__doc__ or ""))
    lines.append("")
    fields = get_type_hints(kind)
    lines += [f"    {name}: {answer_type(kind, name, part)}" for name, part in fields.items()]
    if "secret_key" in fields:
        lines.append(_OWN_REPR)
    return "\n".join(lines)


def _words() -> str:
    lines = [f'"""Sets of words that parameters and fields are limited to. {HEADER}"""', ""]
    lines += ["from typing import Literal", ""]
    lines += [f"{name} = Literal[{', '.join(map(repr, get_args(kind)))}]" for name, kind in WORDS.items()]
    return "\n".join([*lines, ""])


def _all(exported: dict[str, list[str]], names: list[str]) -> str:
    lines = [f'"""Everything that CoinEx answers and pushes, as types. {HEADER}"""', ""]
    lines += [_import(module, own) for module, own in exported.items()]
    return "\n".join([*lines, "", f"__all__ = {names!r}", ""])
