"""What would make the core depend on anything but its commands: clocks, chance, files, floats, set order."""

import ast
from collections.abc import Iterator

from tools.tidy.source import Finding, Source

# The core imports from this list only: nothing here knows the time, the machine or chance.
ALLOWED_MODULES = {
    "abc",
    "bisect",
    "collections",
    "dataclasses",
    "decimal",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "msgspec",
    "mypy_extensions",
    "operator",
    "openbourse",  # only openbourse.core, see rooms.py
    "typing",
    "zlib",
}

BANNED_CALLS = {
    "float": "floats lose money",
    "complex": "floats lose money",
    "open": "the core has no files",
    "print": "the core speaks in events",
    "input": "the core hears commands",
    "hash": "hashes of text differ from process to process",
    "id": "addresses differ from process to process",
    "eval": "code is not data",
    "exec": "code is not data",
    "__import__": "imports stand at the top",
}

# Calls whose result shows the order of what they are given; sorted, len, sum, min, max do not.
_ITERATING = {"list", "tuple", "iter", "enumerate", "join", "extend", "map", "filter", "zip", "fromkeys"}
_SET_OPERATORS = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)


def check_core(sources: list[Source]) -> list[Finding]:
    """All breaches in the files of the core; they are read together to know which names are sets."""
    sets = {name for source in sources for name in _set_names(source.tree)}
    return [
        Finding(source.path, _line(node), f"core: {message}")
        for source in sources
        for node in ast.walk(source.tree)
        for message in (*_breaches(node), *_set_iterations(node, sets))
    ]


def _line(node: ast.AST) -> int:
    placed = node.iter if isinstance(node, ast.comprehension) else node
    return int(getattr(placed, "lineno", 1))


def _breaches(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _import_breach(alias.name)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield from _import_breach(node.module or "")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
        yield f"no {node.func.id}(): {BANNED_CALLS[node.func.id]}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        yield f"no float literal {node.value}: floats lose money"
    elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        yield "no true division: it makes floats; use //"
    elif isinstance(node, ast.AsyncFunctionDef | ast.Await):
        yield "no async: apply() runs to its end"


def _import_breach(module: str) -> Iterator[str]:
    if module.partition(".")[0] not in ALLOWED_MODULES:
        yield f"may not import {module}: only {', '.join(sorted(ALLOWED_MODULES - {'openbourse'}))}"


def _set_iterations(node: ast.AST, sets: set[str]) -> Iterator[str]:
    """Places where the order of a set would show; it differs from process to process."""
    advice = "has no fixed order: iterate over sorted(...), or use a dict"
    if isinstance(node, ast.For | ast.comprehension) and _is_set(node.iter, sets):
        yield f"iteration over the set {ast.unparse(node.iter)}, which {advice}"
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.args:
            if _is_set(node.func.value, sets):
                yield f"pop() of the set {ast.unparse(node.func.value)}, which {advice}"
        else:
            iterating = ast.unparse(node.func).rpartition(".")[2]
            if iterating in _ITERATING:
                for argument in node.args:
                    if _is_set(argument, sets):
                        yield f"{iterating}() of the set {ast.unparse(argument)}, which {advice}"


def _is_set(node: ast.expr, sets: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in {"set", "frozenset"}
    if isinstance(node, ast.Name):
        return node.id in sets
    if isinstance(node, ast.Attribute):
        return node.attr in sets
    if isinstance(node, ast.BinOp) and isinstance(node.op, _SET_OPERATORS):
        return any(_is_set(side, sets) or _is_keys_view(side) for side in (node.left, node.right))
    return False


def _is_keys_view(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys"


def _set_names(tree: ast.Module) -> Iterator[str]:
    """Names of variables, attributes and parameters that are annotated as sets or assigned one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and _says_set(node.annotation):
            yield _name(node.target)
        elif isinstance(node, ast.Assign) and _is_set(node.value, set()):
            for target in node.targets:
                yield _name(target)
        elif isinstance(node, ast.arg) and node.annotation is not None and _says_set(node.annotation):
            yield node.arg


def _says_set(annotation: ast.expr) -> bool:
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(base, ast.Name) and base.id in {"set", "frozenset", "Set", "AbstractSet"}


def _name(target: ast.expr) -> str:
    return target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)
