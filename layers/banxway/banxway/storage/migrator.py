"""Brings a database to this release's schema.

Files `NNN_name.sql` in `migrations/` are applied in order, forward only, each in a transaction of its own
together with its row in schema_migrations; an interrupted run resumes where it stopped.
"""

import re
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from banxway.errors import SettingsError, Unavailable
from banxway.reasons import Reason
from banxway.storage.database import Transaction
from banxway.storage.server.refusals import refusal_of, require_address

if TYPE_CHECKING:
    import psycopg

_NAME = re.compile(r"^\d{3}_[a-z_]+\.sql$")
# Any fixed number serves; it keeps two deployments from migrating at once.
_ADVISORY_LOCK = 6_820_261_125


def migration_names() -> list[str]:
    """Return the names of all migrations of this release, in order."""
    folder = resources.files("banxway.storage.migrations")
    return sorted(entry.name for entry in folder.iterdir() if _NAME.match(entry.name))


def count_applied(transaction: Transaction) -> int:
    """Return the number of migrations that the database has."""
    row = transaction.single("SELECT count(*) AS applied FROM schema_migrations")
    return int(row["applied"])


def migrate(owner_url: str, *, app_url: str | None) -> dict[str, Any]:
    """Apply the missing migrations and return {"applied": [names], "already": count}.

    `owner_url` must not lead through a transaction-mode pooler. Where the first migration creates the role
    banxway_app, it receives the password of `app_url`. Raises SettingsError if the owner may not create roles and
    nobody has made them by hand.
    """
    import psycopg

    require_address(owner_url, variable="OWNER_DATABASE_URL")
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations ("
                "migration_name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            done = {row[0] for row in connection.execute("SELECT migration_name FROM schema_migrations")}
            missing = [name for name in migration_names() if name not in done]
            for name in missing:
                _apply(connection, name)
            if app_url:
                _let_application_sign_in(connection, app_url)
            return {"applied": missing, "already": len(done)}
    except psycopg.errors.InsufficientPrivilege as error:
        raise _lacks_a_right(error) from error
    except psycopg.OperationalError as error:
        silent = Unavailable(
            "The database does not answer to its owner; check OWNER_DATABASE_URL",
            reason=Reason.DATABASE_UNREACHABLE,
        )
        raise refusal_of(error, variable="OWNER_DATABASE_URL") or silent from error


def _lacks_a_right(error: "psycopg.Error") -> SettingsError:
    return SettingsError(
        f"OWNER_DATABASE_URL's role may not do what a migration needs: {error.diag.message_primary}. Give it "
        "CREATEROLE, or make the roles as docs/operations.md shows under 'Roles made by hand'",
        reason=Reason.DATABASE_ROLES_MISSING,
    )


def _apply(connection: "psycopg.Connection[Any]", name: str) -> None:
    statements = (resources.files("banxway.storage.migrations") / name).read_text(encoding="utf-8")
    with connection.transaction():
        connection.execute(statements)
        connection.execute("INSERT INTO schema_migrations (migration_name) VALUES (%s)", (name,))


def _let_application_sign_in(connection: "psycopg.Connection[Any]", app_url: str) -> None:
    """Give banxway_app its password, unless the role may sign in already, as an operator has set it up."""
    from psycopg import sql

    row = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'banxway_app'").fetchone()
    password = unquote(urlsplit(app_url).password or "")
    if row and not row[0] and password:
        connection.execute(sql.SQL("ALTER ROLE banxway_app LOGIN PASSWORD {}").format(sql.Literal(password)))
