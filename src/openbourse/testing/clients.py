"""Ready-made ccxt clients of a sandbox. ccxt is the extra `openbourse[testing]`.

They are the library's own, with the sandbox's addresses, a user's key, and the venue's time in place of the
computer's: a clock that is moved takes them along.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from openbourse.testing.accounts import SandboxUser


def ccxt_client(
    module: str, url: str, user: SandboxUser | None, now: Callable[[], int], options: Mapping[str, Any]
) -> Any:
    """`module` is ccxt, ccxt.async_support or ccxt.pro; `options` are ccxt's own and win."""
    library = import_module(module)
    keys = {} if user is None else {"apiKey": user.api_key, "secret": user.secret}
    exchange = library.coinex({**keys, **options})
    sockets = url.replace("http", "ws", 1)
    exchange.urls["api"] = {
        "public": url,
        "private": url,
        "ws": {"spot": f"{sockets}/v2/spot/", "swap": f"{sockets}/v2/futures/"},
    }
    exchange.nonce = now
    exchange.milliseconds = now
    return exchange
