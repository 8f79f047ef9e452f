"""Who may call what: every signed endpoint with every kind of key gets the code that the reference names.

Rules: reference/coinex/conventions.md §2.6, §2.7; account-assets.md, index and "Sub-accounts"; written
down here once more, so that the table of endpoints is not judged by itself.
"""

import pytest

from openbourse.accounts.accounts import KEY_LIFE_MS
from openbourse.accounts.records import Permission
from openbourse.venue.fund_operations import FundOperations
from openbourse.wire.coinex.endpoints import ENDPOINTS
from tests.wire.coinex.bench import Bench, Client

SIGNED: list[tuple[str, str]] = [
    (endpoint.method, endpoint.path.removeprefix("/v2"))
    for endpoint in ENDPOINTS
    if endpoint.access != "public"
]
PUBLIC_PREFIXES = ("/ping", "/time", "/maintain")

UNKNOWN_KEY, WRONG_SIGNATURE, FOREIGN_ADDRESS, FORBIDDEN = 4005, 4006, 4007, 4011
KEY_LACKS_PERMISSION, SUB_LACKS_PERMISSION = 158, 4512
AT_THE_DOOR = {UNKNOWN_KEY, WRONG_SIGNATURE, FOREIGN_ADDRESS, 4008, 4009, 4010, FORBIDDEN}
AT_THE_DOOR |= {KEY_LACKS_PERMISSION, SUB_LACKS_PERMISSION}

# §2.7: all POSTs need a trading key, but for withdrawals and for a new deposit address.
WITHDRAWALS = {("POST", "/assets/withdraw"), ("POST", "/assets/cancel-withdraw")}
READING_POSTS = {("POST", "/assets/renewal-deposit-address")}
MAIN_ONLY = {
    ("POST", "/account/subs"),
    ("GET", "/account/subs"),
    ("POST", "/account/subs/frozen"),
    ("POST", "/account/subs/unfrozen"),
    ("POST", "/account/subs/api"),
    ("GET", "/account/subs/api"),
    ("GET", "/account/subs/api-detail"),
    ("POST", "/account/subs/edit-api"),
    ("POST", "/account/subs/delete-api"),
    ("POST", "/account/subs/transfer"),
}

Codes = dict[tuple[str, str], int]


def needs_trading(endpoint: tuple[str, str]) -> bool:
    return endpoint[0] == "POST" and endpoint not in WITHDRAWALS | READING_POSTS


def module_of(path: str) -> Permission | None:
    """What a sub-account must have been granted for this."""
    if path.startswith("/futures/"):
        return "futures"
    if path in ("/assets/margin/borrow", "/assets/margin/repay"):
        return "margin"
    if path in ("/assets/margin/borrow-history", "/assets/margin/interest-limit"):
        return "margin"
    if path in ("/assets/amm/add-liquidity", "/assets/amm/remove-liquidity", "/assets/amm/income-history"):
        return "amm"
    return None


def everywhere(code: int) -> Codes:
    return dict.fromkeys(SIGNED, code)


def refused_where(code: int, refused: set[tuple[str, str]]) -> Codes:
    return {endpoint: code if endpoint in refused else 0 for endpoint in SIGNED}


TRADING = {endpoint for endpoint in SIGNED if needs_trading(endpoint)}


async def ask(client: Client, method: str, path: str, **more: str) -> int:
    """The code of a request without parameters, 0 when it got through the door."""
    body = b"{}" if method == "POST" else b""
    headers = client.headers(method, f"/v2{path}", body) | more
    answer = await client.bench.call(method, f"/v2{path}", body, headers)
    assert answer.status == 200
    if answer.code:
        assert answer.json["data"] == {}
    return answer.code if answer.code in AT_THE_DOOR else 0


async def codes(client: Client, **more: str) -> Codes:
    return {(method, path): await ask(client, method, path, **more) for method, path in SIGNED}


async def sub_account(bench: Bench, *permissions: Permission, trade: bool = True) -> Client:
    owner = bench.alice.user
    user = bench.venue.accounts.create_user(
        "desk", now=bench.clock.now(), parent=owner.id, permissions=permissions
    )
    await bench.operations.open_missing_users()
    return Client(bench, user, bench.operations.add_key(user, "coinex", trade_allowed=trade))


def test_there_is_something_to_judge() -> None:
    """No endpoint escapes the matrix by being called public."""
    assert len(SIGNED) > 90
    assert set(SIGNED) >= MAIN_ONLY
    public = {endpoint.path.removeprefix("/v2") for endpoint in ENDPOINTS if endpoint.access == "public"}
    of_accounts = {path for path in public if path.startswith(("/account", "/refer", "/assets"))}
    assert of_accounts == {
        "/assets/all-deposit-withdraw-config",
        "/assets/amm/liquidity-pool",
        "/assets/deposit-withdraw-config",
        "/assets/info",
    }
    rest = {path for path in public - of_accounts if not path.startswith(PUBLIC_PREFIXES)}
    assert {path.split("/")[2] for path in rest} == {
        *("market", "ticker", "depth", "deals", "kline", "index"),
        *("funding-rate", "funding-rate-history", "premium-index-history"),
        *("basis-history", "position-level", "liquidation-history"),
    }


async def test_no_key(bench: Bench) -> None:
    got = {}
    for method, path in SIGNED:
        got[method, path] = (await bench.call(method, f"/v2{path}")).code
    assert got == everywhere(UNKNOWN_KEY)


