"""Standing: who may come in and who may trade, kept in two places that must agree.

The accounts know whose keys work, the core whose money moves. What the operator says of a main account
holds for its sub-accounts too; a sub-account that its owner has frozen cannot trade besides. To bar someone
the accounts are written first, to let them in again the core is: whatever a crash leaves half done, the next
start finds them barred.
"""

import asyncio
from typing import Final

from openbourse.accounts.records import User
from openbourse.core.commands import AnyCommand, SetUserStatus, UserStatus
from openbourse.venue.venue import Venue, accepted

_BY_STRICTNESS: Final[tuple[UserStatus, ...]] = ("active", "no_trading", "frozen")


def standing_of(venue: Venue, user: User) -> UserStatus:
    """What the core should say of a user, by the accounts and by the standing of the main account."""
    if user.suspended or (user.status == "frozen" and not user.parent):
        return "frozen"
    terms = venue.exchange.user_terms(user.parent or user.id)
    told: UserStatus = "active" if terms is None else terms.status
    return _with_owner(user, told)


async def set_standing(venue: Venue, user: User, status: UserStatus) -> None:
    """The operator's word on a main account and all of its sub-accounts. No key of a frozen one works.

    Raises AccountsError, Refusal.
    """
    if status == "frozen":
        await asyncio.to_thread(venue.accounts.edit_user, user.id, status="frozen")
    now = venue.now()
    commands: list[AnyCommand] = [SetUserStatus(now, user.id, status)]
    commands += [
        SetUserStatus(now, member.id, _with_owner(member, status))
        for member in venue.accounts.users(user.id)
        if venue.exchange.user_terms(member.id) is not None
    ]
    for events in await venue.submit_all(commands):
        accepted(events)
    if status != "frozen":
        await asyncio.to_thread(venue.accounts.edit_user, user.id, status="active")
    for member in venue.accounts.users(user.id):
        await settle(venue, member)


async def settle(venue: Venue, user: User) -> None:
    """Tell the core once more what it should say of a sub-account, where changes have overlapped."""
    user = venue.accounts.user(user.id)
    terms = venue.exchange.user_terms(user.id)
    wanted = standing_of(venue, user)
    if terms is not None and terms.status != wanted:
        accepted(await venue.submit(SetUserStatus(venue.now(), user.id, wanted)))


def is_stricter(one: UserStatus, other: UserStatus) -> bool:
    return _BY_STRICTNESS.index(one) > _BY_STRICTNESS.index(other)


def _with_owner(user: User, told: UserStatus) -> UserStatus:
    """The stricter of what the operator says of the main account, and its owner of this sub-account."""
    if user.parent and user.status == "frozen" and told == "active":
        return "no_trading"
    return told
