"""Scenes: for each endpoint a request that succeeds, and what the reference shows as its answer."""

from collections.abc import Awaitable, Callable

from tests.wire.calling import Answer
from tests.wire.coinex.bench import Bench

Scene = Callable[[Bench], Awaitable[Answer]]
SCENES: dict[tuple[str, str], tuple[object, Scene]] = {}


def scene(method: str, path: str, expected: object) -> Callable[[Scene], Scene]:
    """What `expected` shows is compared with `data` by names and types."""

    def keep(function: Scene) -> Scene:
        SCENES[method, path] = (expected, function)
        return function

    return keep


def public(path: str, expected: object, **params: object) -> None:
    scene("GET", path, expected)(lambda bench: bench.get(path, **params))


def read(path: str, expected: object, **params: object) -> None:
    scene("GET", path, expected)(lambda bench: bench.alice.get(path, **params))


def trade(path: str, expected: object, **params: object) -> None:
    scene("POST", path, expected)(lambda bench: bench.alice.post(path, **params))
