"""Lists and shows customers."""

from uuid import UUID

from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.customers import CustomerDetails, CustomerQuery, CustomerSummary
from banxway.models.pages import Page
from banxway.storage.customers import lists as customer_lists
from banxway.storage.customers import merges as customer_merges
from banxway.storage.customers.lists import CustomerRow
from banxway.storage.database import Database, Transaction


class Customers:
    """Reads customers; a customer is the person that a thread is with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: CustomerQuery) -> Page[CustomerSummary]:
        """Return customers, the newest first, without those that were merged into another.

        Raises ValidationFailed for a foreign cursor.
        """
        with self._database.as_actor(actor) as transaction:
            return customer_lists.list_summaries(transaction, query)

    def get(self, *, actor: Actor, customer_id: UUID) -> CustomerDetails:
        """Return a customer with every address. Raises NotFound.

        For a customer that was merged into another, returns the surviving customer.
        """
        with self._database.as_actor(actor) as transaction:
            survivor = customer_merges.survivor_of(transaction, customer_id)
            return customer_lists.show(transaction, require(transaction, survivor or customer_id))


def require(transaction: Transaction, customer_id: UUID) -> CustomerRow:
    """Return a customer's row. Raises NotFound, also for another organization's."""
    row = customer_lists.find(transaction, customer_id)
    if row is None:
        raise NotFound("Customer not found")
    return row
