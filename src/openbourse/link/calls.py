"""What a gateway may ask of the engine: methods of desks, and queries of the history, by name.

Both ends make their tables from the same signatures. Arguments travel as a list, users among them as their
numbers: the engine takes its own record of a user, never a gateway's. In a list of results in which each
stands for itself a refusal travels beside them.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from openbourse.accounts.records import User
from openbourse.core.commands import Command
from openbourse.core.events import Refused
from openbourse.core.refusal import Refusal
from openbourse.history.candles import candles_of_market
from openbourse.history.orders import finished_orders
from openbourse.history.statement import statement
from openbourse.history.stops import finished_stops
from openbourse.history.trades import trades_of_order, trades_of_user
from openbourse.history.transfers import family_transfers, own_transfers
from openbourse.link.encoding import decoded
from openbourse.link.messages import encoder
from openbourse.venue.front import VenueFront
from openbourse.venue.funds import Funds
from openbourse.venue.holdings import Holdings
from openbourse.venue.liabilities import Liabilities
from openbourse.venue.quotas import Quotas
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.venue.trading import Trading

DESKS: Final[dict[str, type]] = {
    "trading": Trading,
    "funds": Funds,
    "sub_accounts": SubAccounts,
    "holdings": Holdings,
    "liabilities": Liabilities,
    "quotas": Quotas,
}
QUERIES: Final[tuple[Callable[..., Any], ...]] = (
    candles_of_market,
    family_transfers,
    finished_orders,
    finished_stops,
    own_transfers,
    statement,
    trades_of_order,
    trades_of_user,
)
# They change nothing, like all queries: who gets no answer may be told to try again.
READING: Final = frozenset(
    {
        "funds.deposits",
        "funds.sender_names",
        "funds.withdrawal",
        "funds.withdrawals",
        "holdings.balances",
        "holdings.fee_rates",
        "holdings.preference",
        "holdings.worth",
        "liabilities.proof",
        "liabilities.publication",
        "liabilities.published",
        "quotas.take",
        "sub_accounts.all",
        "sub_accounts.find",
        "sub_accounts.key",
        "sub_accounts.keys",
        "sub_accounts.names",
        "trading.open_orders",
        "trading.order",
        "trading.orders",
        "trading.waiting_stops",
    }
)
# The most frequent ones, which await nothing but one future.
_QUICK: Final = frozenset(
    {
        "quotas.take",
        "trading.place",
        "trading.modify",
        "trading.cancel",
        "trading.place_all",
        "trading.cancel_each",
    }
)


class Method:
    """One method: how its arguments and its result travel."""

    def __init__(self, name: str, function: Callable[..., Any], skipped: int = 1) -> None:
        """`skipped` parameters come first that do not travel: `self`, a connection."""
        self.name = name
        self.reads = name in READING or name.startswith("history.")
        self.quick = name in _QUICK
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
        self._names = [parameter.name for parameter in parameters]
        self._positional = sum(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters)
        self._defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
        kinds = [hints[each] for each in self._names]
        self._users = [index for index, kind in enumerate(kinds) if kind is User]
        self._stamped = [index for index, kind in enumerate(kinds) if _is_command(kind)]
        sent: Any = tuple.__class_getitem__(tuple(int if kind is User else kind for kind in kinds))
        self._arguments = msgspec.json.Decoder(sent, dec_hook=decoded)
        self._as_they_are = not self._users and not self._stamped and self._positional == len(self._names)
        result = hints["return"]
        if inspect.isasyncgenfunction(function) or get_origin(result) is Awaitable:
            raise TypeError(f"{name} cannot be called over the link")
        self._each_alone: Any = _member_beside_refusal(result)
        if self._each_alone is not None:
            pair = tuple.__class_getitem__((self._each_alone | None, Refused | None))
            result = list.__class_getitem__(pair)
        self._result: msgspec.json.Decoder[Any] = msgspec.json.Decoder(result, dec_hook=decoded)

    # -- the gateway's side --------------------------------------------------------------------------

    def pack(self, given: Sequence[Any], named: dict[str, Any]) -> Raw:
        """The arguments of a call."""
        if len(given) == len(self._names) and not named:
            values = list(given)
        else:
            known = self._defaults | dict(zip(self._names, given, strict=False)) | named
            values = [known[name] for name in self._names]
        for index in self._users:
            values[index] = values[index].id
        return Raw(encoder.encode(values))

    def result(self, value: Raw) -> Any:
        """What the call returned."""
        found = self._result.decode(value)
        if self._each_alone is None:
            return found
        return [Refusal(no.reason, no.detail) if no is not None else yes for yes, no in found]

    # -- the engine's side ---------------------------------------------------------------------------

    def unpack(
        self, arguments: Raw, user: Callable[[int], User], now: Callable[[], int]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """Positional and named arguments. Raises msgspec.MsgspecError, AccountsError.

        Commands among them are stamped anew with `now`: gateways have clocks of their own.
        """
        decoded = self._arguments.decode(arguments)
        if self._as_they_are:
            return decoded, {}
        values = list(decoded)
        for index in self._users:
            values[index] = user(values[index])
        for index in self._stamped:
            given = values[index]
            if isinstance(given, list):
                time = now()
                values[index] = [replace(command, time=time) for command in given]
            else:
                values[index] = replace(given, time=now())
        named = dict(zip(self._names[self._positional :], values[self._positional :], strict=True))
        return values[: self._positional], named

    def by_name(self, given: Sequence[Any], named: dict[str, Any]) -> dict[str, Any]:
        """All arguments by their names."""
        return dict(zip(self._names, given, strict=False)) | named

    def answer(self, result: Any) -> Any:
        """The result of a call as it travels, to be encoded."""
        if self._each_alone is None:
            return result
        return [
            (None, Refused(each.reason, each.detail)) if isinstance(each, Refusal) else (each, None)
            for each in result
        ]


def _is_command(hint: Any) -> bool:
    """Is it a command, or a list of commands?"""
    kind = get_args(hint)[0] if get_origin(hint) is list else hint
    return isinstance(kind, type) and issubclass(kind, Command)


def _member_beside_refusal(hint: Any) -> Any:
    """X of `list[X | Refusal]`, None for any other type."""
    if get_origin(hint) is not list:
        return None
    (member,) = get_args(hint)
    if get_origin(member) not in (Union, UnionType):
        return None
    kinds = get_args(member)
    rest = [kind for kind in kinds if kind not in (Refusal, NoneType)]
    return rest[0] if Refusal in kinds and len(rest) == 1 else None


def _methods() -> dict[str, Method]:
    methods = {
        f"{name}.{method}": Method(f"{name}.{method}", function)
        for name, desk in DESKS.items()
        for method, function in vars(desk).items()
        if inspect.iscoroutinefunction(function) and not method.startswith("_")
    }
    methods["front.give_number"] = Method("front.give_number", VenueFront.give_number)
    for query in QUERIES:
        name = f"history.{query.__name__}"
        methods[name] = Method(name, query)
    return methods


METHODS: Final = _methods()


def query_of(partially: Callable[..., Any]) -> tuple[Method, dict[str, Any]]:
    """The method behind a partially applied query, and its arguments. TypeError for any other function."""
    if not isinstance(partially, partial) or partially.args or partially.func not in QUERIES:
        raise TypeError("over the link only the queries in link/calls.py can be asked, by named arguments")
    return METHODS[f"history.{partially.func.__name__}"], partially.keywords
