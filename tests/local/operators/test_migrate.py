"""`make migrate`: a database is brought to this release's schema with the owner's address."""

from collections.abc import Callable

import pytest

from banxway.storage.migrator import migration_names
from local.operators import migrate
from tests.support.databases.postgres import PostgresServer

WORD = "s3cret"

Run = Callable[[], tuple[int, str, str]]
TOTAL = len(migration_names())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_it() -> tuple[int, str, str]:
        return migrate.main([]), *capsys.readouterr()

    return run_it


def test_an_empty_database_gets_every_migration_once(
    run: Run, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.database(migrated=False) as empty:
        empty.rows(f"ALTER DATABASE {empty.name} OWNER TO banxway_owner")
        empty.rows("ALTER SCHEMA public OWNER TO banxway_owner")
        monkeypatch.setenv("OWNER_DATABASE_URL", empty.owner_url)

        first, second = run(), run()

    names = "".join(f"applied {name}\n" for name in migration_names())
    assert first == (0, f"{names}{TOTAL} migrations are applied, {TOTAL} of them now\n", "")
    assert second == (0, f"{TOTAL} migrations are applied, 0 of them now\n", "")


def test_without_the_owners_address_it_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://banxway_app:{WORD}@db.example/banxway")

    code, printed, complaint = run()

    assert (code, printed) == (2, "")
    assert complaint.startswith("Give OWNER_DATABASE_URL")


def test_a_refused_owner_is_reported_without_the_password(
    run: Run, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.demand_a_password("migrating_guarded", "right")
    url = postgres._url("postgres", "migrating_guarded").replace(":secret@", ":s3cret@")
    monkeypatch.setenv("OWNER_DATABASE_URL", url)

    assert run() == (2, "", "The database refuses the password in OWNER_DATABASE_URL\n")
