"""Records the statements that a process of the product sends to its database; each is one round trip."""

from typing import Any

import psycopg

from banxway.app import App


def recorded(app: App) -> list[str]:
    """Return a list to which every further statement of a process is added, each on one line, BEGIN and COMMIT too.

    What opening the connection asks is not among them.
    """
    statements: list[str] = []
    database: Any = app.infrastructure.database

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **options: Any) -> Any:
            statements.append(" ".join(str(query).split()))
            return super().execute(query, *given, **options)

    database._live_connection().cursor_factory = Recording
    return statements
