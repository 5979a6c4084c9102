"""Customers as members look for them and at them."""

from datetime import UTC, datetime
from uuid import UUID

from banxway.errors import NotFound, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.customers import CustomerDetails, CustomerQuery, CustomerSummary
from banxway.models.pages import Page, decode_cursor
from banxway.storage import customer_lists, customer_merges
from banxway.storage.database import Database, Row, Transaction


class Customers:
    """The people that threads are with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: CustomerQuery) -> Page[CustomerSummary]:
        """Return customers, the latest added first, without those that were merged into another.

        Raises ValidationFailed for a foreign cursor.
        """
        before = _position_of(query.cursor)
        with self._database.as_actor(actor) as transaction:
            return customer_lists.list_summaries(transaction, before=before, query=query)

    def get(self, *, actor: Actor, customer_id: UUID) -> CustomerDetails:
        """Return a customer with every address. Raises NotFound.

        One that was merged into another is shown as that one.
        """
        with self._database.as_actor(actor) as transaction:
            survivor = customer_merges.survivor_of(transaction, customer_id)
            return customer_lists.show(transaction, require(transaction, survivor or customer_id))


def require(transaction: Transaction, customer_id: UUID) -> Row:
    """Return a customer's row. Raises NotFound, also for another organization's."""
    row = customer_lists.find(transaction, customer_id)
    if row is None:
        raise NotFound("Customer not found")
    return row


def _position_of(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        at, customer_id = decode_cursor(cursor, parts=2)
        # In UTC, since PostgreSQL knows fewer offsets than Python does.
        return datetime.fromisoformat(at).astimezone(UTC).isoformat(), str(UUID(customer_id))
    except (ValueError, OverflowError) as error:
        raise ValidationFailed("cursor is not one of this list's", field="cursor") from error
