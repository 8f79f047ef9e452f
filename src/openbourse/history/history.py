"""The history of a venue: what happened, in a relational database that can always be rebuilt."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import URL

from openbourse.core.events import Applied
from openbourse.history.candles import minutes_since
from openbourse.history.database import open_database
from openbourse.history.projection import Projection
from openbourse.history.tables import progress
from openbourse.history.trades import tape
from openbourse.market_data.candles import MINUTE, period_start
from openbourse.market_data.market_data import MarketPast
from openbourse.market_data.tape import TAPE_LENGTH
from openbourse.market_data.ticker import WINDOW_MS


class History:
    """One database: written by one thread with `apply`, read by any through `engine`."""

    def __init__(self, url: str | URL) -> None:
        """Open or create the database; raises HistoryError when it cannot be used."""
        self.engine: Engine = open_database(url)
        self._projection = Projection(self.engine)

    def apply(self, batch: list[Applied]) -> int:
        """Write commands in one transaction, those that are there already excepted.

        Returns the sequence reached. Raises SequenceGapError or the database's error, with nothing
        written.
        """
        return self._projection.apply(batch)

    def applied_sequence(self) -> int:
        """The newest command that the history holds; replay the log after it to catch up."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(progress.c.applied_sequence)).scalar_one())

    def close(self) -> None:
        self.engine.dispose()


def markets_past(connection: Connection, markets: Iterable[str], now: int) -> dict[str, MarketPast]:
    """What `MarketData.load` needs to know of the time before the start; `now` in ms."""
    since = period_start(now, MINUTE) - WINDOW_MS
    return {
        market: MarketPast(minutes_since(connection, market, since), tape(connection, market, TAPE_LENGTH))
        for market in markets
    }
