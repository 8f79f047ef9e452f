"""Functions fit on a screen, files hold one noun, modules say what they are."""

import ast

from tools.tidy.source import Finding, Source

MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 400


def check_sizes(source: Source) -> list[Finding]:
    """Too long functions everywhere, too long files outside the tests."""
    findings = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                message = (
                    f"function {node.name} has {lines} lines, at most {MAX_FUNCTION_LINES} fit on a screen"
                )
                findings.append(Finding(source.path, node.lineno, message))
    lines = len(source.text.splitlines())
    if lines > MAX_FILE_LINES and source.path.parts[0] != "tests":
        message = f"{lines} lines, more than {MAX_FILE_LINES}: is this still one noun?"
        findings.append(Finding(source.path, 1, message))
    return findings


def check_docstrings(source: Source) -> list[Finding]:
    """Modules of the package without a docstring."""
    if source.in_package is None or ast.get_docstring(source.tree):
        return []
    return [Finding(source.path, 1, "a module begins with a docstring that says what it is")]
