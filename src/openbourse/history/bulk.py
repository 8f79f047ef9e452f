"""Writing many rows at once, of which some may be there already."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from openbourse.history.columns import Amount

Row = dict[str, Any]
InsertT = TypeVar("InsertT", sqlite.Insert, postgresql.Insert)


class BulkInsert:
    """The insert of one table, compiled once; rows whose primary key is there are left alone.

    With `updated`, those columns of such rows are overwritten instead. Binding each row by SQLAlchemy
    would cost more than all that the database does, and the writer shares its processor with the core.
    """

    def __init__(self, engine: Engine, table: Table, updated: tuple[str, ...] = ()) -> None:
        make_dialect: Callable[..., Dialect] = type(engine.dialect)
        if engine.dialect.name == "sqlite":
            dialect = make_dialect(paramstyle="qmark")
            compiled = _tolerant(sqlite.insert(table), table, updated).compile(dialect=dialect)
        else:
            dialect = make_dialect(paramstyle="format")
            compiled = _tolerant(postgresql.insert(table), table, updated).compile(dialect=dialect)
        self._sql = str(compiled)
        names: list[str] = compiled.positiontup or []
        self._columns = [(name, isinstance(table.c[name].type, Amount)) for name in names]

    def execute(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Write rows, in order; each has a value for every column."""
        columns = self._columns
        values = [
            tuple([str(row[name]) if is_amount else row[name] for name, is_amount in columns]) for row in rows
        ]
        if values:
            connection.exec_driver_sql(self._sql, values)


def _tolerant(statement: InsertT, table: Table, updated: tuple[str, ...]) -> InsertT:
    if not updated:
        return statement.on_conflict_do_nothing()
    overwritten = {name: statement.excluded[name] for name in updated}
    return statement.on_conflict_do_update(index_elements=table.primary_key, set_=overwritten)
