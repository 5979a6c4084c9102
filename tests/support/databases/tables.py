"""Returns everything that a database contains, to be compared or searched."""

from functools import cache

from tests.support.databases.postgres import TestDatabase


def everything_in(database: TestDatabase, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Return every row of every table but these, as the table's name and the row as text, sorted."""
    return [(row["name"], row["line"]) for row in database.rows(_every_row(database, without))]


@cache
def _every_row(database: TestDatabase, without: frozenset[str]) -> str:
    tables = database.rows(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)",
        (list(without),),
    )
    selects = [
        f"SELECT '{each['name']}' AS name, t::text AS line FROM \"{each['name']}\" t" for each in tables
    ]
    return " UNION ALL ".join(selects) + " ORDER BY 1, 2"
