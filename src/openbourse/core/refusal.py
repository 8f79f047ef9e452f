"""Refusal: a command that may not be carried out, raised before anything has changed."""

from openbourse.core.events import RefusalReason


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """Carries the reason for the `Refused` event, and a detail for a person."""

    def __init__(self, reason: RefusalReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason: RefusalReason = reason
        self.detail = detail
