"""Postgres' own time, set by a test: what the product asks the database for with now() is what was set last.

    with DatabaseClock.installed(database) as clock:
        clock.set(moment)

Connections that the product opens inside the block see it; those of the superuser, and the defaults of columns, go by
the server's true time. For a test whose outcome must not depend on how long its own steps take.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.support.databases.postgres import TestDatabase

NOW = datetime(2100, 1, 15, 9, 0, tzinfo=UTC)
"""Later than any machine's clock: what a row begins with is past, and due."""

# A name without its schema is looked for in pg_catalog first, unless the path says otherwise.
_INSTALL = """
    CREATE SCHEMA simulated;
    CREATE TABLE simulated.clock AS SELECT now() AS moment;
    CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT moment FROM simulated.clock';
    CREATE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT moment FROM simulated.clock';
    GRANT USAGE ON SCHEMA simulated TO banxway_app, banxway_system;
    GRANT SELECT ON simulated.clock TO banxway_app, banxway_system;
    ALTER ROLE banxway_app IN DATABASE "{name}" SET search_path = simulated, pg_catalog, public"""
_REMOVE = """
    ALTER ROLE banxway_app IN DATABASE "{name}" RESET search_path;
    DROP SCHEMA simulated CASCADE"""


class DatabaseClock:
    """The time of one database, standing still until `set`."""

    def __init__(self, database: TestDatabase) -> None:
        self._database = database

    @classmethod
    @contextmanager
    def installed(cls, database: TestDatabase) -> "Iterator[DatabaseClock]":
        """Let the product's next connections go by this clock; processes that are open must be closed first."""
        database.rows(_INSTALL.format(name=database.name))
        try:
            yield cls(database)
        finally:
            database.rows(_REMOVE.format(name=database.name))

    def set(self, moment: datetime) -> None:
        """Let it be this moment."""
        self._database.rows("UPDATE simulated.clock SET moment = %s", (moment,))
