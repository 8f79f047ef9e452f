"""The operator's desk for planned maintenance. Part of the operator's desk."""

from collections.abc import Awaitable, Callable
from typing import Any

from openbourse.venue.maintenance import Plan
from openbourse.venue.maintenance_requests import CancelMaintenance, ListMaintenance, PlanMaintenance
from openbourse.venue.venue import Venue


class MaintenanceDesk:
    """One method for each kind of request."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self.methods: dict[type, Callable[[Any], Awaitable[Any]]] = {
            PlanMaintenance: self._plan,
            CancelMaintenance: self._cancel,
            ListMaintenance: self._list,
        }

    async def _plan(self, request: PlanMaintenance) -> dict[str, Any]:
        now = self._venue.now()
        made = self._venue.maintenance.plan(
            now,
            request.start or now,
            request.seconds,
            request.protection_seconds,
            request.scope,
            request.url,
        )
        return _row(made)

    async def _cancel(self, request: CancelMaintenance) -> dict[str, Any]:
        return _row(self._venue.maintenance.cancel(request.number))

    async def _list(self, _: ListMaintenance) -> list[dict[str, Any]]:
        return [_row(plan) for plan in self._venue.maintenance.coming(self._venue.now())]


def _row(plan: Plan) -> dict[str, Any]:
    row = plan._asdict()
    until = row.pop("protected_until")
    return {"number": row.pop("id"), **row, "protection_ended_at": until}
