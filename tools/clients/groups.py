"""The methods of the two clients, by group."""

from tools.clients.names import GROUPS, NAMES, TITLES
from tools.clients.texts import HEADER


def files() -> dict[str, str]:
    """Name -> text of the one module."""
    modules = sorted(NAMES)
    lines = [f'"""The methods of both clients. {HEADER}"""', ""]
    lines += [f"from openbourse.client.coinex.calls import {', '.join(modules)}"]
    lines += ["from openbourse.client.methods import AsyncGroup, AsyncMethod, Group, Method"]
    for group in GROUPS:
        lines += _group(group, "")
        lines += _group(group, "Async")
    return {"groups.py": "\n".join([*lines, ""])}


def _group(group: str, kind: str) -> list[str]:
    name = "".join(word.capitalize() for word in group.split("_"))
    about = "; ".join(TITLES[module] for module in GROUPS[group])
    lines = ["", "", f"class {kind}{name}({kind}Group):", f'    """{about}."""', ""]
    for module in GROUPS[group]:
        lines += [f"    {method} = {kind}Method({module}.{method})" for method in NAMES[module].values()]
    return lines
