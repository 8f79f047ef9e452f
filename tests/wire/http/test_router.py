import pytest

from openbourse.wire.http.router import Nobody, Router


def test_a_path_goes_by_its_first_segment() -> None:
    exact, loose = Nobody(), Nobody()
    router = Router({"/v2": exact}, {"/appApi.html": loose})
    assert router.dialect("/v2") is router.dialect("/v2/spot/order") is exact
    for path in ("/appApi.html", "/appapi.html", "/APPAPI.HTML"):
        assert router.dialect(path) is loose
    for path in ("/V2", "/v22", "/", "", "/appApi.htm"):
        assert router.dialect(path) not in (exact, loose)


@pytest.mark.parametrize("prefix", ["v2", "/v2/spot", ""])
def test_what_is_no_first_segment_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="first segment"):
        Router({prefix: Nobody()})
    with pytest.raises(ValueError, match="first segment"):
        Router({}, {prefix: Nobody()})
