"""Why a signature is wrong: the text that has to be signed, and the mistakes that can be recognised.

Pure: what a client sent and its secret go in. Nothing that comes out has the secret in it.
"""

import hashlib
from collections.abc import Iterator, Mapping

from openbourse.wire.coinw.parameters import read_parameters
from openbourse.wire.coinw.signature import signed_by
from openbourse.wire.explanation import Explanation, shown


def explain(query: bytes, body: bytes, secret: str) -> Explanation:
    """The CoinW wire: MD5 over the sorted parameters with the secret at the end (legacy.md §3)."""
    parameters = read_parameters(query, body)
    sent = parameters.get("sign")
    fields = {name: field.value for name, field in parameters.fields.items() if name != "sign"}
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    finding = "no mistake that is known: look at the secret" if sent else "the parameter sign is not there"
    if sent and signed_by(parameters, secret):
        finding = "the signature is right"
    elif sent:
        finding = next(
            (
                name
                for name, variant in _coinw_variants(fields, text, secret)
                if hashlib.md5(variant.encode(), usedforsecurity=False).hexdigest() == sent.lower()
            ),
            finding,
        )
    how = "MD5 of this and &secret_key=<secret>, in hex digits"
    return Explanation(shown(text.encode()), how, sent, finding)


def _coinw_variants(fields: Mapping[str, str], text: str, secret: str) -> Iterator[tuple[str, str]]:
    unsorted = "&".join(f"{name}={value}" for name, value in fields.items())
    without_key = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "api_key")
    yield "the secret was left out", text
    yield "the secret was appended without &secret_key=", text + secret
    yield "the secret was appended as &secret=", f"{text}&secret={secret}"
    yield "the parameters were not sorted", f"{unsorted}&secret_key={secret}"
    yield "api_key was left out", f"{without_key}&secret_key={secret}"
