"""Opens connections that listen to an organization's changes, and numbers changes."""

from collections.abc import Sequence
from uuid import UUID

from banxway.models.actors import Actor
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange
from tests.support.databases.postgres import TestDatabase
from tests.support.product.builders import Product


def number_changes(product: Product, organization_id: UUID, count: int = 1) -> None:
    """Commit changes, in one transaction."""
    pending = [PendingChange("message.created", None, None)] * count
    with product.app.infrastructure.database.organization(organization_id) as transaction:
        changes.record_all(transaction, organization_id=organization_id, pending=pending)


def listen(database: TestDatabase, actor: Actor, *names: str) -> Sequence[str]:
    """Add connections that have been open for a minute; returns their ids."""
    database.rows(
        """INSERT INTO realtime_connections (connection_id, organization_id, user_id, connected_at, expires_at)
           SELECT name, %s, %s, now() - interval '1 minute', now() + interval '2 hours'
           FROM unnest(%s::text[]) AS name""",
        (actor.organization_id, actor.user_id, list(names)),
    )
    return names


def listeners_of(database: TestDatabase, organization_id: UUID) -> list[str]:
    """Return the connections that are registered, in order."""
    rows = database.rows(
        "SELECT connection_id FROM realtime_connections WHERE organization_id = %s ORDER BY 1",
        (organization_id,),
    )
    return [row["connection_id"] for row in rows]


def progress_of(database: TestDatabase, organization_id: UUID) -> tuple[int, int, bool]:
    """Return how many changes there are, how many were announced, and whether a notifier has a lease."""
    (row,) = database.rows(
        """SELECT current, pushed, notifier_id IS NOT NULL AS is_leased FROM change_sequences
           WHERE organization_id = %s""",
        (organization_id,),
    )
    return row["current"], row["pushed"], row["is_leased"]


def let_leases_end(database: TestDatabase) -> None:
    """Let the time of every notifier's lease be over."""
    database.rows("UPDATE change_sequences SET notifier_until = now() - interval '1 second'")
