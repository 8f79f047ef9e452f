"""Fee tiers: named pairs of rates that an operator gives to main accounts.

What a member pays is known to the core by commands; here stands what the operator decided.
"""

import re
import threading
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, delete, insert, select

from openbourse.accounts.errors import InvalidDetailsError, UnknownTierError
from openbourse.accounts.tables import fee_tier_members, fee_tiers

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Rates in 10^-12."""

    name: str
    maker_rate: int
    taker_rate: int


class FeeTiers:
    """All tiers and their members, in memory and in the database; changes are durable on return."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._change = threading.Lock()
        with engine.connect() as connection:
            tiers = connection.execute(select(fee_tiers)).all()
            members = connection.execute(select(fee_tier_members)).all()
        self._tiers = {row.name: FeeTier(row.name, row.maker_rate, row.taker_rate) for row in tiers}
        self._members: dict[int, str] = {row.user_id: row.tier for row in members}

    def all(self) -> list[FeeTier]:
        """Every tier, by name."""
        return [self._tiers[name] for name in sorted(self._tiers)]

    def tier_of(self, user_id: int) -> FeeTier | None:
        """The tier of a main account."""
        name = self._members.get(user_id)
        return None if name is None else self._tiers[name]

    def members(self) -> dict[int, FeeTier]:
        """Every main account that has a tier."""
        return {user_id: self._tiers[name] for user_id, name in self._members.items()}

    def put(self, tier: FeeTier) -> None:
        """Add a tier or change its rates. Raises InvalidDetailsError for a bad name."""
        if not _NAME.fullmatch(tier.name):
            raise InvalidDetailsError("A fee tier's name has 1 to 32 letters, digits, or any of . _ -")
        rates = {"maker_rate": tier.maker_rate, "taker_rate": tier.taker_rate}
        with self._change, self._engine.begin() as connection:
            table = fee_tiers
            changed = connection.execute(table.update().where(table.c.name == tier.name).values(rates))
            if changed.rowcount == 0:
                connection.execute(insert(table).values(name=tier.name, **rates))
            self._tiers[tier.name] = tier

    def assign(self, user_id: int, name: str) -> None:
        """Put a main account into a tier, out of any for an empty name. Raises UnknownTierError."""
        with self._change:
            if name and name not in self._tiers:
                raise UnknownTierError(f"There is no fee tier {name}.")
            with self._engine.begin() as connection:
                connection.execute(delete(fee_tier_members).where(fee_tier_members.c.user_id == user_id))
                if name:
                    connection.execute(insert(fee_tier_members).values(user_id=user_id, tier=name))
            self._members.pop(user_id, None)
            if name:
                self._members[user_id] = name