async def test_a_wrong_key(bench: Bench) -> None:
    assert await codes(bench.alice, **{"X-COINEX-KEY": "F" * 32}) == everywhere(UNKNOWN_KEY)


async def test_a_wrong_signature(bench: Bench) -> None:
    other = bench.bob.key
    impostor = Client(bench, bench.alice.user, other)
    assert await codes(impostor, **{"X-COINEX-KEY": bench.alice.key.key_id}) == everywhere(WRONG_SIGNATURE)


async def test_a_reading_key(bench: Bench) -> None:
    reader = await bench.client("reader", trade_allowed=False)
    assert await codes(reader) == refused_where(KEY_LACKS_PERMISSION, TRADING | (WITHDRAWALS & set(SIGNED)))


async def test_a_trading_key(bench: Bench) -> None:
    assert await codes(bench.alice) == refused_where(KEY_LACKS_PERMISSION, WITHDRAWALS & set(SIGNED))


async def test_a_withdrawing_key(bench: Bench) -> None:
    treasurer = await bench.client("treasurer", trade_allowed=False, withdraw_allowed=True)
    assert await codes(treasurer) == refused_where(KEY_LACKS_PERMISSION, TRADING)


async def test_the_key_of_a_sub_account(bench: Bench) -> None:
    """It may trade in the modules that it was granted, and never withdraw or govern accounts."""
    desk = await sub_account(bench, "futures", "margin", "amm", "api")
    expected = refused_where(SUB_LACKS_PERMISSION, MAIN_ONLY)
    expected |= dict.fromkeys(WITHDRAWALS & set(SIGNED), KEY_LACKS_PERMISSION)
    assert await codes(desk) == expected


@pytest.mark.parametrize("granted", ["futures", "margin", "amm"])
async def test_the_permissions_of_a_sub_account(bench: Bench, granted: Permission) -> None:
    desk = await sub_account(bench, granted, "api")
    refused = MAIN_ONLY | {called for called in SIGNED if module_of(called[1]) not in (None, granted)}
    if granted != "futures":
        refused |= {("POST", "/account/futures-market-settings")}
    expected = refused_where(SUB_LACKS_PERMISSION, refused)
    expected |= dict.fromkeys(WITHDRAWALS & set(SIGNED), KEY_LACKS_PERMISSION)
    assert await codes(desk) == expected


async def test_a_reading_key_of_a_sub_account(bench: Bench) -> None:
    desk = await sub_account(bench, "futures", "margin", "amm", "api", trade=False)
    expected = refused_where(SUB_LACKS_PERMISSION, MAIN_ONLY)
    expected |= dict.fromkeys(TRADING | (WITHDRAWALS & set(SIGNED)), KEY_LACKS_PERMISSION)
    assert await codes(desk) == expected


async def test_the_key_of_a_frozen_sub_account(bench: Bench) -> None:
    desk = await sub_account(bench, "api")
    assert (await bench.alice.post("/account/subs/frozen", sub_user_name="desk")).code == 0
    assert await codes(desk) == everywhere(FORBIDDEN)
    assert (await bench.alice.post("/account/subs/unfrozen", sub_user_name="desk")).code == 0
    assert (await desk.get("/account/subs/info")).code == 0


async def test_keys_of_a_main_account_that_the_operator_froze(bench: Bench) -> None:
    """Nor do those of its sub-accounts work, whoever made them, until it is let in again."""
    desk = await sub_account(bench, "api")
    operator = FundOperations(bench.venue)
    await operator.set_user_status(bench.alice.user, "frozen")
    assert await codes(desk) == everywhere(FORBIDDEN)
    assert await codes(bench.alice) == everywhere(FORBIDDEN)
    assert (await bench.bob.get("/account/info")).code == 0
    await operator.set_user_status(bench.alice.user, "active")
    assert (await desk.get("/account/subs/info")).code == 0


async def test_an_expired_key(bench: Bench) -> None:
    bench.clock.time += KEY_LIFE_MS - 1
    assert (await bench.alice.get("/account/info")).code == 0
    bench.clock.time += 1
    assert await codes(bench.alice) == everywhere(UNKNOWN_KEY)


async def test_a_revoked_key(bench: Bench) -> None:
    bench.venue.accounts.revoke_key(bench.alice.key.id)
    assert await codes(bench.alice) == everywhere(UNKNOWN_KEY)


async def test_a_foreign_address(bench: Bench) -> None:
    bound = await bench.client("bound", allow_list=["10.1.0.0/16", "2001:db8::7"])
    assert await codes(bound) == everywhere(FOREIGN_ADDRESS)
    headers = bound.headers("GET", "/v2/account/info", b"")
    for address, code in (("10.1.2.3", 0), ("2001:db8::7", 0), ("10.2.0.1", FOREIGN_ADDRESS)):
        answer = await bench.call("GET", "/v2/account/info", headers=headers, client_ip=address)
        assert answer.code == code, address


async def test_the_foreign_protocols_key(bench: Bench) -> None:
    other = Client(bench, bench.alice.user, bench.operations.add_key(bench.alice.user, "coinw"))
    assert await codes(other) == everywhere(UNKNOWN_KEY)


async def test_what_is_refused_changes_nothing(bench: Bench) -> None:
    before, sequence = bench.fingerprint(), bench.venue.exchange.sequence
    reader = Client(
        bench, bench.bob.user, bench.operations.add_key(bench.bob.user, "coinex", trade_allowed=False)
    )
    await codes(reader)
    assert (bench.fingerprint(), bench.venue.exchange.sequence) == (before, sequence)
