"""What clients asked for and what they were told, over all lives of a venue."""

from collections import Counter

from tests.simulation.town.claims import Claim
from tests.simulation.town.record import Record


class Ledger:
    """Requests that change something carry a mark, each another.

    For every mark: how many copies of its requests reached the venue, how many were answered well, and how
    many were refused for good. What was carried out must lie between.
    """

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.arrived: Counter[str] = Counter()
        self.agreed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.addresses: dict[str, int] = {}  # whom an address was told to
        self.told = 0
        self._marks = 0

    def mark(self, kind: str) -> str:
        """A mark that nobody has."""
        self._marks += 1
        return f"{kind}{self._marks}"

    def tell(self, claim: Claim) -> None:
        self.told += 1
        self.claims.append(claim)

    def wrong(self, record: Record) -> list[str]:
        """Every claim that is not true, and every request that was carried out too often or too seldom.

        Claims about the past, once they were found true, stay so: they are forgotten.
        """
        found = [claim.text for claim in self.claims if not claim.holds(record)]
        self.claims = [claim for claim in self.claims if claim.lasting]
        for mark, arrived in self.arrived.items():
            done = record.carried_out[mark]
            if not self.agreed[mark] <= done <= arrived - self.refused[mark]:
                found.append(
                    f"{mark} was carried out {done} times: it arrived {arrived} times, "
                    f"{self.agreed[mark]} times it was granted, {self.refused[mark]} times refused"
                )
        return found
