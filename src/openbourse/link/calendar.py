"""The calendar of a gateway: what is planned, as the engine last said."""

from collections.abc import Callable

from openbourse.venue.maintenance import Plan, Scope


class RemoteCalendar:
    """See venue.maintenance.Calendar."""

    def __init__(self) -> None:
        self._plans: list[Plan] = []
        self._listeners: list[Callable[[Plan], None]] = []

    def take(self, plans: list[Plan], *, tell: bool) -> None:
        """These are all plans now. `tell` those who listen of the new ones."""
        known = {plan.id for plan in self._plans}
        self._plans = plans
        if tell:
            for plan in plans:
                if plan.id not in known:
                    for listener in self._listeners:
                        listener(plan)

    @property
    def planned(self) -> bool:
        """See Maintenance.planned."""
        return bool(self._plans)

    def coming(self, now: int) -> list[Plan]:
        """See Maintenance.coming."""
        return sorted((plan for plan in self._plans if plan.over_at > now), key=lambda plan: plan.started_at)

    def is_on(self, scope: Scope, now: int) -> bool:
        """See Maintenance.is_on."""
        return any(plan.is_on(scope, now) for plan in self._plans)

    def listen(self, listener: Callable[[Plan], None]) -> None:
        """See Maintenance.listen."""
        self._listeners.append(listener)
