"""Everything a database holds, to be compared or searched."""

from tests.support.postgres import TestDatabase


def everything_in(database: TestDatabase) -> dict[str, list[str]]:
    """Return every row of every table as text, sorted, by the table's name."""
    tables = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {
        each["tablename"]: [
            row["line"]
            for row in database.rows(f'SELECT t::text AS line FROM "{each["tablename"]}" t ORDER BY 1')
        ]
        for each in tables
    }
