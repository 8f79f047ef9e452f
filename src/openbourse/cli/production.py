"""Production mode: a process in which the sandbox does not exist."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

BARRED: Final = ("openbourse.sandbox", "openbourse.testing")


def bar_sandbox() -> None:
    """From now on nothing of the sandbox can be imported in this process.

    Raises ImportError when something of it has been imported already.
    """
    loaded = [name for name in sys.modules if _is_barred(name)]
    if loaded:
        raise ImportError(f"{loaded[0]} is part of this process, which was to be a production venue")
    if not any(isinstance(finder, _Bar) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Bar())


class _Bar:
    """The first finder to be asked: it refuses instead of finding."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        del path, target
        if _is_barred(fullname):
            raise ImportError(f"{fullname} cannot be used in a production venue", name=fullname)
        return None


def _is_barred(name: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in BARRED)
