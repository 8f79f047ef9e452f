"""The calendar of a gateway: what is planned, as the engine last said."""

from openbourse.venue.maintenance import Calendar, Plan


class RemoteCalendar(Calendar):
    """Follows the engine's."""

    def take(self, plans: list[Plan], *, tell: bool) -> None:
        """These are all plans now. `tell` those who listen of the new ones."""
        known = {plan.id for plan in self._plans}
        self._plans = plans
        if tell:
            for plan in plans:
                if plan.id not in known:
                    self._tell(plan)
