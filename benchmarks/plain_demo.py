"""`openbourse demo` without the direct path: every request goes through ASGI, as in any other server.

Only to compare the two: the product has no switch for it, since both answer alike.
"""

from openbourse.cli import main
from openbourse.wire.http.server import HttpServer


def take_the_plain_path() -> None:
    """From now on servers of this process ask no application directly."""
    defaults = HttpServer.__init__.__kwdefaults__
    assert defaults is not None
    assert defaults["direct"] is True
    defaults["direct"] = False


if __name__ == "__main__":
    take_the_plain_path()
    main()
