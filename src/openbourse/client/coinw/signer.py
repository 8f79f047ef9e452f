"""Signer: from a request to what is sent, with the signature in it (reference/coinw/legacy.md §1, §3)."""

import hashlib
from typing import Final, TypeVar
from urllib.parse import urlencode

from openbourse.client.request import Request, Sent, given

T = TypeVar("T")

PATH: Final = "/appApi.html"


class Signer:
    """Holds the key."""

    def __init__(self, key: str, secret: str) -> None:
        self.key = key
        self._secret = secret

    def __repr__(self) -> str:
        return f"Signer({self.key!r})"  # never the secret

    def prepared(self, request: Request[T]) -> Sent:
        """What is to be sent. ValueError when the request needs a key and there is none."""
        fields = {name: str(value) for name, value in given(request.params).items()}
        if request.signed:
            if not self.key:
                raise ValueError("this action needs a key: give the client `key` and `secret`")
            fields["api_key"] = self.key
            fields["sign"] = self.signature(fields)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Sent(request.method, f"{PATH}?action={request.path}", urlencode(fields).encode(), headers)

    def signature(self, fields: dict[str, str]) -> str:
        """MD5 of all fields by name, with the secret behind them. The action is not signed.

        ValueError for a text that could be read in two ways: it would be refused.
        """
        if any("&" in value for value in fields.values()):
            raise ValueError("no parameter may contain &")
        text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
        signed = f"{text}&secret_key={self._secret}"
        return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().upper()
