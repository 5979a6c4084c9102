"""A table without row-level security shows every organization to every other; forgetting it must be hard.

tests/database asks the catalogue of a real database the same; this is the half that needs none and names the line.
"""

import re
from pathlib import Path

from tests.support.tree import PACKAGE

MIGRATIONS = sorted((PACKAGE / "storage" / "migrations").glob("*.sql"))
TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\)", re.DOTALL)
PROTECTED = re.compile(r"CALL protect_organization_table\('(\w+)'\)")
UNDOES = re.compile(r"DISABLE ROW LEVEL SECURITY|NO FORCE ROW LEVEL SECURITY|BYPASSRLS", re.IGNORECASE)


def test_every_table_of_an_organization_is_protected_where_it_is_made() -> None:
    """In the same migration, so that there is no moment without."""
    unprotected = [
        f"{migration.name}: {table}"
        for migration in MIGRATIONS
        for table, columns in TABLE.findall(_sql(migration))
        if re.search(r"^\s*organization_id\b", columns, re.MULTILINE)
        and table not in PROTECTED.findall(_sql(migration))
    ]

    assert not unprotected, "\n".join(unprotected)


def test_nothing_takes_protection_away_again() -> None:
    """Policies bind only who is subject to them."""
    found = [
        f"{migration.name}: {word}"
        for migration in MIGRATIONS
        for word in UNDOES.findall(_sql(migration).replace("NOBYPASSRLS", ""))
    ]

    assert not found, "\n".join(found)


def test_what_runs_as_the_owner_is_a_trigger_with_a_fixed_search_path() -> None:
    """The owner's rights in a function that anybody may call, or whose tables anybody may shadow, are everybody's."""
    loose = [
        f"{migration.name}: {head.split('(')[0]}"
        for migration in MIGRATIONS
        for head in re.findall(
            r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) (.*?)\$\$", _sql(migration), re.DOTALL
        )
        if "SECURITY DEFINER" in head and not ("RETURNS trigger" in head and "SET search_path =" in head)
    ]

    assert not loose, "\n".join(loose)


def test_migrations_are_numbered_without_gap_or_repetition() -> None:
    """Their order is their names' order; two of one number would run in an order that nobody chose."""
    numbers = [int(migration.name.split("_")[0]) for migration in MIGRATIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_migration_says_what_it_brings() -> None:
    """Its first line is what a reader of the list gets."""
    silent = [migration.name for migration in MIGRATIONS if not migration.read_text().startswith("-- ")]

    assert not silent, "\n".join(silent)


def _sql(migration: Path) -> str:
    return re.sub(r"--[^\n]*", "", migration.read_text())


def test_no_row_is_locked_against_those_who_only_refer_to_it() -> None:
    """A row inserted elsewhere that refers to it would wait, while it holds what the first one waits for."""
    found = [
        f"{file.relative_to(PACKAGE)}: {line.strip()}"
        for file in PACKAGE.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"FOR (UPDATE|SHARE)\b", line)
    ]

    assert not found, "write FOR NO KEY UPDATE, which foreign keys pass by:\n" + "\n".join(found)
