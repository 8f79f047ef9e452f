"""Scenes of money that comes and goes: deposit addresses, deposits, withdrawals.

The answers shown are those of reference/coinex/account-assets.md B13 to B18.
"""

from openbourse.core.units import MONEY_UNIT
from openbourse.venue.funds import Funds
from tests.wire.calling import Answer
from tests.wire.coinex.bench import TRC20, Bench, address_outside
from tests.wire.coinex.samples import sample
from tests.wire.coinex.scenes import read, scene, trade

ADDRESS = {"address": "TQx3Vb6mYh1s9Zk2cF8pRwN4uJ7eLdGaXo", "memo": ""}
DEPOSIT = """{"deposit_id":880421,"created_at":1762444700120,
"tx_id":"4f1c0d9e77aa3b5c2e8f60719a4d3c2b1e0f9a8b7c6d5e4f30213243546576af","tx_id_display":"",
"ccy":"USDT","chain":"TRC20","deposit_method":"on_chain","amount":"1500","actual_amount":"1500",
"to_address":"TQx3Vb6mYh1s9Zk2cF8pRwN4uJ7eLdGaXo","confirmations":20,"status":"finished",
"tx_explorer_url":"","to_addr_explorer_url":"","remark":""}"""
WITHDRAWAL = """{"withdraw_id":640118,"created_at":1762444850333,"withdraw_method":"on_chain","ccy":"USDT",
"amount":"252.4","actual_amount":"250","chain":"TRC20","memo":"","tx_fee":"2.4","fee_ccy":"USDT",
"fee_asset":"USDT","fee_amount":"2.4","tx_id":"","to_address":"TY7nQ2vK8sWb4dRj9mZcX1fLpHg5eUaTo3",
"confirmations":0,"explorer_address_url":"","explorer_tx_url":"","status":"audit_required","remark":""}"""

PLACE = {"ccy": "USDT", "chain": TRC20.name}
OUT = PLACE | {"to_address": address_outside(), "amount": "250"}


async def withdrawal(bench: Bench, **changes: object) -> Answer:
    """Ask for a withdrawal to an address that is on the list."""
    bench.allow(bench.alice, address_outside())
    return await bench.treasurer(bench.alice).post("/assets/withdraw", **(OUT | changes))


async def arrival(bench: Bench, amount: str = "1500") -> str:
    """Pay to alice on the chain; the transaction."""
    address = await Funds(bench.venue).deposit_address(bench.alice.user.id, "USDT", TRC20.name)
    return bench.chain.pay(address.address, address.memo, "USDT", int(amount) * MONEY_UNIT)


read("/assets/deposit-address", ADDRESS, **PLACE)
trade("/assets/renewal-deposit-address", ADDRESS, **PLACE)


@scene("GET", "/assets/deposit-history", [sample(DEPOSIT)])
async def _(bench: Bench) -> Answer:
    await arrival(bench)
    await bench.blocks(2)
    return await bench.alice.get("/assets/deposit-history", ccy="USDT", page=1, limit=10)


@scene("POST", "/assets/withdraw", sample(WITHDRAWAL))
async def _(bench: Bench) -> Answer:
    return await withdrawal(bench)


@scene("POST", "/assets/cancel-withdraw", {})
async def _(bench: Bench) -> Answer:
    number = (await withdrawal(bench)).data["withdraw_id"]
    return await bench.treasurer(bench.alice).post("/assets/cancel-withdraw", withdraw_id=number)


@scene("GET", "/assets/withdraw", [sample(WITHDRAWAL)])
async def _(bench: Bench) -> Answer:
    assert (await withdrawal(bench)).code == 0
    return await bench.alice.get("/assets/withdraw", ccy="USDT")
