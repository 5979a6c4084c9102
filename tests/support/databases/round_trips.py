"""Counts the statements that a process of the product sends to its database; each is one round trip."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg

from banxway.app import App


@contextmanager
def round_trips(app: App) -> Iterator[list[str]]:
    """Yield a list to which each statement of the process is added while the block runs, BEGIN and COMMIT too."""
    sent: list[str] = []

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            sent.append(" ".join(str(query).split()))
            return super().execute(query, *arguments, **options)

    database: Any = app.infrastructure.database
    former, database._connect = database._connect, partial(psycopg.connect, cursor_factory=Counting)
    database.close()
    with database.system():
        pass  # what opening a connection asks is not counted
    sent.clear()
    try:
        yield sent
    finally:
        database._connect = former
        database.close()
