"""The writer shares a processor with the core: what a row costs must stay small."""

import time

from sqlalchemy import func, select

from openbourse.core.events import Applied
from openbourse.history import tables
from openbourse.history.history import History

LEAST = 3_000  # rows a second


def test_the_cost_of_a_row(record: list[Applied], url: str) -> None:
    """Processor time, so that other work on the machine does not decide, and a tenth of what is usual."""
    history = History(url)
    started = time.process_time()
    for first in range(0, len(record), 1000):
        history.apply(record[first : first + 1000])
    spent = time.process_time() - started
    with history.engine.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
        ]
    history.close()
    assert sum(counts) > 15_000
    assert sum(counts) / spent > LEAST, f"{sum(counts) / spent:.0f} rows a second of processor time"
