"""Request: what to send, and how to read what comes back. No network here: transports carry it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from openbourse.client.errors import OutcomeUnknown, UnexpectedAnswer

T = TypeVar("T")

Amount = Decimal | int | str
"""An amount, price or rate to send. Not float: 0.1 + 0.2 is no amount of money."""


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """`params` that are None are left out; `read` makes a result of the body, or raises `ClientError`.

    `changes`: does it do something, so that it matters whether it was carried out?
    """

    method: str
    path: str
    params: Mapping[str, object]
    read: Callable[[bytes], T]
    signed: bool = False
    changes: bool = False

    def result(self, body: bytes) -> T:
        """What `read` makes of the answer. One that cannot be read does not say that nothing was done."""
        try:
            return self.read(body)
        except UnexpectedAnswer as error:
            if not self.changes:
                raise
            raise OutcomeUnknown(
                f"{error}; look whether it was carried out before sending it again"
            ) from error


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes over the network; `target` is path and query."""

    method: str
    target: str
    body: bytes
    headers: Mapping[str, str]


def number(value: Amount | None) -> str | None:
    """An amount as plain decimal text, never with an exponent. TypeError for a float."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"an amount is a Decimal, an int or text, not {type(value).__name__}")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def joined(values: Sequence[object] | None) -> str | None:
    """Several names or ids as one parameter. TypeError for a single text, whose letters are no names."""
    if isinstance(values, str):
        raise TypeError("a list of names, not one text")
    return None if values is None else ",".join(str(value) for value in values)


def given(params: Mapping[str, object]) -> dict[str, object]:
    """The parameters that are there."""
    return {name: value for name, value in params.items() if value is not None}


def query(params: Mapping[str, object]) -> str:
    """Parameters as a query string, without the question mark; flags are `true` and `false`."""
    texts = {name: _text(value) for name, value in given(params).items()}
    return urlencode(texts, quote_via=quote, safe=",")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
