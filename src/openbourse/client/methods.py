"""Method: how one description of a request becomes a method of the sync client and one of the async client.

A function with typed parameters makes the request; the parameters are written there and nowhere else.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from openbourse.client.request import Request

P = ParamSpec("P")
T = TypeVar("T")


class Sender(Protocol):
    """What carries requests out."""

    def send(self, request: Request[T], /) -> T:
        """The result; raises ClientError."""
        ...


class AsyncSender(Protocol):
    """As `Sender`, for asyncio."""

    async def send(self, request: Request[T], /) -> T:
        """The result; raises ClientError."""
        ...


class Group:
    """Methods that belong together: `client.spot`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender


class AsyncGroup:
    """As `Group`, of an async client."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender


class Method(Generic[P, T]):
    """A method that sends what `build` makes of its arguments, and returns the result."""

    def __init__(self, build: Callable[P, Request[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, group: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, group: Group, owner: type[Any]) -> Callable[P, T]: ...
    def __get__(self, group: Group | None, owner: type[Any]) -> "Self | Callable[P, T]":
        """The method of one group."""
        if group is None:
            return self
        sender = group._sender  # noqa: SLF001 - a group is nothing but the place of its methods

        @wraps(self.build)
        def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return sender.send(self.build(*args, **kwargs))

        return method


class AsyncMethod(Generic[P, T]):
    """As `Method`, of an async group."""

    def __init__(self, build: Callable[P, Request[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, group: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, group: AsyncGroup, owner: type[Any]) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, group: AsyncGroup | None, owner: type[Any]) -> "Self | Callable[P, Awaitable[T]]":
        """The method of one group."""
        if group is None:
            return self
        sender = group._sender  # noqa: SLF001 - as above

        @wraps(self.build)
        async def method(*args: P.args, **kwargs: P.kwargs) -> T:
            return await sender.send(self.build(*args, **kwargs))

        return method
