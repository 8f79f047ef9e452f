"""Recordings of the CoinEx WebSocket: `server.sign`, and what pushes add up to (ws §5, §7, §8).

Order, stop, trade and tape pushes count one by one. Of depth, tickers, best prices, index prices and
balances a server may leave out what was overtaken, so only what a client knows in the end counts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from openbourse.wire.coinex.recorded import FIELDS, digest, moved
from openbourse.wire.coinex.ws.errors import WsCode
from openbourse.wire.recorded import Push, Signer, SignerRefusal

SIGN: Final = "server.sign"


class CoinexSocket:
    """See RecordedSocket."""

    fields: Mapping[str, str] = FIELDS

    def key_of(self, message: Any) -> str:
        key = _sign_params(message).get("access_id")
        return key if isinstance(key, str) else ""

    def signed(self, message: Any, signer: Signer, shift: int) -> Any:
        """What is signed is the decimal text of the time stamp."""
        params = dict(_sign_params(message))
        stamp = moved(str(params.get("timestamp")), shift)
        if isinstance(params.get("timestamp"), int):
            params["timestamp"] = int(stamp)
        elif "timestamp" in params:
            params["timestamp"] = stamp
        params |= {"access_id": signer.key_id, "signed_str": digest(stamp, signer)}
        return {**message, "params": params}

    def refusal(self, answer: Any) -> SignerRefusal | None:
        """It has one code for both."""
        refused = isinstance(answer, dict) and answer.get("code") == WsCode.WRONG_SIGNATURE
        return "signature" if refused else None

    def pushed(self, message: Any) -> Push | None:
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return None
        method, data = str(message["method"]), message.get("data")
        read = _NEWEST.get(method)
        if read is not None and isinstance(data, dict):
            return Push("newest", [(f"{method}/{name}", item) for name, item in read(data)])
        if method == "deals.update" and isinstance(data, dict):
            tape = data.get("deal_list") or []
            return Push("each", [(f"{method}/{data.get('market')}", row) for row in reversed(tape)])
        return Push("each", [(method, data)])

    def folded(self, stream: str, before: Any, item: Any) -> Any:
        if not stream.startswith("depth.update/"):
            return item
        levels = item["depth"]
        if item["is_full"] or before is None:
            before = {"asks": {}, "bids": {}}
        book = {side: _applied(before[side], levels[side]) for side in ("asks", "bids")}
        # Not the last price: a trade that leaves the book as it was is pushed by the tape alone.
        return {**book, "checksum": levels["checksum"]}


def _applied(side: dict[str, str], changes: list[tuple[str, str]]) -> dict[str, str]:
    """A side of a book by price; a quantity of 0 removes a level."""
    levels = side | dict(changes)
    return {price: quantity for price, quantity in levels.items() if quantity.strip("0.")}


def _sign_params(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict) or message.get("method") != SIGN:
        return {}
    params = message.get("params")
    return params if isinstance(params, dict) else {}


def _one(name: str) -> Callable[[dict[str, Any]], list[tuple[str, Any]]]:
    return lambda data: [(str(data.get(name)), data)]


def _many(members: str, name: str) -> Callable[[dict[str, Any]], list[tuple[str, Any]]]:
    return lambda data: [(str(row.get(name)), row) for row in data.get(members) or []]


# How the pushes are read of which only the newest counts: (whose, what) for each thing that they tell.
_NEWEST: Final[dict[str, Callable[[dict[str, Any]], list[tuple[str, Any]]]]] = {
    "depth.update": _one("market"),
    "bbo.update": _one("market"),
    "index.update": _one("market"),
    "state.update": _many("state_list", "market"),
    "balance.update": _many("balance_list", "ccy"),
}
