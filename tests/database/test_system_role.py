"""The role of work across organizations: who may be it, who must not inherit it, and how it is made by hand."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest

from banxway.errors import SettingsError
from banxway.reasons import Reason
from banxway.storage.database import Database
from banxway.storage.migrator import migrate, migration_names
from tests.support.databases.postgres import PostgresServer, TestDatabase, oldest_programs
from tests.support.running.documented_sql import statements


@dataclass
class Bare:
    """A server on which nothing of the product was made, and a database of an owner who may not create roles."""

    server: PostgresServer
    database: TestDatabase


@pytest.fixture(scope="module", params=["newest", "oldest"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    programs = oldest_programs() if request.param == "oldest" else None
    with PostgresServer.running(prepared=False, programs=programs) as server:
        yield server


@pytest.fixture
def bare(server: PostgresServer) -> Iterator[Bare]:
    with server.database(migrated=False) as database:
        database.rows("CREATE ROLE banxway_owner LOGIN")
        database.rows(f'ALTER DATABASE "{database.name}" OWNER TO banxway_owner')
        # A superuser made the database, so that its schema is not the owner's.
        database.rows("ALTER SCHEMA public OWNER TO banxway_owner")
        yield Bare(server, database)
        database.rows("DROP OWNED BY banxway_owner CASCADE")
        database.rows(f'ALTER DATABASE "{database.name}" OWNER TO postgres')
        for role in ("banxway_app_2", "banxway_app", "banxway_system", "banxway_owner"):
            database.rows(f"DO $$ BEGIN DROP OWNED BY {role}; EXCEPTION WHEN undefined_object THEN END $$")
            database.rows(f"DROP ROLE IF EXISTS {role}")


def _made_by_hand(database: TestDatabase) -> None:
    (block,) = (each.text for each in statements() if each.reader == "administrator")
    database.rows(block)


def test_with_roles_made_by_hand_an_owner_who_may_not_create_roles_migrates(bare: Bare) -> None:
    _made_by_hand(bare.database)

    applied = migrate(bare.database.owner_url, app_url=None)["applied"]

    assert applied == migration_names()
    organization = bare.database.add_organization()
    with closing(Database(bare.database.app_url)) as database:
        with database.system() as transaction:
            assert transaction.single("SELECT current_user AS role") == {"role": "banxway_system"}
        with database.organization(organization.id) as transaction:
            assert len(transaction.all("SELECT id FROM users")) == 3


def test_without_them_the_migration_says_what_to_do_and_goes_on_once_it_is_done(bare: Bare) -> None:
    with pytest.raises(SettingsError, match="'Roles made by hand'") as refused:
        migrate(bare.database.owner_url, app_url=None)
    assert refused.value.reason == Reason.DATABASE_ROLES_MISSING

    bare.database.rows("CREATE ROLE banxway_app LOGIN NOINHERIT")
    with pytest.raises(SettingsError, match="banxway_system"):
        migrate(bare.database.owner_url, app_url=None)
    assert bare.database.rows("SELECT FROM schema_migrations WHERE migration_name > '030'") == []

    bare.database.rows("CREATE ROLE banxway_system NOLOGIN; GRANT banxway_system TO banxway_app")
    assert migrate(bare.database.owner_url, app_url=None)["applied"][0] == "030_system_role.sql"


def test_a_role_that_inherits_is_refused_by_the_migration_and_by_the_product(bare: Bare) -> None:
    """Its policies would be joined to those of every organization's scope."""
    bare.database.rows(
        "CREATE ROLE banxway_system NOLOGIN; CREATE ROLE banxway_app LOGIN IN ROLE banxway_system"
    )
    with pytest.raises(SettingsError, match="'Roles made by hand'"):
        migrate(bare.database.owner_url, app_url=None)

    bare.database.rows("REVOKE banxway_system FROM banxway_app; ALTER ROLE banxway_app NOINHERIT")
    bare.database.rows("GRANT banxway_system TO banxway_app")
    migrate(bare.database.owner_url, app_url=None)
    bare.database.rows("CREATE ROLE banxway_app_2 LOGIN IN ROLE banxway_app, banxway_system")
    url = bare.database.app_url.replace("banxway_app", "banxway_app_2")
    with (
        closing(Database(url)) as database,
        pytest.raises(SettingsError, match="inherits") as refused,
        database.system(),
    ):
        raise AssertionError("no scope may open")
    assert refused.value.reason == Reason.DATABASE_WRONG_ROLE


def test_a_second_role_of_the_application_inherits_its_rows_and_not_the_system(bare: Bare) -> None:
    """As docs/operations.md makes it, to change a password."""
    _made_by_hand(bare.database)
    migrate(bare.database.owner_url, app_url=None)
    bare.database.rows("CREATE ROLE banxway_app_2 LOGIN IN ROLE banxway_app")
    organization, _ = bare.database.add_organization(), bare.database.add_organization("Other")
    url = bare.database.app_url.replace("banxway_app", "banxway_app_2")

    with closing(Database(url)) as database:
        with database.organization(organization.id) as transaction:
            seen = transaction.all("SELECT DISTINCT organization_id FROM users")
        with database.system() as transaction:
            role = transaction.single("SELECT current_user AS role")["role"]

    assert (seen, role) == ([{"organization_id": organization.id}], "banxway_system")


def test_a_role_that_may_not_be_the_system_is_refused_at_connect(bare: Bare) -> None:
    _made_by_hand(bare.database)
    migrate(bare.database.owner_url, app_url=None)
    bare.database.rows("REVOKE banxway_system FROM banxway_app")

    with (
        closing(Database(bare.database.app_url)) as database,
        pytest.raises(SettingsError, match="GRANT banxway_system TO banxway_app"),
        database.organization(uuid4()),
    ):
        raise AssertionError("no scope may open")


def test_the_system_reads_no_content_and_no_credentials(bare: Bare) -> None:
    _made_by_hand(bare.database)
    migrate(bare.database.owner_url, app_url=None)
    unreadable = (
        "body_text FROM messages", "credentials_encrypted FROM email_accounts", "1 FROM customers", "1 FROM users",
        "credentials_encrypted FROM integration_credentials", "credentials_encrypted FROM retiring_credentials",
    )  # fmt: skip
    with closing(Database(bare.database.app_url)) as database:
        for columns in unreadable:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), database.system() as transaction:
                transaction.all(f"SELECT {columns}")
