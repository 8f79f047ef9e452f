"""Batch answers: one item per sub-request, in request order, each failing by itself (spot.md §3.5)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec import Raw

from openbourse.accounts.errors import AccountsError, NotGrantedError, SubAccountFrozenError
from openbourse.core.events import Refused
from openbourse.core.refusal import Refusal
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.errors import ApiError, Code, of_refusal

R = TypeVar("R")
S = TypeVar("S")


def api_error(refusal: Refusal, market: str = "") -> ApiError:
    """A refusal of the core in the protocol's words; `market` is the one that the client named."""
    return of_refusal(Refused(refusal.reason, refusal.detail), market)


def of_account(error: AccountsError) -> ApiError:
    """What users and keys may not have or do, in the protocol's words (account-assets.md A1 to A14)."""
    if isinstance(error, NotGrantedError):
        return ApiError(Code.SUB_ACCOUNT_LACKS_PERMISSION)
    if isinstance(error, SubAccountFrozenError):
        return ApiError(Code.SUB_ACCOUNT_TRANSFER_REFUSED)
    return ApiError(Code.INVALID_PARAMETER)


async def batch(
    requests: Sequence[R | ApiError],
    carry_out: Callable[[list[R]], Awaitable[list[S | Refusal]]],
    show: Callable[[S], object],
    item: Callable[[object], Raw] = envelope.item,
) -> bytes:
    """Carry out the requests that could be read, together, and answer all of them in their order."""
    readable = [request for request in requests if not isinstance(request, ApiError)]
    results = iter(await carry_out(readable) if readable else [])
    items: list[Raw] = []
    for request in requests:
        outcome = request if isinstance(request, ApiError) else next(results)
        if isinstance(outcome, Refusal):
            outcome = api_error(outcome)
        items.append(envelope.failed_item(outcome) if isinstance(outcome, ApiError) else item(show(outcome)))
    return envelope.batch(items)


def read_each(items: Sequence[Raw], read: Callable[[Raw], R]) -> list[R | ApiError]:
    """Each item as `read` understands it, or why it does not."""
    found: list[R | ApiError] = []
    for item in items:
        try:
            found.append(read(item))
        except ApiError as error:
            found.append(error)
    return found
