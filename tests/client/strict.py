"""Nothing of an answer is lost and nothing is made up: the typed result against its JSON."""

import re
from decimal import Decimal
from typing import Any

import msgspec

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Texts of digits that are no numbers.
_NAMES = ("user_id", "client_id", "memo", "tx_id", "withDraw", "recharge", "fStatus")


def compare(typed: object, raw: Any, where: str = "") -> None:
    """Fails for unknown fields, missing ones, other values, and numbers that are kept as text."""
    if isinstance(typed, msgspec.Struct):
        fields = msgspec.structs.fields(typed)
        unknown = set(raw) - {field.encode_name for field in fields}
        assert not unknown, f"{where}: the client does not know {sorted(unknown)}"
        for field in fields:
            assert field.encode_name in raw or not field.required, f"{where}: {field.encode_name} is missing"
            compare(getattr(typed, field.name), raw.get(field.encode_name), f"{where}.{field.encode_name}")
    elif isinstance(typed, list | tuple):
        assert len(typed) == len(raw), where
        for part, text in zip(typed, raw, strict=True):
            compare(part, text, where)
    elif isinstance(typed, dict):
        assert set(typed) == set(raw), where
        for name, part in typed.items():
            compare(part, raw[name], f"{where}.{name}")
    elif isinstance(typed, Decimal):
        assert str(raw) in (format(typed, "f"), str(typed)), f"{where}: {raw!r} became {typed!r}"
    elif typed is None:
        assert raw in (None, ""), f"{where}: {raw!r} was lost"
    else:
        assert (type(typed), typed) == (type(raw), raw), where
        looks = isinstance(raw, str) and _NUMBER.fullmatch(raw) and where.rpartition(".")[2] not in _NAMES
        assert not looks, f"{where}: {raw!r} is a number, and kept as text"
