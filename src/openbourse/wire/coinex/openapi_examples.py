"""Examples for the description: values of a schema as a client might meet them."""

from typing import Any, Final

Json = dict[str, Any]

_HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
# What fields of these names look like, wherever they are.
_VALUES: Final[Json] = {
    "market": "BTCUSDT",
    "market_type": "SPOT",
    "market_list": "BTCUSDT",
    "side": "buy",
    "type": "limit",
    "ccy": "USDT",
    "base_ccy": "BTC",
    "quote_ccy": "USDT",
    "fee_ccy": "USDT",
    "amount": "0.01",
    "unfilled_amount": "0.01",
    "price": "60000",
    "last": "60000",
    "open": "59000",
    "close": "60000",
    "high": "61000",
    "low": "58500",
    "volume": "12.5",
    "value": "750000",
    "trigger_price": "58000",
    "client_id": "bot-1",
    "status": "open",
    "interval": "0",
    "period": "1min",
    "message": "OK",
    "created_at": 1767225600000,
    "updated_at": 1767225600000,
    "start_time": 1767225600000,
    "end_time": 1767312000000,
    "timestamp": 1767225600000,
    "order_id": 4711,
    "stop_id": 4712,
    "deal_id": 4713,
    "order_ids": [4711],
    "stop_ids": [4712],
    "limit": 10,
    "page": 1,
    "sub_user_name": "desk-2",
    "access_id": "4DA36FFC61334695A66F8D29020EB589",
    "chain": "TRC20",
    "to_address": "TQx3Vb6mYh1s9Zk2cF8pRwN4uJ7eLdGaXo",
    "withdraw_id": 4714,
    "role": "taker",
    "maker_fee_rate": "0.002",
    "taker_fee_rate": "0.002",
    "available": "1000",
    "frozen": "0",
    "has_next": False,
    "account": "0658A099",
    "asset": "USDT",
    "root": _HASH,
    "previous": _HASH,
    "tree": _HASH,
    "salt": _HASH,
    "hash": _HASH,
    "code": 0,
}
# Optional fields that most would expect to see.
_ALSO: Final = {"price"}
_MAX_DEPTH: Final = 10


def example(schema: Json, components: Json, name: str = "", depth: int = 0) -> Any:
    """A value of a schema for a field called `name`; objects have their required fields, and few others."""
    if depth > _MAX_DEPTH:
        return None
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, name, depth + 1)
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if name in _VALUES and _fits(_VALUES[name], schema):
        return _VALUES[name]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in schema.get("oneOf") or schema.get("anyOf") or ():
        if choice != {"type": "null"}:
            return example(choice, components, name, depth + 1)
    if kind == "object":
        fields = schema.get("properties", {})
        shown = [field for field in fields if field in schema.get("required", ()) or field in _ALSO]
        return {field: example(fields[field], components, field, depth + 1) for field in shown}
    if kind == "array":
        if "prefixItems" in schema:
            return [example(part, components, name, depth + 1) for part in schema["prefixItems"]]
        return [example(schema.get("items", {}), components, name, depth + 1)]
    return schema.get("default", _plain(kind, schema))


def _fits(value: Any, schema: Json) -> bool:
    """Is the value one that this schema might have, as far as examples need to know?"""
    if "enum" in schema:
        return value in schema["enum"]
    kinds = {part.get("type") for part in (schema, *schema.get("anyOf", ()))}
    enums = [part["enum"] for part in schema.get("anyOf", ()) if "enum" in part]
    if enums:
        return value in enums[0]
    names = {str: "string", int: "integer", bool: "boolean", list: "array"}
    return names[type(value)] in kinds


def _plain(kind: str | None, schema: Json) -> Any:
    if kind == "integer":
        return schema.get("minimum", 0)
    return {"string": "0" if "pattern" in schema else "text", "boolean": False, "number": 0}.get(kind or "")
