"""Scenes of the account half: sub-accounts, transfers, balances, statement, referrals.

The answers shown are those of reference/coinex/account-assets.md A1-A14, A18, A19, B2-B8, B22, B23, and
conventions.md §10.
"""

from openbourse.wire.coinex import referral
from tests.wire.calling import Answer
from tests.wire.coinex.bench import Bench
from tests.wire.coinex.samples import BALANCE, sample
from tests.wire.coinex.scenes import read, scene, trade

SUB = """{"sub_user_name":"mm-desk1","is_frozen":false,"is_authorized":false,
"permissions":["FUTURES","MARGIN","API"],"balance_usd":"152340.77"}"""
LISTED_KEY = """{"api_id":90417,"created_at":1762444812345,"access_id":"B7E0C1D2A3948576B7E0C1D2A3948576",
"ip_whitelist":["203.0.113.7"],"trade_enabled":true,"withdraw_enabled":false,"is_expired":false,
"expires_at":0,"remark":"quoting bot"}"""
KEY = sample(LISTED_KEY, secret_key="0A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F6071")
SUB_TRANSFER = """{"id":71203,"created_at":1762444820001,"from_user_name":"","to_user_name":"mm-desk1",
"from_account_type":"SPOT","to_account_type":"FUTURES","ccy":"USDT","amount":"5000","status":"finished"}"""
FUTURES = """{"ccy":"USDT","available":"4120.5","frozen":"310.25","margin":"980.4",
"unrealized_pnl":"-12.75","transferrable":"4120.5","equity":"5411.15"}"""
CREDIT = """{"equity":"1000","repaid":"0","risk_rate":"","withdrawal_risk":"0","withdrawal_value":"1000"}"""
ENTRY = """{"balance":"21450.733104","ccy":"USDT","change":"-50.62","created_at":1762444833210,
"type":"trade"}"""
TRANSFER = """{"id":551207,"margin_market":"","created_at":1762444800460,"from_account_type":"SPOT",
"to_account_type":"FUTURES","ccy":"USDT","amount":"250.5","status":"finished"}"""


def desk_of(bench: Bench) -> str:
    """The name of the sub-account that the scenes play with."""
    return f"{bench.alice.user.name}-desk"


async def desk(bench: Bench) -> str:
    """That sub-account, with 5,000 USDT in spot and as many in futures."""
    name = desk_of(bench)
    assert (await bench.alice.post("/account/subs", sub_user_name=name, remark="market making")).code == 0
    for account_type in ("SPOT", "FUTURES"):
        given = {"from_account_type": "SPOT", "to_account_type": account_type, "to_user_name": name}
        answer = await bench.alice.post("/account/subs/transfer", ccy="USDT", amount="5000", **given)
        assert answer.code == 0
    return name


async def desk_key(bench: Bench) -> tuple[str, int]:
    name = await desk(bench)
    answer = await bench.alice.post(
        "/account/subs/api", sub_user_name=name, ip_whitelist=["203.0.113.7"], trade_enabled=True
    )
    return name, int(answer.data["api_id"])


@scene("POST", "/account/subs", {})
async def _(bench: Bench) -> Answer:
    permissions = ["FUTURES", "MARGIN", "API"]
    name = desk_of(bench)
    return await bench.alice.post("/account/subs", sub_user_name=name, permissions=permissions, remark="x")


@scene("GET", "/account/subs", [sample(SUB)])
async def _(bench: Bench) -> Answer:
    await desk(bench)
    return await bench.alice.get("/account/subs", page=1, limit=10)


@scene("POST", "/account/subs/frozen", {})
async def _(bench: Bench) -> Answer:
    return await bench.alice.post("/account/subs/frozen", sub_user_name=await desk(bench))


@scene("POST", "/account/subs/unfrozen", {})
async def _(bench: Bench) -> Answer:
    return await bench.alice.post("/account/subs/unfrozen", sub_user_name=await desk(bench))


