"""On what terms a currency comes in and goes out over this protocol, which knows no chains."""

from typing import NamedTuple

from openbourse.core.units import MAX_MONEY
from openbourse.wallet.catalogue import AssetSpec, ChainSpec


class Terms(NamedTuple):
    """`least`, `most` and `fee` are money of the currency; the fee is part of the amount asked for."""

    chain: ChainSpec | None
    least: int
    most: int
    fee: int
    deposit_enabled: bool
    withdraw_enabled: bool


def terms_of(asset: AssetSpec, *, withdrawals: bool) -> Terms:
    """Those of the first chain, on which all withdrawals of the currency travel that name none.

    `withdrawals` says whether the operator lets any out over this protocol.
    """
    deposits = asset.deposit_enabled and any(chain.deposit_enabled for chain in asset.chains)
    if not asset.chains:
        return Terms(None, 0, 0, 0, deposits, False)
    chain = asset.chains[0]
    fee = chain.withdrawal_fee
    enabled = withdrawals and asset.withdraw_enabled and chain.withdraw_enabled
    return Terms(chain, chain.min_withdrawal + fee, MAX_MONEY, fee, deposits, enabled)
