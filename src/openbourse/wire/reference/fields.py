"""Schemas as rows of a table: one line for each field, nested ones by their path."""

from typing import Any, Final, NamedTuple, Self

Json = dict[str, Any]

_MAX_DEPTH: Final = 4
# Beyond these, bounds say only that a number is a number.
_WIDEST: Final = 2**53 - 1


class Field(NamedTuple):
    """One row: where the value is, what it is, and what is to be known of it."""

    path: str
    kind: str
    notes: str
    required: bool = False

    @classmethod
    def of(cls, path: str, schema: Json, *, required: bool) -> Self:
        return cls(path, _kind(schema), _notes(schema), required)


def fields_of(schema: Json, document: Json) -> list[Field]:
    """The fields of an object, or of the objects in an array; none for anything else."""
    rows = _rows(schema, document, "", 0)
    return [row._replace(path=row.path.removeprefix("[].")) for row in rows]


def description_of(schema: Json, document: Json) -> str:
    """What is said of an object, or of those in an array."""
    schema = _resolved(schema, document)
    return str(_resolved(schema.get("items", schema), document).get("description", ""))


def _rows(schema: Json, document: Json, path: str, depth: int) -> list[Field]:
    schema = _resolved(schema, document)
    kind = schema.get("type")
    if depth > _MAX_DEPTH:
        return []
    if kind == "array" and isinstance(schema.get("items"), dict):
        item = _resolved(schema["items"], document)
        if "oneOf" in item:
            item = _resolved(item["oneOf"][0], document)
        return _rows(item, document, f"{path}[]", depth + 1) if _has_fields(item) else []
    found: list[Field] = []
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        whole = f"{path}.{name}" if path else name
        inner = _resolved(part, document)
        if part.get("description") and "description" not in inner:
            inner = {**inner, "description": part["description"]}
        found.append(Field.of(whole, inner, required=name in required))
        found += _rows(inner, document, whole, depth + 1)
    return found


def _has_fields(schema: Json) -> bool:
    return "properties" in schema or schema.get("type") == "array"


def _resolved(schema: Json, document: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Json) -> str:
    if "const" in schema:
        return f"always {schema['const']!r}".replace("'", '"')
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(part) for part in schema["anyOf"] if part != {"type": "null"}))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        if "prefixItems" in schema:
            return "[" + ", ".join(_kind(part) for part in schema["prefixItems"]) + "]"
        items = schema.get("items")
        inner = _kind(items) if isinstance(items, dict) and "$ref" not in items else ""
        return f"array of {inner}" if inner else "array"
    names = {"string": "text", "integer": "integer", "boolean": "true or false", "object": "object"}
    return names.get(str(schema.get("type")), "")


def _notes(schema: Json) -> str:
    """Its meaning, its bounds where they say something, and its default."""
    parts = [part for part in schema.get("anyOf", [schema]) if part != {"type": "null"}]
    inner = parts[0] if parts else {}
    notes = [str(schema.get("description") or inner.get("description") or "")]
    if "minimum" in inner or "maximum" in inner:
        notes.append(_bounds(inner))
    if "maxItems" in inner:
        notes.append(f"At most {inner['maxItems']}.")
    default = schema.get("default")
    if default not in (None, ""):
        notes.append(f"Default: {str(default).lower() if isinstance(default, bool) else default}.")
    return " ".join(note for note in notes if note)


def _bounds(schema: Json) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None and most < _WIDEST:
        return f"{least} to {most}." if least is not None else f"At most {most}."
    return f"At least {least}." if least else ""
