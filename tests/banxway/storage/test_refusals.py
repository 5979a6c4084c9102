"""A connection that the database refuses: one sentence says what is wrong, without the address."""

from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest

from banxway.errors import SettingsError, Unavailable
from banxway.storage.database import Database
from banxway.storage.migrator import migrate
from banxway.storage.server.refusals import DatabaseRefused, refusal_of
from tests.support.databases.postgres import PostgresServer, TestDatabase

WORD = "s3cret"

PASSWORD = "The database refuses the password in {variable}"
ROLE = "The database does not let the role in {variable} sign in"
NAME = "There is no database of the name in {variable}"
FULL = "The database takes no more connections"
HOST = "The host in {variable} is not found"


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    with postgres.emptied_database() as database:
        yield database


@pytest.fixture
def guarded_url(postgres: PostgresServer, test_database: TestDatabase) -> str:
    """The address of a role that signs in with its password alone, as every role of a deployment does."""
    role = f"guarded_{uuid4().hex[:8]}"
    postgres.demand_a_password(role, "right")
    return test_database.app_url.replace("banxway_app:secret", f"{role}:right")


def _refusal_by(url: str) -> Exception:
    """Return why the product cannot begin to work with this address."""
    with (
        closing(Database(url)) as database,
        pytest.raises((Unavailable, SettingsError)) as raised,
        database.system(),
    ):
        raise AssertionError("no scope may open")
    return raised.value


def test_a_password_that_is_right_is_let_in(guarded_url: str) -> None:
    """The control: the following connections are refused for the password only."""
    with closing(Database(guarded_url)) as database, database.system() as transaction:
        assert transaction.single("SELECT 1 AS one") == {"one": 1}


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda url: url.replace(":right@", ":wrong@"), PASSWORD),
        (lambda url: url.replace(":right@", "@"), PASSWORD),
        (lambda url: url.replace("guarded_", "unheard_of_"), ROLE),
        (lambda url: url.replace("test_", "no_such_"), NAME),
        (lambda url: f"postgresql://a:{WORD}@1@nosuch.invalid/banxway", HOST),
    ],
    ids=["wrong password", "no password", "unknown role", "unknown database", "unknown host"],
)
def test_what_is_wrong_with_an_address_is_reported(
    guarded_url: str, break_it: Callable[[str], str], sentence: str
) -> None:
    refused = _refusal_by(break_it(guarded_url))

    assert isinstance(refused, DatabaseRefused)
    assert str(refused).startswith(sentence.format(variable="DATABASE_URL"))
    assert "right" not in str(refused)


@pytest.mark.parametrize(
    "broken",
    [f"postgresql:/banxway_app:{WORD}@db/x y", f"postgresql://a:{WORD}@h/x?sslmod=x", f"a secret {WORD}"],
)
def test_an_address_that_is_none_is_a_setting_and_is_not_quoted(broken: str) -> None:
    refused = _refusal_by(broken)

    assert isinstance(refused, SettingsError)
    assert str(refused) == "DATABASE_URL is not a connection address of PostgreSQL"
    assert refused.__cause__ is None


def test_a_refused_password_is_tried_once(guarded_url: str) -> None:
    """A second attempt would bring a server that counts failed sign-ins closer to blocking the product."""
    tried = []

    def connect(url: str, **options: object) -> object:
        tried.append(url)
        return psycopg.connect(url, **options)  # type: ignore[call-overload]  # as the product gives them

    url = guarded_url.replace(":right@", ":wrong@")
    with (
        closing(Database(url, connect=connect)) as database,  # type: ignore[arg-type]  # the same
        pytest.raises(DatabaseRefused),
        database.system(),
    ):
        raise AssertionError("no scope may open")

    assert len(tried) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ('FATAL:  password authentication failed for user "banxway_app"', PASSWORD),
        ("FATAL:  SASL authentication failed", PASSWORD),
        ("FATAL:  server login failed: FATAL: password authentication failed for user", PASSWORD),
        ("FATAL:  Wrong password", PASSWORD),
        ("fe_sendauth: no password supplied", PASSWORD),
        ('FATAL:  role "banxway_ap" does not exist', ROLE),
        ('FATAL:  role "banxway_app" is not permitted to log in', ROLE),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "banxway_app"', ROLE),
        ("FATAL:  Tenant or user not found", ROLE),
        ('FATAL:  database "banxwy" does not exist', NAME),
        ("FATAL:  sorry, too many clients already", FULL),
        ('FATAL:  too many connections for role "banxway_app"', FULL),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", FULL),
        ("FATAL:  Max client connections reached", FULL),
        ("failed to resolve host 'db.invalid': [Errno -2] Name or service not known", HOST),
    ],
)
def test_the_words_of_servers_and_poolers_are_understood(words: str, sentence: str) -> None:
    refused = refusal_of(psycopg.OperationalError(words), variable="DATABASE_URL")

    assert str(refused).startswith(sentence.format(variable="DATABASE_URL"))


@pytest.mark.parametrize(
    "words",
    [
        "Connection refused",
        "timeout expired",
        "server closed the connection unexpectedly",
        "SSL SYSCALL error",
    ],
)
def test_no_answer_is_no_refusal(words: str) -> None:
    assert refusal_of(psycopg.OperationalError(words), variable="DATABASE_URL") is None


def test_a_migration_names_the_owners_variable(guarded_url: str) -> None:
    with pytest.raises(DatabaseRefused, match=r"refuses the password in OWNER_DATABASE_URL"):
        migrate(guarded_url.replace(":right@", ":wrong@"), app_url=None)
    with pytest.raises(SettingsError, match=r"^OWNER_DATABASE_URL is not a connection address"):
        migrate(f"postgresql://a:{WORD}@h/x?sslmod=x", app_url=None)
