"""A sandbox venue whose wallet moves only when a test says so, on a clock that a test holds."""

from decimal import Decimal
from pathlib import Path

import msgspec
from sqlalchemy import true

from openbourse.core.commands import Deposit
from openbourse.core.decimals import scaled
from openbourse.core.events import DepositState, WithdrawalState
from openbourse.core.invariants import violations
from openbourse.core.units import MONEY_DECIMALS
from openbourse.venue.funds import Funds, WithdrawalRequest
from openbourse.venue.operations import Operations
from openbourse.venue.options import VenueOptions
from openbourse.venue.venue import Venue, accepted
from openbourse.wallet.address_formats import format_of
from openbourse.wallet.allow_list import AllowedAddress
from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from openbourse.wallet.simulated_chain import BLOCK_MS, SimulatedChain

START = 1_790_000_000_000
CHAIN = "TRC20"


def money(text: str) -> int:
    return scaled(Decimal(text), MONEY_DECIMALS)


class Clock:
    def __init__(self, now: int = START) -> None:
        self.time = now

    def now(self) -> int:
        return self.time


USDT = AssetSpec("USDT", "Tether", (ChainSpec(CHAIN, money("1"), money("2"), money("1"), 6, 2, 4),))
XRP = AssetSpec("XRP", "XRP", (ChainSpec("XRP", 0, 0, 0, 6, 1, 2, memo_required=True),))


def address_outside(number: int = 1) -> str:
    """Somebody's address on the chain, outside of the venue."""
    return format_of(CHAIN).encode(bytes([number]) * 32)


class Desk:
    """`ann` has money and may send it to `address_outside()` and to bob."""

    def __init__(self, venue: Venue, clock: Clock) -> None:
        self.venue = venue
        self.clock = clock
        self.funds = Funds(venue)

    @classmethod
    async def open(cls, path: Path, clock: Clock | None = None) -> "Desk":
        clock = clock or Clock()
        options = VenueOptions(path, mode="sandbox", wallet_every_seconds=3600)
        desk = cls(Venue.open(options, clock), clock)
        await desk.venue.start()
        await desk.venue.wallet.stop()
        if desk.venue.accounts.user_by_name("ann") is None:
            await desk._furnish()
        return desk

    async def _furnish(self) -> None:
        operations = Operations(self.venue)
        operations.add_asset(USDT)
        operations.add_asset(XRP)
        for name in ("ann", "bob"):
            await operations.add_user(name)
        allow = self.venue.wallet.allow_list
        allow.add(self.ann, AllowedAddress(CHAIN, address_outside()))
        allow.add(self.ann, AllowedAddress("", "bob"))

    @property
    def ann(self) -> int:
        return self.user("ann")

    @property
    def bob(self) -> int:
        return self.user("bob")

    def user(self, name: str) -> int:
        found = self.venue.accounts.user_by_name(name)
        assert found is not None
        return found.id

    @property
    def chain(self) -> SimulatedChain:
        found = self.venue.wallet.chains.get(CHAIN)
        assert isinstance(found, SimulatedChain)
        return found

    async def close(self) -> None:
        assert violations(self.venue.exchange) == []
        await self.venue.stop()

    async def blocks(self, count: int = 1) -> None:
        """Let blocks come, one by one, and the wallet look at each."""
        for _ in range(count):
            self.clock.time += BLOCK_MS
            await self.venue.wallet.step()

    async def endow(self, user: int, amount: str, asset: str = "USDT") -> None:
        command = Deposit(self.venue.now(), f"{user}-{asset}-{amount}", user, asset, money(amount))
        accepted(await self.venue.submit(command))

    def change(self, **fields: object) -> None:
        """Other terms of USDT on its chain."""
        [chain] = USDT.chains
        self.venue.assets.put(
            msgspec.structs.replace(USDT, chains=(msgspec.structs.replace(chain, **fields),))
        )

    def balance(self, user: int, asset: str = "USDT") -> tuple[int, int]:
        return self.venue.exchange.balances(user, "spot").get(asset, (0, 0))

    async def withdraw(self, amount: str = "10") -> WithdrawalState:
        request = WithdrawalRequest(
            asset="USDT", amount=money(amount), address=address_outside(), chain=CHAIN
        )
        return await self.funds.submit_withdrawal(self.ann, request)

    async def withdrawal(self, number: int) -> WithdrawalState:
        found = await self.funds.withdrawal(self.ann, number)
        assert found is not None
        return found

    async def deposits(self) -> list[DepositState]:
        """Those of ann that came by chain, newest first."""
        found = await self.funds.deposits(self.ann, limit=100)
        return [deposit for deposit in found.rows if deposit.method == "on_chain"]

    def payments(self) -> list[str]:
        """The references of everything that was ever sent."""
        rows = self.chain._rows(true())
        return [row.reference for row in rows if row.reference]