read("/account/subs/info", {"user_type": "NORMAL", "sub_user_name": ""})


@scene("POST", "/account/subs/api", KEY)
async def _(bench: Bench) -> Answer:
    name = await desk(bench)
    return await bench.alice.post(
        "/account/subs/api",
        sub_user_name=name,
        ip_whitelist=["203.0.113.7"],
        trade_enabled=True,
        remark="quoting bot",
    )


@scene("GET", "/account/subs/api", [sample(LISTED_KEY)])
async def _(bench: Bench) -> Answer:
    name, _ = await desk_key(bench)
    return await bench.alice.get("/account/subs/api", sub_user_name=name)


@scene("GET", "/account/subs/api-detail", KEY)
async def _(bench: Bench) -> Answer:
    _, number = await desk_key(bench)
    return await bench.alice.get("/account/subs/api-detail", api_id=number)


@scene("POST", "/account/subs/edit-api", KEY)
async def _(bench: Bench) -> Answer:
    name, number = await desk_key(bench)
    return await bench.alice.post("/account/subs/edit-api", sub_user_name=name, api_id=number, can_trade=True)


@scene("POST", "/account/subs/delete-api", {})
async def _(bench: Bench) -> Answer:
    _, number = await desk_key(bench)
    return await bench.alice.post("/account/subs/delete-api", api_id=number)


@scene("GET", "/account/subs/balance", [sample(FUTURES)])
async def _(bench: Bench) -> Answer:
    name = await desk(bench)
    return await bench.alice.get("/account/subs/balance", sub_user_name=name, market_type="FUTURES")


@scene("GET", "/account/subs/spot-balance", [sample(BALANCE)])
async def _(bench: Bench) -> Answer:
    return await bench.alice.get("/account/subs/spot-balance", sub_user_name=await desk(bench))


@scene("POST", "/account/subs/transfer", {})
async def _(bench: Bench) -> Answer:
    given = {"from_account_type": "SPOT", "to_account_type": "SPOT", "from_user_name": await desk(bench)}
    return await bench.alice.post("/account/subs/transfer", ccy="USDT", amount="12.5", **given)


@scene("GET", "/account/subs/transfer-history", [sample(SUB_TRANSFER)])
async def _(bench: Bench) -> Answer:
    return await bench.alice.get("/account/subs/transfer-history", sub_user_name=await desk(bench))


INTO_FUTURES = {"from_account_type": "SPOT", "to_account_type": "FUTURES", "ccy": "USDT", "amount": "250.5"}

read("/account/futures-market-settings", {"settle_switch": 2, "position_mode": "one_way"})
trade("/account/futures-market-settings", {}, settle_switch=1)
trade("/assets/transfer", {}, **INTO_FUTURES)


@scene("GET", "/assets/futures/balance", [sample(FUTURES)])
async def _(bench: Bench) -> Answer:
    assert (await bench.alice.post("/assets/transfer", **INTO_FUTURES)).code == 0
    return await bench.alice.get("/assets/futures/balance")


@scene("GET", "/assets/transfer-history", [sample(TRANSFER)])
async def _(bench: Bench) -> Answer:
    assert (await bench.alice.post("/assets/transfer", **INTO_FUTURES)).code == 0
    return await bench.alice.get("/assets/transfer-history", ccy="USDT", transfer_type="FUTURES")


# Accounts that nobody can have yet: no margin, no savings, no pools, no loans.
read("/assets/margin/balance", [])
read("/assets/financial/balance", [])
read("/assets/amm/liquidity", [])
read("/assets/credit/balance", [])
read("/assets/credit/info", sample(CREDIT))
read("/assets/spot/transcation-history", [sample(ENTRY)], type="trade")
read("/assets/spot/transaction-history", [sample(ENTRY)], type="trade")
for endpoint in referral.ENDPOINTS:
    read(endpoint.path.removeprefix("/v2"), [])
