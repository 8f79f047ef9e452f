"""Endpoint: one row of the table that routing, limits, permissions and documentation are made from."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Raw

from openbourse.accounts.records import KeyRecord, Permission
from openbourse.wire.coinex.auth import require_granted, require_main_account, require_permission
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.params import Params, Reader
from openbourse.wire.coinex.rate_groups import COST_FIELD, GROUP_OF
from openbourse.wire.coinex.rate_limits import Group

P = TypeVar("P", bound=Params)

PREFIX: Final = "/v2"

State = Callable[[], object]
Access = Literal["public", "read", "trade", "withdraw"]
Form = Literal["plain", "page", "batch", "flat batch"]

_fields = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])


class Endpoint(Generic[P]):
    """Method, path below `/v2`, what comes in, what goes out, and who may call.

    `result` is the type of `data`, or of one row or item of it: `form` says whether the answer is one
    value, a page of rows, or a batch of items with codes of their own ("flat": with their fields beside
    them as well, spot.md §3.5). Handlers return the whole answer as bytes. Some endpoints are for
    main accounts only, some need a permission that a sub-account may lack.
    """

    def __init__(
        self,
        method: Literal["GET", "POST"],
        path: str,
        params: type[P],
        result: Any,
        handler: Callable[[Call, P], Awaitable[bytes]],
        access: Access,
        form: Form = "plain",
        *,
        main_only: bool = False,
        permission: Permission | None = None,
        items: type[Params] | None = None,
        misspelt: bool = False,
        state: Callable[[Call, P], State] | None = None,
    ) -> None:
        """`items`: the parameters of one item, where a batch is read item by item.

        `misspelt`: a page with the key `paginatation` as well (conventions.md §3.3).
        `state`: gives a function that tells what the answer to everybody is made from beside the parameters;
        while it tells the same, so does the answer (see `SharedAnswers`). It raises what the handler would
        raise first.
        """
        if state is not None and (access != "public" or (method, PREFIX + path) in GROUP_OF):
            raise ValueError(
                f"{path}: answers to one user are not everybody's, nor are limits in their headers"
            )
        self.method = method
        self.path = PREFIX + path
        self.name = f"{method} {self.path}"
        self.params = params
        self.result = result
        self.handler = handler
        self.access: Access = access
        self.form: Form = form
        self.main_only = main_only
        self.permission: Permission | None = permission
        self.items = items
        self.misspelt = misspelt
        self.state = state
        self.reader = Reader(params)

    @cached_property
    def group(self) -> Group | None:
        """The rate group; None when only the source address is limited."""
        return GROUP_OF.get((self.method, self.path))

    def require_rights(self, key: KeyRecord) -> None:
        """Raises 158 or 4512 when this key may not call (conventions.md §2.7)."""
        if self.access == "trade" or self.access == "withdraw":
            require_permission(key, self.access)
        if self.main_only:
            require_main_account(key)
        if self.permission is not None:
            require_granted(key.owner, self.permission)

    def read(self, query: bytes, body: bytes) -> P:
        """The parameters of a request; raises ApiError."""
        return self.reader.query(query) if self.method == "GET" else self.reader.body(body)

    def cost(self, body: bytes) -> int:
        """How many tokens a request takes: batches one for each sub-request (conventions.md §7.2)."""
        field = COST_FIELD.get(self.path)
        if field is None:
            return 1
        try:
            return max(1, len(_items.decode(_fields.decode(body)[field])))
        except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError):
            return 1  # it will be refused when its parameters are read


AnyEndpoint = Endpoint[Any]
