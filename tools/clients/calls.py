"""The functions that make requests, one for each endpoint."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct, structs

from openbourse.wire.coinex import openapi
from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.params import Params
from openbourse.wire.coinex.sub_accounts import Nothing
from tools.clients.fields import PARTS, parameter_type, python_name
from tools.clients.names import NAMES, TITLES
from tools.clients.texts import HEADER, docstring, sentences

# What the client assumes where the exchange asks to be told.
_DEFAULTS: Final = {"market_type": '"SPOT"', "interval": '"0"'}
_DEPTH_LIMIT: Final = "20"


@dataclass(frozen=True)
class Parameter:
    """`value` is what goes into the request."""

    name: str
    annotation: str
    default: str
    value: str

    @property
    def declared(self) -> str:
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


def files(endpoints: list[AnyEndpoint], names: list[str]) -> dict[str, str]:
    """Name -> text of all modules of `calls/`, and of the parts of batches; `names`: of all types."""
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    # All of them: what a module does not use is taken out afterwards.
    imports = f"from openbourse.client.coinex.types import {', '.join(names)}\n"
    found = {f"calls/{module}.py": _module(module, by_name, imports) for module in NAMES}
    found["calls/__init__.py"] = f'"""A function for each endpoint, which makes its request. {HEADER}"""\n'
    found["types/requests.py"] = _items()
    return found


def _module(module: str, by_name: dict[str, AnyEndpoint], imports: str) -> str:
    functions = [_function(by_name[name], method) for name, method in NAMES[module].items()]
    text = "\n\n\n".join(functions)
    head = f'"""{TITLES[module]}. {HEADER}"""\n\n' + _IMPORTS + imports + "\n\n"
    return f"{head}{text}\n"


_IMPORTS: Final = """\
from collections.abc import Mapping, Sequence
from typing import Literal

from openbourse.client.coinex import answers
from openbourse.client.coinex.answers import Item, Page
from openbourse.client.request import Amount, Request, joined, number
"""


def _function(endpoint: AnyEndpoint, method: str) -> str:
    parameters = _parameters(endpoint.params, endpoint)
    result, reader = _result(endpoint)
    star = ["*"] if parameters else []
    signature = ", ".join([*star, *(each.declared for each in parameters)])
    values = ", ".join(f'"{each.name}": {each.value}' for each in parameters)
    marks = (", signed=True" if endpoint.access != "public" else "") + (
        ", changes=True" if endpoint.method == "POST" else ""
    )
    call = f'Request("{endpoint.method}", "{endpoint.path}", {{{values}}}, {reader}{marks})'
    lines = [f"def {method}({signature}) -> Request[{result}]:"]
    lines += docstring(*_about(endpoint))
    lines.append(f"    return {call}")
    return "\n".join(lines)


def _about(endpoint: AnyEndpoint) -> list[str]:
    operation = _described()[endpoint.path][endpoint.method.lower()]
    about = str(operation["description"])
    if about.startswith("Needs") or about == operation["summary"]:
        about = f"{operation['summary']}. {about if about.startswith('Needs') else ''}".strip()
    parameters = sentences(endpoint.params.__doc__ or "")
    takes = "" if endpoint.params.__name__ == "NoParams" else f"Takes: {parameters}"
    return [about, takes, f"`{endpoint.name}`"]


@cache
def _described() -> openapi.Json:
    """All operations, by path and method."""
    return openapi.description()[0]


def _result(endpoint: AnyEndpoint) -> tuple[str, str]:
    """The type of the result, and what reads it."""
    if endpoint.result == Nothing:
        if endpoint.form == "page":
            return "Page[dict[str, object]]", "answers.page(dict[str, object])"
        return "None", "answers.nothing"
    kind = _type(endpoint.result)
    if endpoint.form == "plain":
        return kind, f"answers.plain({kind})"
    if endpoint.form == "page":
        return f"Page[{kind}]", f"answers.page({kind})"
    return f"list[Item[{kind}]]", f"answers.batch({kind})"


def _type(kind: Any) -> str:
    if get_origin(kind) is list:
        return f"list[{_type(get_args(kind)[0])}]"
    assert issubclass(kind, Struct), kind
    return python_name(kind)


def _parameters(params: type[Params], endpoint: AnyEndpoint | None = None) -> list[Parameter]:
    hints = get_type_hints(params, include_extras=True)
    hints.pop("aliases", None)
    found = []
    for field in structs.fields(params):
        if endpoint is not None and endpoint.items is not None:
            item = PARTS[endpoint.items]
            values = f"[part.params() for part in {field.name}]"
            found.append(Parameter(field.name, f"Sequence[{item}]", "", values))
            continue
        annotation, prepare = parameter_type(hints[field.name])
        default = _default(field, endpoint)
        if default == "None":
            annotation += " | None"
        value = f"{prepare}({field.name})" if prepare else field.name
        if annotation.startswith("Sequence") and not prepare:
            value = f"list({field.name})" if default != "None" else f"{field.name} and list({field.name})"
        found.append(Parameter(field.name, annotation, default, value))
    return sorted(found, key=lambda parameter: bool(parameter.default))


def _default(field: structs.FieldInfo, endpoint: AnyEndpoint | None) -> str:
    if field.required:
        if field.name == "limit" and endpoint is not None and endpoint.path.endswith("/depth"):
            return _DEPTH_LIMIT
        return _DEFAULTS.get(field.name, "")
    assert field.default is not NODEFAULT, field
    return "None" if field.default == "" else repr(field.default)


def _items() -> str:
    """The parts of batches."""
    lines = [f'"""The parts of batches. {HEADER}"""', ""]
    lines += ["from dataclasses import dataclass", ""]
    words = "MarketType, OrderType, SelfTradeMode, Side"
    lines.append(f"from openbourse.client.coinex.types.words import {words}")
    lines.append("from openbourse.client.request import Amount, given, number")
    for params, name in PARTS.items():
        parameters = _parameters(params)
        lines += ["", "", "@dataclass(frozen=True, kw_only=True, slots=True)", f"class {name}:"]
        lines += docstring(sentences(params.__doc__ or ""))
        lines += ["", *(f"    {each.declared}" for each in parameters), ""]
        lines += ["    def params(self) -> dict[str, object]:", '        """As it is sent."""']
        lines += ["        return given({"]
        lines += [f'            "{each.name}": {_of_self(each)},' for each in parameters]
        lines += ["        })"]
    return "\n".join([*lines, ""])


def _of_self(parameter: Parameter) -> str:
    return parameter.value.replace(parameter.name, f"self.{parameter.name}", 1)
