"""On what terms a currency comes in and goes out over this protocol, which knows no chains."""

from typing import NamedTuple

from openbourse.core.units import MAX_MONEY
from openbourse.venue.directory import Directory
from openbourse.wallet.catalogue import AssetSpec, ChainSpec


class Terms(NamedTuple):
    """`least`, `most` and `fee` are money of the currency; the fee is part of the amount asked for.

    `chain` is the one on which all withdrawals over this protocol travel, None for a currency without any.
    """

    chain: ChainSpec | None
    least: int
    most: int
    fee: int
    deposit_enabled: bool
    withdraw_enabled: bool


def terms_of(directory: Directory, asset: AssetSpec) -> Terms:
    """Those of the currency's first chain: there is one answer for each currency, and it has to hold."""
    if not asset.chains:
        return Terms(None, 0, 0, 0, False, False)
    chain = asset.chains[0]
    fee = chain.withdrawal_fee
    connected = directory.is_connected(chain.name)
    withdraw = asset.withdraw_enabled and chain.withdraw_enabled and directory.withdrawals_enabled
    return Terms(
        chain=chain,
        least=chain.min_withdrawal + fee,
        most=MAX_MONEY if asset.daily_limit is None else asset.daily_limit + fee,
        fee=fee,
        deposit_enabled=connected and asset.deposit_enabled and chain.deposit_enabled,
        withdraw_enabled=connected and withdraw,
    )
