"""The reference page needs nothing from elsewhere and leaves nothing out."""

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

from openbourse.wire.coinex.endpoints import ENDPOINTS
from openbourse.wire.coinex.errors import MESSAGES
from openbourse.wire.http.messages import Request
from openbourse.wire.openapi import document
from openbourse.wire.reference.page import page, security_policy
from openbourse.wire.reference.pages import Entrance, pages

TEXT = page().decode()
VOID = {"meta", "input", "wbr", "link", "br", "img"}


class Tree(HTMLParser):
    """Checks that elements end in their order; collects ids and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src", "action"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tree() -> Tree:
    found = Tree()
    found.feed(TEXT)
    assert found.open == []
    return found


def test_it_is_whole_and_leads_nowhere_else() -> None:
    found = tree()
    assert len(set(found.ids)) == len(found.ids)
    for address in found.addresses:
        if address.startswith("#"):
            assert address[1:] in found.ids, address
        else:
            assert address in document()["paths"], address
    assert not re.search(r"(?:https?:)?//[a-z]|@import|url\(", TEXT)


def test_every_endpoint_parameter_and_code_is_in_it() -> None:
    articles = {
        found[1]: found[2] for found in re.finditer(r'<article id="([^"]+)">(.*?)</article>', TEXT, re.DOTALL)
    }
    for endpoint in ENDPOINTS:
        operation = document()["paths"][endpoint.path][endpoint.method.lower()]
        article = articles[operation["operationId"]]
        assert f"<code>{endpoint.path}</code>" in article
        for field in endpoint.params.__struct_encode_fields__:
            assert f"<code>{field}</code>" in article, (endpoint.name, field)
    for code, text in MESSAGES.items():
        assert f"<td><code>{int(code)}</code></td><td>{text}</td>" in unescape(TEXT)


def test_no_other_script_or_style_may_run() -> None:
    policy = security_policy().decode()
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", TEXT, re.DOTALL)
        assert inside
        digest = base64.b64encode(hashlib.sha256(inside[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert " style=" not in TEXT
    assert not re.search(r" on[a-z]+=", TEXT)


async def test_pages_answer_their_path_alone() -> None:
    for path, dialect in pages().items():

        def request(method: str, asked: str) -> Request:
            return Request("1", method, asked, asked.encode(), b"", {}, "127.0.0.1")

        for asked in (path, path + "/"):
            answer = await dialect.answer(request("GET", asked))
            assert answer.status == 200
            assert (b"x-content-type-options", b"nosniff") in answer.headers
        assert (await dialect.answer(request("GET", path + "/x"))).status == 404
        assert (await dialect.answer(request("POST", path))).status == 404


async def test_a_browser_at_the_door_is_led_to_it() -> None:
    def request(method: str, path: str) -> Request:
        return Request("1", method, path, path.encode(), b"", {}, "127.0.0.1")

    answer = await Entrance().answer(request("GET", "/"))
    assert (answer.status, answer.headers) == (302, ((b"location", b"/docs"),))
    assert (await Entrance().answer(request("POST", "/"))).status == 404
    assert (await Entrance().answer(request("GET", "//elsewhere"))).status == 404


def test_a_protocol_is_in_it_where_it_is_served() -> None:
    assert "appApi" not in TEXT
    assert '<article id="post_appApi">' in page(with_coinw=True).decode()
