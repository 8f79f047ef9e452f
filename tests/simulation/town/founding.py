"""How the town begins: markets, assets, people with keys and money. Made once per process, then copied."""

import asyncio
import atexit
import shutil
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from openbourse.accounts.records import Protocol, User
from openbourse.core.commands import MarketSpec
from openbourse.core.units import MONEY_UNIT, RATE_STEP, UNIT
from openbourse.log.data_directory import DataDirectory
from openbourse.venue.operations import Operations
from openbourse.venue.sub_accounts import SubAccounts
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from tests.core.dice import Dice
from tests.simulation.machine import BEGINNING_MS
from tests.simulation.town.chain import IRREVERSIBLE, NAME, SAFE, OutsideChain
from tests.simulation.town.coinex_caller import Credentials
from tests.simulation.town.customer import NEIGHBOUR
from tests.simulation.town.life import Life

FUNDS = {"BTC": 3, "USDT": 300, "CET": 4000}
CENT = MONEY_UNIT // 100
CHAIN = ChainSpec(
    NAME,
    min_deposit=30 * CENT,
    min_withdrawal=10 * CENT,
    withdrawal_fee=CENT,
    withdrawal_precision=6,
    safe_confirmations=SAFE,
    irreversible_confirmations=IRREVERSIBLE,
)
ASSETS = [AssetSpec(name, name, (CHAIN,), review_above=250 * CENT, daily_limit=6000 * CENT) for name in FUNDS]
_RATES = (1000 * RATE_STEP, 2000 * RATE_STEP)
MARKETS = [
    MarketSpec("BTCUSDT", "BTC", "USDT", 4, 1, UNIT // 1000, *_RATES),
    MarketSpec("CETUSDT", "CET", "USDT", 2, 4, UNIT, *_RATES),
    MarketSpec("CETBTC", "CET", "BTC", 2, 6, UNIT, *_RATES),
]


class Town(NamedTuple):
    """Who lives there; `outside` is an address that everybody may withdraw to."""

    coinex: list[Credentials]
    coinw: list[Credentials]
    outside: str


def found(target: Path) -> Town:
    """A data directory at `target` in which the town begins."""
    folder, town = _founded()
    shutil.copytree(folder, target)
    return town


@cache
def _founded() -> tuple[Path, Town]:
    folder = Path(tempfile.mkdtemp(prefix="simulated-town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    dice, counts = Dice(0), Counter[str]()
    chain = OutsideChain(dice, counts, lambda: BEGINNING_MS)
    directory = DataDirectory(folder / "town")
    life = Life(directory, folder / "remains", chain, dice, counts, moment=0.0, cut=None)
    towns: list[Town] = []

    async def settle() -> None:
        towns.append(await _settle(life))

    assert life.run(lambda: None, settle)
    (directory.path / "lock").unlink(missing_ok=True)
    return directory.path, towns[0]


async def _settle(life: Life) -> Town:
    operations = Operations(life.venue)
    for asset in ASSETS:
        operations.add_asset(asset)
    for market in MARKETS:
        await operations.add_market(market)
    await operations.set_fee_token("CET", UNIT // 5)
    outside = format_of(NAME).encode(bytes([7]) * 32)

    async def settler(name: str, protocol: Protocol) -> tuple[User, Credentials]:
        user = await operations.add_user(name)
        for asset, amount in FUNDS.items():
            await operations.deposit(user, asset, amount * MONEY_UNIT)
        life.venue.wallet.allow_list.add(user.id, AllowedAddress(NAME, outside))
        life.venue.wallet.allow_list.add(user.id, AllowedAddress("", NEIGHBOUR))
        key = operations.add_key(user, protocol, withdraw_allowed=True, never_expires=True)
        return user, Credentials(user.id, key.key_id, key.secret)

    ann, first = await settler("ann", "coinex")
    _, second = await settler(NEIGHBOUR, "coinex")
    carol, third = await settler("carol", "coinex")
    _, fourth = await settler("dave", "coinw")
    await SubAccounts(life.venue).create(ann, "kid")
    await operations.set_fee_discount(carol, enabled=True)
    await asyncio.sleep(1)
    return Town([first, second, third], [fourth], outside)
