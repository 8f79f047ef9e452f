"""Opening what is no history of ours: one clear sentence, and nothing changed."""

from pathlib import Path

import pytest
from sqlalchemy import text

from openbourse.history.database import HistoryError
from openbourse.history.history import History


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(HistoryError, match=r"history sqlite:.* cannot be opened: file is not a database"):
        History(f"sqlite:///{path}")
    assert path.read_bytes() == b"no database " * 1000


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"nowhere/history\.db cannot be opened: unable to open"):
        History(f"sqlite:///{tmp_path}/nowhere/history.db")


def test_another_format_is_refused(url: str) -> None:
    history = History(url)
    with history.engine.begin() as connection:
        connection.execute(text("UPDATE progress SET format = 99"))
    history.close()
    with pytest.raises(HistoryError, match=r"has format 99, .* delete the history"):
        History(url)


def test_other_databases_and_passwords() -> None:
    with pytest.raises(HistoryError, match="only sqlite and postgresql") as refused:
        History("mysql://user:very-secret@127.0.0.1/history")
    assert "very-secret" not in str(refused.value)


def test_queries_and_writer_do_not_block_each_other(url: str) -> None:
    history = History(url)
    with history.engine.connect() as connection:
        mode = connection.execute(text("PRAGMA journal_mode")).scalar()
    history.close()
    assert mode == "wal"
