"""Maintenance: when the venue will be closed, planned by the operator and told to everybody beforehand.

Between its start and its end nothing in its scope is served. In the protection that may follow, only cancels
and post-only orders pass, so that makers can put their books in order (reference/coinex/conventions.md §8). A
plan acts by itself; it does not stop the process.
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, String, Table, delete, insert, select

Scope = Literal["spot", "futures", "all"]

MAX_PLANS: Final = 20
MAX_SECONDS: Final = 7 * 86_400
MAX_URL: Final = 200

_metadata = MetaData()
_plans = Table(
    "maintenance_plans",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("protected_until", BigInteger, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("url", String(MAX_URL), nullable=False),
    sqlite_autoincrement=True,
)


class Plan(NamedTuple):
    """Times in Unix ms; `protected_until` is 0 where no protection follows, `url` may be ""."""

    id: int
    started_at: int
    ended_at: int
    protected_until: int
    scope: Scope
    url: str

    @property
    def over_at(self) -> int:
        """When nothing of it is left."""
        return max(self.ended_at, self.protected_until)

    def covers(self, scope: Scope) -> bool:
        return self.scope in ("all", scope)

    def is_on(self, scope: Scope, now: int) -> bool:
        """Is there this maintenance of the scope now?"""
        return self.covers(scope) and self.started_at <= now < self.ended_at


class Calendar:
    """All plans, as protocols see them."""

    def __init__(self) -> None:
        self._plans: list[Plan] = []
        self._listeners: list[Callable[[Plan], None]] = []

    @property
    def planned(self) -> bool:
        """Is there any plan, be it of the past? Mostly not, and then nobody needs to look at a clock."""
        return bool(self._plans)

    def coming(self, now: int) -> list[Plan]:
        """What is planned or under way, earliest first."""
        return sorted((plan for plan in self._plans if plan.over_at > now), key=lambda plan: plan.started_at)

    def is_on(self, scope: Scope, now: int) -> bool:
        """Is there maintenance of this now?"""
        return any(plan.is_on(scope, now) for plan in self._plans)

    def listen(self, listener: Callable[[Plan], None]) -> None:
        """Call `listener` with every new plan."""
        self._listeners.append(listener)

    def _tell(self, plan: Plan) -> None:
        for listener in self._listeners:
            listener(plan)


class Maintenance(Calendar):
    """The venue's own, also in the relational database; a change is durable when its method returns."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._change_listeners: list[Callable[[], None]] = []
        _metadata.create_all(engine)
        with engine.connect() as connection:
            self._plans = [Plan(*row) for row in connection.execute(select(_plans).order_by(_plans.c.id))]

    def plan(
        self, now: int, start: int, seconds: int, protection: int = 0, scope: Scope = "all", url: str = ""
    ) -> Plan:
        """Plan `seconds` from `start` on (Unix ms), and so many seconds of protection after them.

        Raises ValueError, with a sentence, for what makes no sense. Whoever listens is told.
        """
        if start < now:
            raise ValueError("a maintenance begins now or later")
        if not 0 < seconds <= MAX_SECONDS or not 0 <= protection <= MAX_SECONDS:
            raise ValueError("a maintenance and its protection take a week at most")
        if url and (not url.startswith("https://") or len(url) > MAX_URL):
            raise ValueError(f"an announcement is at an https:// address of {MAX_URL} characters at most")
        if len(self.coming(now)) >= MAX_PLANS:
            raise ValueError(f"{MAX_PLANS} maintenances are planned already")
        end = start + seconds * 1000
        values = (start, end, end + protection * 1000 if protection else 0, scope, url)
        with self._engine.begin() as connection:
            fields = dict(zip(Plan._fields[1:], values, strict=True))
            key = connection.execute(insert(_plans).values(**fields)).inserted_primary_key
            assert key is not None
        made = Plan(int(key[0]), *values)
        self._plans.append(made)
        self._changed()
        self._tell(made)
        return made

    def cancel(self, number: int) -> Plan:
        """Take a plan back, also one that has begun. Raises ValueError when there is none of this number."""
        for plan in self._plans:
            if plan.id == number:
                with self._engine.begin() as connection:
                    connection.execute(delete(_plans).where(_plans.c.id == number))
                self._plans.remove(plan)
                self._changed()
                return plan
        raise ValueError(f"there is no maintenance {number}")

    def protects(self, scope: Scope, now: int) -> bool:
        """Is this in the protection after a maintenance now?"""
        return any(plan.covers(scope) and plan.ended_at <= now < plan.protected_until for plan in self._plans)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever there is one plan more, or less."""
        self._change_listeners.append(listener)

    def _changed(self) -> None:
        for listener in self._change_listeners:
            listener()
