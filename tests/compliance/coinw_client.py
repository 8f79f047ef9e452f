"""A small client of the CoinW protocol, written from nothing but the published page; and raw HTTP."""

import gzip
import hashlib
import http.client
import json
import socket
from typing import Any
from urllib.parse import quote, urlsplit

from tests.waiting import SECONDS


class CoinwClient:
    """All sixteen actions. Parameters go into the address, as the page's examples have them."""

    def __init__(self, url: str, api_key: str = "", secret_key: str = "") -> None:
        self.url = urlsplit(url)
        self.api_key = api_key
        self.secret_key = secret_key

    def call(self, action: str, **params: object) -> dict[str, Any]:
        """POST /appApi.html?action=...; "every parameter user submitted has to be signed"."""
        texts = {name: str(value) for name, value in params.items()}
        if self.api_key:
            texts["api_key"] = self.api_key
            texts["sign"] = self.sign(texts)
        query = "".join(f"&{name}={quote(value, safe='')}" for name, value in texts.items())
        connection = http.client.HTTPConnection(self.url.netloc, timeout=SECONDS)
        try:
            connection.request("POST", f"{self.url.path}?action={action}{query}")
            answer = connection.getresponse()
            assert answer.status == 200
            found: dict[str, Any] = json.loads(answer.read())
        finally:
            connection.close()
        assert {"code", "msg", "time", "data"} <= set(found)
        return found

    def get(self, action: str, **params: object) -> Any:
        """The data of a call that has to succeed."""
        found = self.call(action, **params)
        assert found["code"] == 200, found
        return found["data"]

    def sign(self, params: dict[str, str]) -> str:
        """Ordered by name, the secret at the end, MD5, upper case."""
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        return hashlib.md5(f"{text}&secret_key={self.secret_key}".encode()).hexdigest().upper()

    def currency(self, name: str) -> int:
        """ "It is advised to call this API first": the number of a token."""
        return int(self.get("currencys")[name]["id"])

    def pair(self, base: str, quote_: str) -> int:
        """The number of a pair."""
        for row in self.get("symbols"):
            if (row["base-currency"], row["quote-currency"]) == (base, quote_):
                return int(row["symbol"])
        raise LookupError(f"{base}/{quote_}")


def exchange_bytes(url: str, request: str) -> dict[str, Any]:
    """Send these very bytes over a socket of their own; the JSON answer. Line ends may be plain."""
    where = urlsplit(url)
    head, _, body = request.replace("\n", "\r\n").partition("\r\n\r\n")
    with socket.create_connection((where.hostname, where.port), timeout=SECONDS) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json;charset=UTF-8"
        data = answer.read()
        if answer.headers["content-encoding"] == "gzip":
            data = gzip.decompress(data)
    found: dict[str, Any] = json.loads(data)
    return found
