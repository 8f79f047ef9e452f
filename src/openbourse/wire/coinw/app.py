"""The CoinW dialect: every request on its way through the checks to its action.

The order of the checks is that of reference/coinw/legacy.md §4.
"""

from collections.abc import Hashable
from typing import Final, TypeVar

from openbourse.accounts.records import KeyRecord
from openbourse.core.refusal import Refusal
from openbourse.history.writer import HistoryUnavailableError
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.wire.coinw import public, trading
from openbourse.wire.coinw.desk import Action, Call, Desk
from openbourse.wire.coinw.envelope import failure, success
from openbourse.wire.coinw.errors import ApiError, Code, of_reason, wrong
from openbourse.wire.coinw.keys import authenticate, require_rights
from openbourse.wire.coinw.parameters import Parameters, read_parameters
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import NOT_FOUND
from openbourse.wire.http.token_buckets import Buckets, source_of

# The second is the name that clients of sister venues know.
PATHS: Final = ("/appApi.html", "/appApi.json")

_SPELLINGS: Final = frozenset(path.lower() for path in PATHS)
_METHODS: Final = ("POST", "GET")

K = TypeVar("K", bound=Hashable)


class CoinwApp:
    """Serves the one path of this protocol. See `Dialect` for its methods."""

    def __init__(self, desk: Desk) -> None:
        settings = desk.settings
        self._desk = desk
        self._limited = settings.rate_limits
        self._addresses = Buckets[str](settings.address_rate)
        self._public = Buckets[str](settings.public_rate)
        self._keys = Buckets[int](settings.key_rate)
        self._actions: dict[str, Action] = {
            action.name: action for action in (*public.ACTIONS, *trading.ACTIONS)
        }
        # Numbers are given now to what is listed, not while the first client waits.
        _ = desk.identifiers

    @property
    def max_body(self) -> int:
        return self._desk.settings.max_body

    async def answer(self, request: Request) -> Response:
        """HTTP 200 with a code, whatever happens; 404 for other paths."""
        if request.path.lower() not in _SPELLINGS:
            return NOT_FOUND
        try:
            return await self._carry_out(request)
        except ApiError as error:
            return self._failure(error)
        except Refusal as refusal:
            return self._failure(of_reason(refusal.reason))
        except (Busy, VenueStopped, HistoryUnavailableError):
            return self._failure(ApiError(Code.UNAVAILABLE))

    def too_large(self, request: Request) -> Response:
        del request
        return self._failure(wrong("the body is too large"))

    def too_slow(self, request: Request) -> Response:
        del request
        return self._failure(ApiError(Code.UNAVAILABLE))

    def internal_error(self, request: Request) -> Response:
        del request
        return self._failure(ApiError(Code.FAILED))

    async def _carry_out(self, request: Request) -> Response:
        source = source_of(request.client_ip)
        self._admit(self._addresses, source)
        parameters = read_parameters(request.query, request.body)
        action = self._actions.get(parameters.action)
        if action is None or request.method not in _METHODS:
            raise ApiError(Code.UNKNOWN_ACTION)
        key = None
        if action.access == "public":
            self._admit(self._public, source)
        else:
            key = self._signer(parameters)
            self._admit(self._keys, key.id)
            require_rights(key, action.access, request.client_ip)
        if parameters.flaw:
            raise wrong(parameters.flaw)
        answer = await action.carry_out(Call(self._desk, parameters, None if key is None else key.owner))
        return success(action.message, self._desk.venue.now(), answer)

    def _signer(self, parameters: Parameters) -> KeyRecord:
        if parameters.flaw:
            # What was not read as it was meant cannot have the right signature: say the true reason.
            raise wrong(parameters.flaw)
        venue = self._desk.venue
        return authenticate(parameters, venue.now(), venue.accounts.find_key)

    def _admit(self, buckets: Buckets[K], who: K) -> None:
        if self._limited and not buckets.take(who, 1, self._desk.monotonic())[0]:
            raise ApiError(Code.UNAVAILABLE)

    def _failure(self, error: ApiError) -> Response:
        return failure(error, self._desk.venue.now())
