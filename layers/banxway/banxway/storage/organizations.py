"""Organizations: their names, and how the owner of the tables adds one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from banxway.errors import SettingsError, Unavailable
from banxway.models.organizations import Organization
from banxway.reasons import Reason
from banxway.storage.database import Transaction
from banxway.storage.server.refusals import refusal_of, require_address

_TIMEOUT_MS = 10_000
# Any fixed number serves; it keeps two deployers from adding the same organization at once.
_ADVISORY_LOCK = 6_820_261_126


def get(transaction: Transaction, organization_id: UUID) -> Organization:
    """Return the organization of the transaction's scope."""
    row = transaction.single(
        "SELECT id, name, created_at FROM organizations WHERE id = %s", (organization_id,)
    )
    return Organization(**row)


def lock(transaction: Transaction, organization_id: UUID) -> Organization:
    """Lock the organization of the transaction's scope until the commit, and return it."""
    row = transaction.single(
        "SELECT id, name, created_at FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,)
    )
    return Organization(**row)


def rename(transaction: Transaction, organization_id: UUID, name: str) -> None:
    """Change the organization's name."""
    transaction.execute("UPDATE organizations SET name = %s WHERE id = %s", (name, organization_id))


@contextmanager
def as_owner(owner_url: str) -> Iterator[Transaction]:
    """Run a transaction as the owner of the tables, one at a time. Commits at the end, else rolls back.

    Row-level security binds the owner too: `enter` an organization before its rows. Raises SettingsError for an
    address that is none, and Unavailable.
    """
    import psycopg
    from psycopg.rows import dict_row

    require_address(owner_url, variable="OWNER_DATABASE_URL")
    try:
        with psycopg.connect(owner_url, connect_timeout=10, row_factory=dict_row) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
            yield Transaction(connection)
    except psycopg.OperationalError as error:
        silent = Unavailable(
            "The database does not answer to its owner; check OWNER_DATABASE_URL",
            reason=Reason.DATABASE_UNREACHABLE,
        )
        raise refusal_of(error, variable="OWNER_DATABASE_URL") or silent from error
    except psycopg.errors.UndefinedTable as error:
        raise Unavailable(
            "The database has no tables of this product: run the migrations", reason=Reason.SCHEMA_MISSING
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise SettingsError(
            "OWNER_DATABASE_URL does not connect as the owner of the tables",
            reason=Reason.DATABASE_WRONG_ROLE,
        ) from error


def list_named(transaction: Transaction, name: str) -> list[UUID]:
    """Return the organizations of a name in any case, the oldest first; the owner alone sees more than its scope."""
    rows = transaction.all(
        "SELECT id FROM organizations WHERE lower(name) = lower(%s) ORDER BY created_at, id", (name,)
    )
    return [row["id"] for row in rows]


def enter(transaction: Transaction, organization_id: UUID) -> None:
    """Enter an organization's scope; the organization need not exist yet."""
    transaction.execute("SELECT enter_scope('organization', %s, %s)", (organization_id, _TIMEOUT_MS))


def add(transaction: Transaction, organization_id: UUID, name: str) -> None:
    """Add an organization; its own scope must have been entered."""
    transaction.execute("INSERT INTO organizations (id, name) VALUES (%s, %s)", (organization_id, name))
