"""The proof that the caller's balances were counted among the venue's liabilities.

No endpoint of the reference: our own, below `/v2/openbourse`, signed like all others. The answer's `data` is
what `openbourse liabilities verify` reads; it has the house's words, since no client of CoinEx knows it.
"""

from openbourse.liabilities.errors import LiabilityError, UnpublishedError
from openbourse.liabilities.records import Proof
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.params import Count, Params


class ProofParams(Params, kw_only=True, frozen=True):
    """Of which publication; the newest when absent."""

    sequence: Count | None = None


async def proof(call: Call, params: ProofParams) -> bytes:
    """What this account was counted with in a publication of the venue's liabilities (`/liabilities`).

    Answers 4001 before the first publication, 3639 for one that is not there or not kept any more.
    """
    try:
        found = await call.desk.venue.liabilities.proof(call.signer, params.sequence)
    except LiabilityError as error:
        if params.sequence is None and isinstance(error, UnpublishedError):
            raise ApiError(Code.UNAVAILABLE, str(error)) from None
        raise ApiError(Code.INVALID_PARAMETER, f"Invalid Parameter: {error}") from None
    return envelope.success(found)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/openbourse/liabilities/proof", ProofParams, Proof, proof, "read"),
]
