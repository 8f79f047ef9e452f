from openbourse.wire.http.messages import Response
from openbourse.wire.http.traffic import MAX_CODES, MAX_ENDPOINTS, OTHER, Barred, Traffic


def test_answers_are_counted_by_endpoint_and_code() -> None:
    traffic = Traffic()
    for code, seconds in ((0, 0.001), (0, 0.2), (3109, 0.001)):
        traffic.note(Response(b"", endpoint="POST /order", code=code), seconds)
    traffic.note(Response(b"", 404), 0.001)
    assert dict(traffic.endpoints["POST /order"].codes) == {"0": 2, "3109": 1}
    assert traffic.endpoints["POST /order"].seconds.count == 3
    assert round(traffic.endpoints["POST /order"].seconds.total, 3) == 0.202
    assert dict(traffic.endpoints[OTHER].codes) == {"http_404": 1}


def test_the_barred_are_counted_by_reason() -> None:
    traffic = Traffic()
    for _ in range(2):
        traffic.note(Response(b"", endpoint="GET /a", code=4005, barred="auth"), 0)
    traffic.note(Response(b"", 429, barred="limit"), 0)
    assert traffic.barred == {Barred("auth", "GET /a", "4005"): 2, Barred("limit", OTHER, "http_429"): 1}


def test_labels_are_bounded() -> None:
    traffic = Traffic()
    for number in range(MAX_ENDPOINTS + 50):
        traffic.note(Response(b"", endpoint=f"GET /{number}", code=number), 0)
    assert len(traffic.endpoints) <= MAX_ENDPOINTS + 1
    codes = {code for seen in traffic.endpoints.values() for code in seen.codes}
    assert len(codes) <= MAX_CODES + 1
    assert sum(sum(seen.codes.values()) for seen in traffic.endpoints.values()) == MAX_ENDPOINTS + 50
