"""Records the statements that a process sends, so that a test can count them."""

from typing import Any

import psycopg

from banxway.app import App


def recorded(app: App) -> list[str]:
    """Return a list to which every further statement of a process is added, as it is written in the code."""
    statements: list[str] = []
    database: Any = app.infrastructure.database

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **options: Any) -> Any:
            statements.append(query)
            return super().execute(query, *given, **options)

    database._live_connection().cursor_factory = Recording
    return statements
