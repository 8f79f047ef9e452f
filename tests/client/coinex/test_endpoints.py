"""Every endpoint that is served has a method, and every method reads the whole of its answer."""

from collections.abc import Iterator

import pytest

from openbourse.client.coinex import AsyncClient, Client, Item, Page
from openbourse.client.coinex.groups import Common
from openbourse.client.methods import AsyncMethod, Group, Method
from tests.client.coinex.scenes import EMPTY, SCENES
from tests.client.coinex.world import World
from tests.client.strict import compare
from tools.clients.__main__ import CLIENT, generated


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return generated()


def methods(client: Client | AsyncClient) -> Iterator[tuple[str, object]]:
    """Name and description of all methods of a client."""
    public = {name: group for name, group in vars(client).items() if not name.startswith("_")}
    for owner, group in [("", client), *public.items()]:
        for kind in type(group).__mro__:
            for name, method in vars(kind).items():
                if isinstance(method, Method | AsyncMethod):
                    yield f"{owner}.{name}".lstrip("."), method.build


def test_the_generated_files_are_up_to_date(files: dict[str, str]) -> None:
    for name, text in files.items():
        assert (CLIENT / name).read_text("utf-8") == text, f"{name}: run python -m tools.clients"


def test_no_other_files_lie_among_the_generated_ones(files: dict[str, str]) -> None:
    found = {path.relative_to(CLIENT).as_posix() for path in CLIENT.glob("[ct]*s/*.py")}
    assert found == {name for name in files if "/" in name}


def test_both_clients_are_made_of_the_same_descriptions() -> None:
    with Client("http://127.0.0.1:1") as client:
        described = dict(methods(client))
    assert described == dict(methods(AsyncClient("http://127.0.0.1:1")))
    assert set(described) == set(SCENES)
    assert all(build.__doc__ for build in described.values())
    assert issubclass(Common, Group)


@pytest.mark.parametrize("name", SCENES)
def test_the_answer_of(name: str, world: World) -> None:
    result = SCENES[name](world)
    raw = world.body["data"]
    assert world.body["code"] == 0
    if result is None:
        assert raw == {}
        return
    if isinstance(result, Page):
        pagination = world.body["pagination"]
        assert (result.has_next, result.total) == (pagination["has_next"], pagination.get("total"))
        result = result.rows
    if isinstance(result, list) and result and isinstance(result[0], Item):
        assert [part["code"] for part in raw] == [0] * len(result)
        result, raw = [item.result() for item in result], [part["data"] for part in raw]
    compare(result, raw, name)
    assert bool(raw) == (name not in EMPTY), "a scene without anything to look at shows nothing"
