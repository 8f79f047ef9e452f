"""The fault desk in the hands of a test."""

from collections.abc import Callable
from typing import Any

import msgspec

from openbourse.sandbox.faults.desk import FaultDesk, Injected, Standing
from openbourse.sandbox.faults.rules import Kind, Rule


class Faults:
    """`sandbox.faults`: order faults, and see which ones struck."""

    def __init__(self, desk: FaultDesk, call: Callable[[Callable[[], Any]], Any]) -> None:
        """`call` runs a function on the venue's thread."""
        self._desk = desk
        self._call = call

    def add(self, kind: Kind, **details: Any) -> int:
        """Order a fault; the details are the fields of `sandbox.faults.rules.Rule`. Returns its number.

        Raises msgspec.ValidationError for details that make no sense.
        """
        rule = msgspec.convert({"kind": kind, **details}, Rule)
        number: int = self._call(lambda: self._desk.add(rule))
        return number

    def clear(self) -> None:
        """From now on nothing goes wrong; what was injected stays on record."""
        self._call(self._desk.clear)

    def standing(self) -> list[Standing]:
        """The rules that can still strike."""
        rules: list[Standing] = self._call(self._desk.rules)
        return rules

    def injected(self, kind: Kind | None = None) -> list[Injected]:
        """Every fault that has struck, oldest first."""
        found: list[Injected] = self._call(lambda: list(self._desk.injected))
        return [fault for fault in found if kind in (None, fault.kind)]
