import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from openbourse.cli.logs import configure_logging

SIGN = "15208357BA5D288C27317F3263D33BCD"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_not_written_whoever_logs_them(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug", form)  # type: ignore[arg-type]
    log = structlog.get_logger("test")
    log.info("request", query=f"action=trade&price=5&sign={SIGN}&type=0", sign=SIGN, api_secret=SIGN)
    line = f"GET /appApi.html?sign={SIGN} HTTP/1.1"
    log.info(line, traceback=f'File "x"\n  url = "a?secret={SIGN}"\n')
    logging.getLogger("some.library").warning("GET /appApi.html?Sign=%s&x=1", SIGN)
    try:
        int(f"secret_text={SIGN}")
    except ValueError:
        log.exception("failed")
    written = capsys.readouterr().err
    assert SIGN not in written
    assert "price=5" in written
    assert written.count("***") >= 6


def test_json_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json")
    structlog.get_logger("test").info("hello", number=5, design="x=1", text="resign=yes signs=2")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["number"], line["design"]) == ("hello", 5, "x=1")
    assert line["text"] == "resign=yes signs=2"
