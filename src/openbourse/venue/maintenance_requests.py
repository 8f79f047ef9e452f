"""The operator's requests about maintenance."""

from openbourse.venue.maintenance import Scope
from openbourse.venue.request import Request


class PlanMaintenance(Request, frozen=True, tag="maintenance.plan"):
    """`start` in Unix ms by the venue's clock, 0 for now."""

    start: int
    seconds: int
    protection_seconds: int = 0
    scope: Scope = "all"
    url: str = ""


class CancelMaintenance(Request, frozen=True, tag="maintenance.cancel"):
    number: int


class ListMaintenance(Request, frozen=True, tag="maintenance.list"):
    pass


MaintenanceRequest = PlanMaintenance | CancelMaintenance | ListMaintenance
