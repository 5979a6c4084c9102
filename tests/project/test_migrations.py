"""A table without row-level security shows every organization to every other; forgetting it must be hard.

tests/database asks the catalogue of a real database the same; this is the half that needs none and names the line.
"""

import re
from pathlib import Path

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import PACKAGE, python_files, shown

TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\)", re.DOTALL)
PROTECTED = re.compile(r"CALL protect_organization_table\('(\w+)'\)")
UNDOES = re.compile(r"DISABLE ROW LEVEL SECURITY|NO FORCE ROW LEVEL SECURITY|BYPASSRLS", re.IGNORECASE)


@rule
def test_every_table_of_an_organization_is_protected_where_it_is_made() -> Sentences:
    """In the same migration, so that there is no moment without."""
    for migration in _migrations():
        for table, columns in TABLE.findall(_sql(migration)):
            is_an_organizations = re.search(r"^\s*organization_id\b", columns, re.MULTILINE)
            if is_an_organizations and table not in PROTECTED.findall(_sql(migration)):
                yield f"{migration.name} makes {table}, and does not protect it"


@rule
def test_nothing_takes_protection_away_again() -> Sentences:
    """Policies bind only who is subject to them."""
    for migration in _migrations():
        for words in UNDOES.findall(_sql(migration).replace("NOBYPASSRLS", "")):
            yield f"{migration.name} says {words}"


@rule
def test_what_runs_as_the_owner_is_a_trigger_or_taken_from_everybody_with_a_fixed_search_path() -> Sentences:
    """The owner's rights in a function that anybody may call, or whose tables anybody may shadow, are everybody's."""
    for migration in _migrations():
        heads = r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) (.*?)\$\$"
        taken = " ".join(re.findall(r"REVOKE EXECUTE ON FUNCTION (.*?) FROM PUBLIC", _sql(migration)))
        for head in re.findall(heads, _sql(migration), re.DOTALL):
            is_closed = "RETURNS trigger" in head or f"{head.split('(')[0]}(" in taken
            is_bound = is_closed and "SET search_path =" in head
            if "SECURITY DEFINER" in head and not is_bound:
                yield f"{migration.name}: {head.split('(')[0]} runs as the owner for anybody"


@rule
def test_migrations_are_numbered_without_gap_or_repetition() -> Sentences:
    """Their order is their names' order; two of one number would run in an order that nobody chose."""
    if not _migrations():
        yield "there is no migration"
    for number, migration in enumerate(_migrations(), start=1):
        if migration.name.split("_")[0] != f"{number:03}":
            yield f"{migration.name} should be number {number:03}"


@rule
def test_every_migration_says_what_it_brings() -> Sentences:
    """Its first line is what a reader of the list gets."""
    for migration in _migrations():
        if not text_of(migration).startswith("-- "):
            yield f"{migration.name} does not begin with a sentence"


@rule
def test_no_row_is_locked_against_those_who_only_refer_to_it() -> Sentences:
    """A row inserted elsewhere that refers to it would wait, while it holds what the first one waits for."""
    for file in python_files("layers/banxway/banxway"):
        for number, line in enumerate(text_of(file).splitlines(), start=1):
            if re.search(r"FOR (UPDATE|SHARE)\b", line):
                yield f"{shown(file)}:{number} should say FOR NO KEY UPDATE, which foreign keys pass by"


def _migrations() -> list[Path]:
    return sorted((PACKAGE / "storage" / "migrations").glob("*.sql"))


def _sql(migration: Path) -> str:
    return re.sub(r"--[^\n]*", "", text_of(migration))
