"""How often one connection may send: a sustained rate with a burst (ws §6.5)."""


class Allowance:
    """`burst` tokens, refilled at `rate` per second. `strikes` counts the refusals in a row."""

    __slots__ = ("_burst", "_rate", "_since", "_tokens", "strikes")

    def __init__(self, rate: int, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._since = 0.0
        self.strikes = 0

    def take(self, elapsed: float) -> bool:
        """Is one more within the rate at `elapsed`, a monotonic time in seconds?"""
        refill = max(0.0, elapsed - self._since) * self._rate
        self._tokens = min(float(self._burst), self._tokens + refill)
        self._since = max(self._since, elapsed)
        if self._tokens < 1.0:
            self.strikes += 1
            return False
        self._tokens -= 1.0
        # Only a client that has given way for a while starts anew.
        if 2 * self._tokens >= self._burst:
            self.strikes = 0
        return True
