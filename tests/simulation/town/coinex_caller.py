"""A client of the CoinEx protocol over HTTP: signs, loses patience, tries again."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.core.dice import Dice
from tests.simulation.town.ledger import Ledger
from tests.simulation.town.life import Life
from tests.simulation.town.network import Call, ConnectionBroken, Request
from tests.simulation.town.record import Window

TIMED_OUT, INTERNAL, EXPIRED = 4002, 4003, 4010
_PATIENCE = 3.0

Believe = Callable[[Any, Window], None]


class Credentials(NamedTuple):
    """A user with a key."""

    user: int
    key: str
    secret: str


class CoinexCaller:
    """`believe` functions are given what a good answer holds, at the moment it arrives."""

    def __init__(self, who: Credentials, ledger: Ledger, dice: Dice) -> None:
        self.who = who
        self._ledger = ledger
        self._dice = dice
        self._offset = 0  # the venue's clock against one's own, as far as known

    def now(self, life: Life) -> int:
        """The venue's time, as far as known."""
        return life.machine.world_ms() + self._offset

    async def get(
        self, life: Life, path: str, params: dict[str, object], believe: Believe | None = None
    ) -> Any:
        """What the answer holds; None when there was none, or a refusal."""
        target = f"/v2{path}?{urlencode(params)}" if params else f"/v2{path}"
        return await self._call(life, "GET", target, b"", (), believe)

    async def post(
        self,
        life: Life,
        path: str,
        params: dict[str, object],
        believe: Believe | None = None,
        marks: Sequence[str] = (),
    ) -> Any:
        """As `get`. `marks` name what the request is to change; of several each has an answer of its own."""
        return await self._call(life, "POST", f"/v2{path}", json.dumps(params).encode(), marks, believe)

    async def _call(
        self,
        life: Life,
        method: str,
        target: str,
        body: bytes,
        marks: Sequence[str],
        believe: Believe | None,
    ) -> Any:
        low = life.sequence
        told: list[Any] = []

        def hear(answer: bytes, high: int) -> None:
            reply = json.loads(answer)
            self._note(life, reply, marks)
            if reply["code"] == 0:
                told.append(reply["data"])
                if believe is not None:
                    believe(reply["data"], Window(low, high))
            elif reply["code"] == EXPIRED:
                told.append(EXPIRED)

        def arrived() -> None:
            self._ledger.arrived.update(marks)

        call = Call(Request(method, target, self._headers(life, method, target, body), body), hear, arrived)
        try:
            await life.network.call(life.application, call, _PATIENCE)
        except (ConnectionBroken, TimeoutError):
            return None
        if told == [EXPIRED]:
            await self._synchronise(life)
            return None
        return told[0] if told else None

    def _note(self, life: Life, reply: dict[str, Any], marks: Sequence[str]) -> None:
        life.counts["answers heard"] += 1
        life.counts["state outcome unknown to a client"] += reply["code"] == TIMED_OUT
        if reply["code"] == INTERNAL:
            life.accuse(f"an internal error: {reply}")
        single = len(marks) < 2 or reply["code"] != 0
        codes = [reply["code"]] * len(marks) if single else [item["code"] for item in reply["data"]]
        for mark, code in zip(marks, codes, strict=True):
            if code == 0:
                self._ledger.agreed[mark] += 1
            elif code != TIMED_OUT:
                self._ledger.refused[mark] += 1

    async def _synchronise(self, life: Life) -> None:
        """The venue's clock was set: see what it shows now."""
        found = await self.get(life, "/time", {})
        if found:
            self._offset = found["timestamp"] - life.machine.world_ms()

    def _headers(self, life: Life, method: str, target: str, body: bytes) -> dict[str, str]:
        timestamp = str(self.now(life))
        prepared = method.encode() + target.encode() + body + timestamp.encode()
        signature = hmac.new(self.who.secret.encode(), prepared, hashlib.sha256).hexdigest()
        return {
            "X-COINEX-KEY": self.who.key,
            "X-COINEX-SIGN": signature,
            "X-COINEX-TIMESTAMP": timestamp,
            "X-COINEX-WINDOWTIME": "60000",
        }
