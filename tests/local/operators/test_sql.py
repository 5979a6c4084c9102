"""`make sql`: whose rows it shows, and what it refuses."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.operators import sql
from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.databases.postgres_wire import TransactionPooler, over_tcp
from tests.support.servers.tcp_server import refused_port

WORD = "s3cret"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def organization(test_database: TestDatabase) -> Organization:
    test_database.add_organization("Other Co")
    return test_database.add_organization("Acme")


@pytest.fixture
def run(
    test_database: TestDatabase, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Run `make sql` on a deployment, and return its exit code and what it printed."""
    monkeypatch.setenv("DATABASE_URL", test_database.app_url)
    monkeypatch.setenv("OWNER_DATABASE_URL", test_database.owner_url)

    def run_it(
        organization: object = "", query: str = "SELECT name FROM organizations"
    ) -> tuple[int, str, str]:
        monkeypatch.setenv("BANXWAY_QUERY", query)
        code = sql.main(["--organization", str(organization)])
        return code, *capfd.readouterr()

    return run_it


def test_a_statement_sees_the_organization_and_no_other(run: Run, organization: Organization) -> None:
    code, printed, _ = run(organization.id)

    assert code == 0
    assert "Acme" in printed
    assert "(1 row)" in printed


def test_a_statement_changes_the_organization_and_no_other(
    run: Run, organization: Organization, test_database: TestDatabase
) -> None:
    code, printed, _ = run(organization.id, "UPDATE users SET role = 'admin' WHERE role = 'agent'")

    agents = test_database.rows("SELECT count(*) AS left FROM users WHERE role = 'agent'")
    assert (code, printed) == (0, "UPDATE 1\n")
    assert agents == [{"left": 1}]


def test_what_the_application_may_not_is_refused(run: Run, organization: Organization) -> None:
    code, _, complaint = run(organization.id, "DELETE FROM integration_audit_logs")

    assert code != 0
    assert "permission denied" in complaint


def test_without_an_organization_they_are_listed(run: Run, organization: Organization) -> None:
    code, printed, hint = run()

    assert code == 0
    assert f"{organization.id}  Acme\n" in printed
    assert "Other Co" in printed
    assert "make sql ORGANIZATION=<id>" in hint


@pytest.mark.parametrize(
    ("organization", "sentence"),
    [
        ("Acme", "ORGANIZATION is an id such as"),
        ("00000000-0000-4000-8000-00000000dead", "There is no organization 00000000-"),
        ("x" * 5000, "ORGANIZATION is an id such as"),
    ],
)
def test_an_organization_that_is_none_is_refused(run: Run, organization: str, sentence: str) -> None:
    code, printed, complaint = run(organization)

    assert (code, printed) == (2, "")
    assert complaint.startswith(sentence)
    assert len(complaint) < 300


@pytest.mark.parametrize("visitor", ["owner_url", "superuser_url"])
def test_a_role_that_row_level_security_does_not_bind_is_refused(
    run: Run,
    organization: Organization,
    test_database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    visitor: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", getattr(test_database, visitor))

    code, printed, complaint = run(organization.id)

    assert (code, printed) == (2, "")
    assert "bypasses row-level security" in complaint


def test_behind_a_transaction_mode_pooler_nothing_is_run(
    run: Run, organization: Organization, test_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a session sets would be the next client's, or be lost: then every answer is empty."""
    with TransactionPooler(test_database.app_url, backends=1) as pooler:
        monkeypatch.setenv("DATABASE_URL", over_tcp(test_database.app_url, pooler.port))
        code, printed, complaint = run(organization.id)

    assert (code, printed) == (2, "")
    assert "session-mode address" in complaint


def test_a_wrong_password_is_reported_and_not_shown(
    run: Run, organization: Organization, postgres: PostgresServer, test_database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    postgres.demand_a_password("sql_guarded", "right")
    wrong = test_database.app_url.replace("banxway_app:secret", "sql_guarded:s3cret")
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        monkeypatch.setenv(name, wrong)

    shown = [run(organization.id)[2], run()[2]]

    assert shown == [
        "The database refuses the password in DATABASE_URL\n",
        "The database refuses the password in OWNER_DATABASE_URL\n",
    ]


def test_a_password_is_in_no_list_of_processes(test_database: TestDatabase) -> None:
    command, environment = sql.psql(f"postgresql://banxway_app:{WORD}@db.example/banxway", query="SELECT 1")

    assert WORD not in " ".join(command)
    assert environment["PGPASSWORD"] == WORD


def test_without_psql_on_the_machine_the_local_databases_own_is_used(
    run: Run, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql.shutil, "which", lambda _name: None)

    code, printed, _ = run(organization.id)

    assert code == 0
    assert "Acme" in printed


def test_an_interactive_session_is_in_the_scope(
    test_database: TestDatabase, organization: Organization
) -> None:
    """What is typed into psql, as make calls it."""
    typed = "SELECT name FROM organizations;\nSELECT count(*) AS users FROM users;\n"
    shown = subprocess.run(
        [sys.executable, "-m", "local.operators.sql", "--organization", str(organization.id)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "DATABASE_URL": test_database.app_url, "BANXWAY_QUERY": ""},
        input=typed,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Acme" in shown.stdout
    assert "Other" not in shown.stdout
    assert shown.stdout.count("(1 row)") == 2


def test_where_nothing_runs_and_nothing_is_named_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    code = sql.main(["--url", f"http://127.0.0.1:{refused_port()}"])

    assert code == 2
    assert "start it (make run)" in capfd.readouterr().err
