"""Transfers between the wallets of one user."""

import secrets

from openbourse.accounts.records import User
from openbourse.core.commands import Transfer
from openbourse.venue.sub_accounts import check_granted
from openbourse.venue.venue import Venue, accepted


async def transfer_own(venue: Venue, user: User, source: str, target: str, asset: str, amount: int) -> None:
    """Move money between two wallets. Raises Refusal, and NotGrantedError for a sub-account.

    The futures wallet is an account like any other: what lies in it can be seen and moved back, whether
    contracts are traded or not.
    """
    if "futures" in (source, target):
        check_granted(user, "futures")
    if source.startswith("margin:") or target.startswith("margin:"):
        check_granted(user, "margin")
    key = f"own-{secrets.token_hex(12)}"
    command = Transfer(venue.now(), key, user.id, source, user.id, target, asset, amount)
    accepted(await venue.submit(command))
