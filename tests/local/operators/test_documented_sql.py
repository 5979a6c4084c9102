"""Every statement of the documentation and of the setup guide touches rows, run as its reader runs it."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from local.operators import sql
from tests.support.databases.canary_rows import CanaryRows
from tests.support.databases.postgres import PostgresServer, TestDatabase
from tests.support.gates.rules import Sentences, rule
from tests.support.running import guide_sql
from tests.support.running.documented_sql import Statement, bare_in, bare_sql, statements

Ask = Callable[[str], str]


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    with postgres.database() as database:
        yield database


@pytest.fixture(scope="module")
def canaries(database: TestDatabase) -> Iterator[CanaryRows]:
    """Two organizations in which everything has happened that a page tells its reader to look for."""
    with psycopg.connect(database.superuser_url, autocommit=True, row_factory=dict_row) as superuser:
        made = CanaryRows(superuser)
        for name in ("alpha", "beta"):
            made.add(
                name,
                integration_credentials={"integration_type": "exotel_phone"},
                integration_audit_logs={"integration_type": "exotel_phone", "status": "failed"},
                messages={"direction": "outbound", "status": "queued"},
                webhook_events={"outcome": "unreadable"},
            )
        yield made


@pytest.fixture
def organization(canaries: CanaryRows) -> UUID:
    return next(iter(canaries.rows))


@pytest.fixture
def ask(
    database: TestDatabase,
    organization: UUID,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Ask:
    """Run a statement as `make sql ORGANIZATION=… QUERY=…` does, and return what is printed."""
    monkeypatch.setenv("DATABASE_URL", database.app_url)

    def run(statement: str) -> str:
        monkeypatch.setenv("BANXWAY_QUERY", statement)
        code = sql.main(["--organization", str(organization)])
        printed, complaints = capfd.readouterr()
        return printed if code == 0 else f"exit {code}: {complaints}"

    return run


def _filled(statement: str, rows: dict[str, dict[str, object]], organization: UUID) -> str:
    """Put the organization's own values where a page leaves a place."""
    table = re.search(r"(?:FROM|UPDATE) (\w+)", statement)
    for column in ("id", "email"):
        if table and column in rows.get(table[1], {}):
            statement = statement.replace(f"{column} = '…'", f"{column} = '{rows[table[1]][column]}'")
    own = str(rows["users"]["id"])
    return statement.replace("your-user-id", own).replace("<id>", str(organization))


def _take_back(canaries: CanaryRows, organization: UUID) -> None:
    """Take back what the statement before did to the user's sign-in and to the message that waits."""
    canaries.connection.execute(
        "UPDATE messages SET status = 'queued' WHERE id = %(id)s", canaries.rows[organization]["messages"]
    )
    canaries.connection.execute(
        """UPDATE users SET email = %(email)s, subject = %(subject)s, is_active = true, invitation_expires_at = NULL
           WHERE id = %(id)s""",
        canaries.rows[organization]["users"],
    )


def _touched(printed: str) -> int:
    """Return how many rows psql says it found or changed, or how many lines of CSV it wrote below their header."""
    if printed.startswith("id,"):
        return printed.count("\n") - 1
    found = re.findall(r"\((\d+) rows?\)$|^(?:UPDATE|DELETE|INSERT 0) (\d+)$", printed, re.MULTILINE)
    return sum(int(number) for pair in found for number in pair if number)


@rule
def test_what_a_page_tells_an_operator_to_run_touches_rows(
    ask: Ask, canaries: CanaryRows, organization: UUID
) -> Sentences:
    found = [each for each in statements() if each.reader == "operator"]
    for each in found:
        _take_back(canaries, organization)
        printed = ask(_filled(each.text, canaries.rows[organization], organization))
        if not _touched(printed):
            yield f"{each.page}: {each.text} touches nothing: {printed}"
    if len(found) < 6:
        yield f"only {len(found)} statements were found: this test looks in the wrong place"


@rule
def test_what_a_page_tells_another_client_to_run_finds_rows(
    database: TestDatabase, canaries: CanaryRows, organization: UUID
) -> Sentences:
    for each in _read_by("scope"):
        with psycopg.connect(database.app_url, autocommit=True) as connection:
            cursor = connection.execute(_filled(each.text, canaries.rows[organization], organization))
            results = [cursor.rowcount]
            while cursor.nextset():
                results.append(cursor.rowcount)
        if results != [-1, 1, 1, -1]:
            yield f"{each.page}: {each.text} finds {results}"


@rule
def test_what_a_page_tells_the_owner_to_run_is_permitted(database: TestDatabase) -> Sentences:
    with psycopg.connect(database.owner_url) as connection:
        for each in _read_by("owner"):
            try:
                connection.execute(each.text)
            except psycopg.Error as error:
                yield f"{each.page}: {each.text}: {error}"
        connection.rollback()


@pytest.mark.parametrize("name", guide_sql.QUERIES)
def test_a_query_of_the_setup_guide_returns_what_it_promises(
    ask: Ask, canaries: CanaryRows, organization: UUID, name: str
) -> None:
    printed = ask(_filled(guide_sql.QUERIES[name], canaries.rows[organization], organization))

    assert _touched(printed) == guide_sql.ROWS.get(name, 1), printed
    assert "beta" not in printed


@rule
def test_every_statement_of_a_page_says_who_runs_it() -> Sentences:
    """As anybody else, row-level security answers it with nothing, and without an error."""
    yield from bare_sql()
    for each in statements():
        if each.reader not in ("operator", "scope", "owner", "administrator"):
            yield f"{each.page} has a block of sql for {each.reader!r}, and nobody is called so"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Fix: `make sql ORGANIZATION=… QUERY=\"UPDATE users SET role = 'admin'\"`", []),
        ("```sql\nSELECT 1 FROM users\n```", []),
        ("Fix: UPDATE users SET role = 'admin'", ["UPDATE users SET"]),
        ("`SELECT * FROM users`, or `DELETE FROM users`", ["SELECT * FROM", "DELETE FROM users"]),
    ],
)
def test_a_statement_without_a_reader_is_seen(text: str, bare: list[str]) -> None:
    assert bare_in(text) == bare


def _read_by(reader: str) -> list[Statement]:
    found = [each for each in statements() if each.reader == reader]
    assert found
    return found
