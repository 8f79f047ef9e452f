"""The cyclic collector, kept away from work that makes millions of objects and no cycles.

Each of its rounds looks at everything that was made before: over a large state that costs more than making
it, and finds nothing.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """No round begins in this block, and what exists at its end is never looked at again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()
