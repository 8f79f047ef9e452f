"""The reference page, made from the OpenAPI description: readable without scripts, searchable with them."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final

import msgspec

from openbourse.wire.openapi import document
from openbourse.wire.reference.fields import Field, description_of, fields_of

Json = dict[str, Any]

_TITLES: Final = {"read": "key", "trade": "key: trade", "withdraw": "key: withdraw", "public": "public"}


def page(*, with_coinw: bool = False) -> bytes:
    """The whole page."""
    described = document(with_coinw=with_coinw)
    style, script = _file("page.css"), _file("page.js")
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(described['info']['title'])} HTTP reference</title>",
        f"<style>{style}</style></head><body>",
        _navigation(described),
        "<main>",
        _introduction(described),
        *(_group(described, tag["name"]) for tag in described["tags"]),
        _codes(described),
        f"</main><script>{script}</script></body></html>",
    ]
    return "".join(parts).encode()


@cache
def security_policy() -> bytes:
    """The Content-Security-Policy: nothing but the page's own style and script."""
    style, script = (_digest(_file(name)) for name in ("page.css", "page.js"))
    return f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'".encode()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _file(name: str) -> str:
    return files("openbourse.wire.reference").joinpath(name).read_text()


# -- parts of the page -----------------------------------------------------------------------------


def _operations(described: Json, tag: str) -> Iterator[tuple[str, str, Json]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if operation["tags"] == [tag]:
                yield method.upper(), path, operation


def _navigation(described: Json) -> str:
    parts = [
        (
            '<nav><div class="brand"><a href="#top">Openbourse</a>'
            '<button id="theme" type="button" aria-label="Light or dark">◐</button></div>'
        ),
        (
            '<input id="search" type="search" placeholder="Search  ( / )" aria-label="Search endpoints" '
            'autocomplete="off" spellcheck="false"><div class="groups">'
        ),
    ]
    for tag in described["tags"]:
        rows = [
            f'<li><a href="#{operation["operationId"]}"><b class="{method.lower()}">{method}</b>'
            f"<span>{_short(path)}</span></a></li>"
            for method, path, operation in _operations(described, tag["name"])
        ]
        parts.append(f"<section><h2>{_text(tag['name'])}</h2><ul>{''.join(rows)}</ul></section>")
    parts.append('<section><h2>More</h2><ul><li><a href="#codes">Error codes</a></li>')
    parts.append('<li><a href="/openapi.json">openapi.json</a></li>')
    parts.append('<li><a href="/asyncapi.json">asyncapi.json (WebSocket)</a></li></ul></section></div></nav>')
    return "".join(parts)


def _introduction(described: Json) -> str:
    info = described["info"]
    schemes = "".join(
        f"<tr><td><code>{_text(scheme['name'])}</code></td><td>{_text(scheme['description'])}</td></tr>"
        for scheme in described["components"]["securitySchemes"].values()
    )
    return (
        f'<header id="top"><h1>HTTP reference</h1><p class="version">version {_text(info["version"])}</p>'
        f"<p>{_text(info['description'])}</p><h3>Signing</h3>"
        f"<table><tbody>{schemes}</tbody></table>"
        '<p id="nothing" hidden>Nothing has that in it.</p></header>'
    )


def _group(described: Json, tag: str) -> str:
    articles = [_article(described, *found) for found in _operations(described, tag)]
    return f'<section class="group"><h2>{_text(tag)}</h2>{"".join(articles)}</section>'


def _article(described: Json, method: str, path: str, operation: Json) -> str:
    name = operation["operationId"]
    parts = [
        (
            f'<article id="{name}"><h3><b class="{method.lower()}">{method}</b>'
            f'<a href="#{name}"><code>{_text(path)}</code></a></h3>{_chips(operation)}'
            f"<p>{_text(operation.get('description', operation['summary']))}</p>"
        )
    ]
    schema, shown = _body(operation)
    fields = [*_query_fields(operation), *fields_of(schema, described)]
    if fields:
        parts.append(f"<h4>Parameters</h4>{_table(fields, required=True)}")
    if shown is not None:
        parts.append(f"<details><summary>Example request</summary>{_code(shown)}</details>")
    parts.append(_answer(described, operation))
    return "".join(parts) + "</article>"


def _chips(operation: Json) -> str:
    chips = [_TITLES[operation["x-access"]]] if "x-access" in operation else []
    if limit := operation.get("x-rate-limit"):
        chips.append(f"{limit['per-second']} a second · {limit['group']}")
    return '<p class="chips">' + "".join(f"<span>{_text(chip)}</span>" for chip in chips) + "</p>"


def _body(operation: Json) -> tuple[Json, Any]:
    """Schema and example of the request's body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("schema", {}), content.get("example")


def _query_fields(operation: Json) -> list[Field]:
    return [
        Field.of(parameter["name"], parameter["schema"], required=parameter["required"])
        for parameter in operation.get("parameters", ())
    ]


def _answer(described: Json, operation: Json) -> str:
    """The fields of `data` and an example of the whole answer."""
    content = operation["responses"]["200"].get("content", {}).get("application/json", {})
    success: Json = next(iter(content.get("schema", {}).get("oneOf", ())), {})
    data = success.get("properties", {}).get("data", {})
    fields = fields_of(data, described)
    parts = []
    if fields:
        title = "a list of" if data.get("type") == "array" else ""
        about = description_of(data, described)
        parts = [f"<h4>Answer: <code>data</code>{', ' + title if title else ''}</h4>"]
        parts += [f'<p class="about">{_text(about)}</p>' if about else "", _table(fields)]
    if "example" in content:
        parts.append(f"<details><summary>Example answer</summary>{_code(content['example'])}</details>")
    return "".join(parts)


def _table(fields: list[Field], *, required: bool = False) -> str:
    rows = [
        f"<tr><td><code>{_text(field.path)}</code>"
        + ('<i title="required">*</i>' if required and field.required else "")
        + f"</td><td>{_text(field.kind)}</td><td>{_text(field.notes)}</td></tr>"
        for field in fields
    ]
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _codes(described: Json) -> str:
    rows = [
        f"<tr><td><code>{_text(code)}</code></td><td>{_text(text)}</td></tr>"
        for code, text in described["x-error-codes"].items()
    ]
    return (
        '<section class="group" id="codes"><h2>Error codes</h2>'
        f'<table class="codes"><tbody>{"".join(rows)}</tbody></table></section>'
    )


def _short(path: str) -> str:
    """A path without its version, able to break after slashes."""
    return _text(path.removeprefix("/v2/")).replace("/", "/<wbr>")


def _code(value: Any) -> str:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return f"<pre><code>{_text(text)}</code></pre>"


def _text(text: object) -> str:
    """Escaped; `code` in backquotes becomes code."""
    parts = escape(str(text)).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
