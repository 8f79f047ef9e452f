"""What belongs to one account is never seen, found or touched by another."""

from collections.abc import Iterator
from typing import Any

import pytest

from openbourse.wire.coinex.endpoint import AnyEndpoint
from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.unavailable import is_unavailable
from tests.wire.calling import Answer
from tests.wire.coinex.account_scenes import desk_key
from tests.wire.coinex.all_scenes import SCENES, populate
from tests.wire.coinex.bench import Bench, Client

SIGNED = [endpoint for endpoint in ENDPOINTS if endpoint.access != "public" and not is_unavailable(endpoint)]
# Scenes that make something new each time, or need something made; the others may follow one another.
MAKING = [endpoint for endpoint in SIGNED if endpoint.method == "POST" or "/subs" in endpoint.path]
# Names are per account, and clients may choose equal ones; everything else that tells things apart counts.
_IDENTITIES = ("access_id", "secret_key", "user_id", "sub_user_name", "from_user_name", "to_user_name")


def identities(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Ids and names anywhere in an answer, each with the kind of thing that it stands for."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from identities(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from identities(each, name)
    elif isinstance(value, int) and not isinstance(value, bool):
        if name == "id" or name.endswith("_id"):
            yield "key" if name == "api_id" else "event", value
    elif value and name in _IDENTITIES:
        yield "name", value


async def everything_of(bench: Bench, client: Client) -> list[Answer]:
    """What `client` is told by every signed endpoint that lists or makes something."""
    answers = []
    for endpoint in SIGNED:
        if endpoint not in MAKING:
            bench.alice = client
            answers.append(await SCENES[endpoint.method, endpoint.path.removeprefix("/v2")][1](bench))
    answers.append(await client.get("/account/subs"))
    answers.append(await client.get("/account/subs/transfer-history"))
    answers.append(await client.get("/account/subs/api", sub_user_name=f"{client.user.name}-desk"))
    assert all(answer.code == 0 for answer in answers)
    return answers


async def test_no_answer_names_what_is_anothers(bench: Bench) -> None:
    alice, dave = bench.alice, await bench.client("dave")
    seen = {}
    for client in (dave, alice, dave):
        bench.alice = client
        await populate(bench)
        if client.user.name not in seen:
            await desk_key(bench)
        answers = await everything_of(bench, client)
        seen[client.user.name] = {pair for answer in answers for pair in identities(answer.json)}
    assert all(len({kind for kind, _ in found}) == 3 for found in seen.values()), seen
    assert all(len(found) > 8 for found in seen.values())
    assert not seen["alice"] & seen["dave"]


@pytest.mark.parametrize("endpoint", MAKING, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
async def test_each_scene_beside_a_stranger(bench: Bench, endpoint: AnyEndpoint) -> None:
    """The same request of two users: no id in common, however the answer is made."""
    ask = SCENES[endpoint.method, endpoint.path.removeprefix("/v2")][1]
    alice, dave = bench.alice, await bench.client("dave")
    found = []
    for client in (dave, alice):
        bench.alice = client
        await populate(bench)
        found.append(set(identities((await ask(bench)).json)))
    assert not found[0] & found[1]


async def test_foreign_ids_find_nothing(bench: Bench) -> None:
    dave = await bench.client("dave")
    await populate(bench)
    name, number = await desk_key(bench)
    order = (await bench.alice.get("/spot/pending-order", market_type="SPOT")).data[0]["order_id"]
    stop = (await bench.alice.get("/spot/pending-stop-order", market_type="SPOT")).data[0]["stop_id"]
    done = (await bench.alice.get("/spot/finished-order", market_type="SPOT")).data[0]["order_id"]
    spot: dict[str, Any] = {"market": "BTCUSDT", "market_type": "SPOT"}
    before = bench.fingerprint()
    for order_id in (order, done):
        assert (await dave.get("/spot/order-status", market="BTCUSDT", order_id=order_id)).code == 3600
        assert (await dave.post("/spot/cancel-order", order_id=order_id, **spot)).code == 3600
        assert (await dave.post("/spot/modify-order", order_id=order_id, amount="1", **spot)).code == 3600
        assert not (await dave.get("/spot/order-deals", order_id=order_id, **spot)).json["data"]
    assert (await dave.post("/spot/cancel-stop-order", stop_id=stop, **spot)).code == 3600
    assert (await dave.post("/spot/modify-stop-order", stop_id=stop, price="9", **spot)).code == 3600
    batch = (await dave.get("/spot/batch-order-status", market="BTCUSDT", order_ids=f"{order},{done}")).data
    assert [item["code"] for item in batch] == [3600, 3600]
    batch = (await dave.post("/spot/cancel-batch-order", market="BTCUSDT", order_ids=[order])).data
    assert [item["code"] for item in batch] == [3600]
    assert (await dave.get("/account/subs/api-detail", api_id=number)).code == 3639
    assert (await dave.post("/account/subs/delete-api", api_id=number)).code == 3639
    for client in (dave, bench.alice):  # a key of the main account is not one of a sub-account
        assert (await client.get("/account/subs/api-detail", api_id=bench.alice.key.id)).code == 3639
    for path in ("/account/subs/frozen", "/account/subs/unfrozen"):
        assert (await dave.post(path, sub_user_name=name)).code == 3639
    for path in ("/account/subs/api", "/account/subs/spot-balance"):
        assert (await dave.get(path, sub_user_name=name)).code == 3639
    take = {"from_account_type": "SPOT", "to_account_type": "SPOT", "from_user_name": name}
    assert (await dave.post("/account/subs/transfer", ccy="USDT", amount="1", **take)).code == 3639
    assert bench.fingerprint() == before
    assert (await bench.alice.get("/account/subs/api-detail", api_id=number)).code == 0
