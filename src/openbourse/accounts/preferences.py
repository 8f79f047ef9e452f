"""Preferences: small choices of users about their accounts, as text by name."""

import threading

from sqlalchemy import Engine, delete, insert, select

from openbourse.accounts.tables import preferences


class Preferences:
    """All preferences, in memory and in the database; a change is durable when `set` returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._change = threading.Lock()
        with engine.connect() as connection:
            rows = connection.execute(select(preferences)).all()
        self._values: dict[tuple[int, str], str] = {(row.user_id, row.name): row.value for row in rows}

    def get(self, user_id: int, name: str, default: str) -> str:
        return self._values.get((user_id, name), default)

    def set(self, user_id: int, name: str, value: str) -> None:
        table = preferences
        with self._change, self._engine.begin() as connection:
            connection.execute(delete(table).where(table.c.user_id == user_id, table.c.name == name))
            connection.execute(insert(table).values(user_id=user_id, name=name, value=value))
            self._values[user_id, name] = value
