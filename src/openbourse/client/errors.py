"""What can go wrong between a program and an exchange, as exceptions: by what is to be done about it.

Every refusal is an `ApiError` with the exchange's own code; codes that mean the same have one class, over all
protocols. A code without a class is a plain `ApiError`.
"""


class ClientError(Exception):
    """Base of all that this package raises for what came, or did not come, over the network."""


class Unreachable(ClientError):
    """The request was not sent, or only asked for something: to send it again does no harm."""


class StreamClosed(ClientError):
    """Nothing comes any more from a stream that is closed, or not open yet."""


class UnexpectedAnswer(ClientError):
    """An answer that is none: no JSON, not the documented form, or a gateway's page. `status` is HTTP's.

    Of a request that changes something it is raised for what a gateway has refused (HTTP 3xx, 4xx) only.
    """

    def __init__(self, message: str, status: int = 200) -> None:
        self.status = status
        super().__init__(message)


class OutcomeUnknown(ClientError):
    """The request was sent, and nobody said, or not so that it could be read, what became of it.

    It may have been carried out: do not just send it again. Catch it before `ApiError`: some codes of the
    exchange are both (`OutcomeUnknownCode`). Give every order a `client_id`, and look for it among the
    open and the finished orders first; look at the balance or the history where there is no such id.
    """


class ApiError(ClientError):
    """The exchange refused: `code` and `message` are its own. Nothing was done.

    But for `OutcomeUnknownCode`, which is an `OutcomeUnknown` too: catch that one first.
    """

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code} {message}")


# -- who asks ----------------------------------------------------------------------------------------


class AuthenticationError(ApiError):
    """The exchange does not believe who asks."""


class UnknownKey(AuthenticationError):
    """No such key, or it has expired."""


class InvalidSignature(AuthenticationError):
    """The secret is not that of the key, or something on the way changed the request."""


class RequestExpired(AuthenticationError):
    """The clocks differ, or the request took too long: see `sync_clock`."""


class NotSigned(AuthenticationError):
    """A private channel was asked for before the connection was signed."""


class PermissionDenied(ApiError):
    """The exchange knows who asks, and it is not allowed."""


class AddressNotAllowed(PermissionDenied):
    """The key may not be used from this network address."""


class UserBarred(PermissionDenied):
    """The account may not come in, or may not trade."""


# -- when --------------------------------------------------------------------------------------------


class RateLimited(ApiError):
    """Too many requests: wait before the next."""


class TemporaryError(ApiError):
    """Nothing was done, and the same request may be accepted later."""


class Busy(TemporaryError):
    """The exchange has too much to do."""


class Unavailable(TemporaryError):
    """The exchange, or this part of it, is closed for now."""


class OutcomeUnknownCode(ApiError, OutcomeUnknown):
    """The exchange itself does not know what became of the request."""


class InternalError(OutcomeUnknownCode):
    """Something broke inside the exchange."""


class ServiceTimedOut(OutcomeUnknownCode):
    """Something inside the exchange took too long."""


class NetworkTrouble(OutcomeUnknownCode):
    """Overload, a limit or a time-out: the protocol does not tell them apart, so it may have been done."""


# -- what --------------------------------------------------------------------------------------------


class InvalidRequest(ApiError):
    """The request makes no sense to the exchange; it never will."""


class InvalidParameter(InvalidRequest):
    """A parameter is missing, malformed, out of range, or names what is not there."""


class UnknownMethod(InvalidRequest):
    """There is no such endpoint, or no longer."""


class InvalidAddress(InvalidRequest):
    """A withdrawal to an address that is malformed or not on the allow-list."""


class InsufficientBalance(ApiError):
    """There is not enough money for it."""


class OrderNotFound(ApiError):
    """No such order, or it is over."""


class WithdrawalLimitExceeded(ApiError):
    """More than may be withdrawn in a day."""


class TransferRefused(ApiError):
    """The sub-account takes no transfers."""


class Failed(ApiError):
    """Refused because of how things stand; the protocol says no more."""


class OrderRefused(ApiError):
    """The market does not take this order as things stand."""


class BelowMinimum(OrderRefused):
    """Less than the market's least amount."""


class PriceOutOfRange(OrderRefused):
    """The price, or what the fill would cost, is too far from the market's."""


class NotEnoughLiquidity(OrderRefused):
    """The other side of the book is too thin."""


class NotFillable(OrderRefused):
    """A fill-or-kill order that could not be filled at once."""


class WouldTake(OrderRefused):
    """A post-only order that would have taken."""


class MarketClosed(OrderRefused):
    """No trading in this market now, or not by programs."""


class PhaseForbids(OrderRefused):
    """Call auction or protection period: this is not allowed for now."""
