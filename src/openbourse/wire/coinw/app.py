"""The CoinW dialect: every request on its way through the checks to its action.

The order of the checks is that of reference/coinw/legacy.md §4.
"""

from typing import Final

from msgspec.structs import replace

from openbourse.accounts.records import KeyRecord
from openbourse.core.refusal import Refusal
from openbourse.history.writer import HistoryUnavailableError
from openbourse.venue.quotas import Taken
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.venue.token_buckets import Buckets
from openbourse.wire.coinw import public, trading, withdrawals
from openbourse.wire.coinw.desk import Action, Call, Desk
from openbourse.wire.coinw.envelope import failure, success
from openbourse.wire.coinw.errors import ApiError, Code, of_refusal, wrong
from openbourse.wire.coinw.keys import authenticate, require_rights
from openbourse.wire.coinw.parameters import Parameters, read_parameters
from openbourse.wire.coinw.signature import ambiguous
from openbourse.wire.http.audit import AuthAudit
from openbourse.wire.http.messages import Request, Response
from openbourse.wire.http.router import NOT_FOUND
from openbourse.wire.http.sources import source_of

# The second is the name that clients of sister venues know.
PATHS: Final = ("/appApi.html", "/appApi.json")

_SPELLINGS: Final = frozenset(path.lower() for path in PATHS)
_METHODS: Final = ("POST", "GET")


class CoinwApp:
    """Serves the one path of this protocol. See `Dialect` for its methods."""

    def __init__(self, desk: Desk) -> None:
        settings = desk.settings
        self._desk = desk
        self._limited = settings.rate_limits
        self._audit = AuthAudit()
        self._addresses = Buckets[str](settings.address_rate)
        self._public = Buckets[str](settings.public_rate)
        self._actions: dict[str, Action] = {
            action.name: action for action in (*public.ACTIONS, *trading.ACTIONS, *withdrawals.ACTIONS)
        }

    @property
    def max_body(self) -> int:
        return self._desk.settings.max_body

    async def answer(self, request: Request) -> Response:
        """HTTP 200 with a code, whatever happens; 404 for other paths."""
        if request.path.lower() not in _SPELLINGS:
            return NOT_FOUND
        source = source_of(request.client_ip)
        if not self._admits(self._addresses, source):
            return self._limit("")
        parameters = read_parameters(request.query, request.body)
        action = self._actions.get(parameters.action) if request.method in _METHODS else None
        if action is None:
            return self._failure(ApiError(Code.UNKNOWN_ACTION))
        venue = self._desk.venue
        if venue.maintenance.planned and venue.maintenance.is_on("spot", venue.now()):
            return self._failure(ApiError(Code.UNAVAILABLE), action.name)
        if parameters.flaw:
            # Before the key: what was not read as it was meant cannot have the right signature.
            return self._failure(wrong(parameters.flaw), action.name)
        if not self._desk.venue.in_touch:
            return self._failure(ApiError(Code.UNAVAILABLE), action.name)
        if action.access == "public":
            if not self._admits(self._public, source):
                return self._limit(action.name)
            return await self._carry_out(action, Call(self._desk, parameters))
        return await self._signed(action, parameters, request)

    def too_large(self, request: Request) -> Response:
        del request
        return self._failure(wrong("the body is too large"))

    def too_slow(self, request: Request) -> Response:
        del request
        return self._failure(ApiError(Code.UNAVAILABLE))

    def internal_error(self, request: Request) -> Response:
        del request
        return self._failure(ApiError(Code.FAILED))

    async def _signed(self, action: Action, parameters: Parameters, request: Request) -> Response:
        venue = self._desk.venue
        if ambiguous(parameters):
            return self._failure(wrong("a parameter contains & or ="), action.name)
        try:
            key = authenticate(parameters, venue.present(), venue.find_key)
            require_rights(key, action.access, request.client_ip)
        except ApiError as error:
            self._audit.failed(request, action.name, error.code, parameters.get("api_key").encode())
            return replace(self._failure(error, action.name), barred="auth")
        try:
            if self._limited and not (await self._take(key)).allowed:
                return self._limit(action.name)
        except Busy:
            return self._failure(ApiError(Code.UNAVAILABLE), action.name)
        return await self._carry_out(action, Call(self._desk, parameters, key.owner))

    async def _take(self, key: KeyRecord) -> Taken:
        """Each key has a quota of its own."""
        return await self._desk.venue.quotas.take("coinw key", self._desk.settings.key_rate, key.id)

    async def _carry_out(self, action: Action, call: Call) -> Response:
        try:
            answer = await action.carry_out(call)
        except ApiError as error:
            return self._failure(error, action.name)
        except Refusal as refusal:
            return self._failure(of_refusal(refusal.reason, action.access), action.name)
        except (Busy, VenueStopped, HistoryUnavailableError):
            return self._failure(ApiError(Code.UNAVAILABLE), action.name)
        return success(action.name, action.message, self._desk.venue.now(), answer)

    def _admits(self, buckets: Buckets[str], who: str) -> bool:
        return not self._limited or buckets.take(who, 1, self._desk.monotonic())[0]

    def _limit(self, action: str) -> Response:
        return replace(self._failure(ApiError(Code.UNAVAILABLE), action), barred="limit")

    def _failure(self, error: ApiError, action: str = "") -> Response:
        return failure(action, error, self._desk.venue.now())
