"""What is recognised at a glance is what the parser would have understood."""

from typing import Any

import httptools
from hypothesis import given
from hypothesis import strategies as st

from openbourse.wire.http.plain_request import recognise

ORDER = (
    b"POST /v2/spot/order?a=1&b=%20 HTTP/1.1\r\nHost: x:80\r\nX-Empty-Looking: a b  c\r\n"
    b"Connection: keep-alive\r\nContent-Length: 5\r\n\r\n12345"
)


class Parsed:
    """One request as the parser tells it."""

    def __init__(self, data: bytes) -> None:
        self.target = self.body = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.begun = self.complete = 0
        self._parser: Any = httptools.HttpRequestParser(self)
        self._parser.feed_data(data)
        self.method = self._parser.get_method().decode()
        self.version = self._parser.get_http_version()
        self.stays = self._parser.should_keep_alive() and not self._parser.should_upgrade()

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


def check(data: bytes) -> bool:
    """Was it recognised? Then the parser must agree in everything."""
    plain = recognise(data, 100)
    if plain is None:
        return False
    parsed = Parsed(data)
    line = plain.line
    assert (parsed.method, parsed.version, parsed.stays) == (line.method, "1.1", True)
    assert parsed.target == line.target
    path, _, query = line.target.partition(b"?")
    assert (line.path.encode(), line.query) == (path, query)
    assert parsed.headers == list(plain.headers.items())
    assert parsed.body == plain.body
    assert (parsed.begun, parsed.complete) == (1, 0 if plain.missing else 1)
    if plain.missing:
        assert Parsed(data + b"x" * plain.missing).complete == 1
    return True


def mostly(usual: list[bytes], unusual: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """One of the usual values four times out of five."""
    common = st.sampled_from(usual)
    return st.integers(0, 4).flatmap(lambda draw: unusual if draw == 0 else common)


names = mostly(
    [b"Host", b"X-A", b"x-B", b"Accept", b"User-Agent"],
    st.sampled_from([b"Connection", b"Transfer-Encoding", b"Upgrade", b"Expect", b"", b"a b"])
    | st.binary(max_size=4),
)
values = mostly(
    [b"5", b"a  b", b"keep-alive", b"x:y"],
    st.sampled_from([b"5 ", b" 5", b"", b"close", b"Keep-Alive", b"upgrade", b"chunked"])
    | st.binary(max_size=4),
)
lengths = mostly(
    [b""], st.sampled_from([b"4", b"05", b"5 ", b"", b"5, 5", b"+5", b"x", b"5\r\nContent-Length: 5"])
)
headers = st.lists(
    st.tuples(names, mostly([b": "], st.sampled_from([b":", b" : ", b":  "])), values), max_size=3
)
targets = mostly(
    [b"/", b"/a", b"/a/b.c?d=%20&e"],
    st.sampled_from([b"/a?", b"/a?b#c", b"/%61", b"*", b"http://x/a", b"/a b"])
    | st.binary(max_size=4).map(lambda end: b"/" + end),
)
methods = mostly([b"GET", b"POST"], st.sampled_from([b"HEAD", b"PUT", b"get", b"CONNECT"]))
versions = mostly([b"1.1"], st.sampled_from([b"1.0", b"2.0", b"1.1 "]))
breaks = mostly([b"\r\n"], st.sampled_from([b"\n", b"\r", b"\r\n "]))


@given(methods, targets, versions, headers, lengths, breaks, st.binary(max_size=8))
def test_made_requests(
    method: bytes,
    target: bytes,
    version: bytes,
    fields: list[tuple[bytes, bytes, bytes]],
    length: bytes,
    line_break: bytes,
    body: bytes,
) -> None:
    lines = [b"%b %b HTTP/%b" % (method, target, version), *(b"".join(field) for field in fields)]
    lines += [b"Content-Length: %b" % (length or b"%d" % len(body)), b""]
    check(line_break.join(lines) + b"\r\n" + body)


@given(st.integers(0, len(ORDER) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_damaged_requests(place: int, inserted: bytes, removed: int) -> None:
    check(ORDER[:place] + inserted + ORDER[place + removed :])


def test_what_programs_send_is_recognised() -> None:
    assert check(ORDER)
    assert check(ORDER[:-3])
    assert check(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert not check(ORDER + b"6")


def test_too_many_headers_are_left_to_the_parser() -> None:
    lines = b"".join(b"X-%d: 1\r\n" % number for number in range(3))
    data = b"GET / HTTP/1.1\r\n%b\r\n" % lines
    assert recognise(data, 3) is not None
    assert recognise(data, 2) is None
