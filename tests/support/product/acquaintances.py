"""Plays an organization whose customers have addresses, threads and messages at random."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from banxway.models.actors import Actor
from banxway.models.customers import CustomerDetails, CustomerMerge
from tests.support.databases.canary_rows import foreign_keys
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.databases.tables import everything_in
from tests.support.product.builders import Product

_START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
_HISTORY = frozenset({"integration_audit_logs", "integration_audit_heads", "changes", "change_sequences"})
"""Tables that say what happened: what was undone happened, too."""


def state_of(database: TestDatabase) -> list[tuple[str, str]]:
    """Return every row of every table, without those that only say what happened."""
    return everything_in(database, without=_HISTORY)


@cache
def tables_of_customers(database: TestDatabase) -> dict[str, str]:
    """Return the column by which each table names the customer whose row it is, from the catalogue."""
    with psycopg.connect(database.superuser_url, row_factory=dict_row) as connection:
        keys = foreign_keys(connection)
    return {
        key["table"]: next(name for name in key["columns"] if name != "organization_id")
        for key in keys
        if key["target"] == "customers" and key["table"] != "customer_merges"
    }


def rows_of(database: TestDatabase, customer_id: UUID) -> dict[str, int]:
    """Count the rows of a customer in every table that has any."""
    counted = {
        table: database.rows(f"SELECT count(*) AS n FROM {table} WHERE {column} = %s", (customer_id,))[0]["n"]
        for table, column in tables_of_customers(database).items()
    }
    return {table: number for table, number in counted.items() if number}


class Acquaintances:
    """Customers at random: most have addresses, threads and messages; some messages lie in another's thread."""

    def __init__(self, product: Product, organization: Organization, dice: random.Random) -> None:
        self.product = product
        self.organization = organization
        self.dice = dice
        self.actor: Actor = product.actor(organization, "manager")
        self.customers: list[UUID] = []
        self._addresses: dict[UUID, list[str]] = {}
        self._threads: list[UUID] = []

    def add(self, count: int) -> None:
        """Add a number of customers, then what they wrote, to each other's threads as well."""
        for _ in range(count):
            self._add_customer()
        for customer in self.customers:
            for _ in range(self.dice.randrange(4)):
                self._add_thread(customer)
        for customer in self.customers:
            for _ in range(self.dice.randrange(6)):
                self._add_message(customer)

    def merge(self, survivor: UUID, merged: UUID) -> CustomerDetails:
        """Merge one customer into another."""
        other = CustomerMerge(customer_id=merged)
        return self.product.app.customers.update.merge(actor=self.actor, customer_id=survivor, other=other)

    def unmerge(self, survivor: UUID, merged: UUID) -> CustomerDetails:
        """Undo a merge."""
        other = CustomerMerge(customer_id=merged)
        return self.product.app.customers.update.unmerge(actor=self.actor, customer_id=survivor, other=other)

    def _add_customer(self) -> None:
        customer = uuid4()
        self.customers.append(customer)
        name = f"Customer {len(self.customers)}"
        self._insert("customers", id=customer, name=name)
        self._addresses[customer] = []
        for _ in range(self.dice.randrange(4)):
            kind = self.dice.choice(("email", "phone"))
            number = 9_000_000_000 + len(self.customers) * 1000 + len(self._addresses[customer])
            address = f"a{number}@customer.example" if kind == "email" else f"+91{number}"
            self._addresses[customer].append(address)
            linked_by = self.dice.choice(("inbound", "agent"))
            self._insert(
                "customer_addresses", customer_id=customer, kind=kind, address=address, linked_by=linked_by
            )

    def _add_thread(self, customer: UUID) -> None:
        thread = uuid4()
        self._threads.append(thread)
        self._insert("threads", id=thread, customer_id=customer, subject="Parcel", last_message_at=_START)

    def _add_message(self, customer: UUID) -> None:
        if not self._threads:
            return
        # Now and then an address that is somebody else's by now.
        writer = customer if self.dice.random() < 0.8 else self.dice.choice(self.customers)
        address = self.dice.choice(self._addresses[writer] or ["gone@customer.example"])
        direction = self.dice.choice(("inbound", "outbound"))
        ends = ("support@yourdomain.com", address)
        self._insert(
            "messages",
            id=uuid4(),
            thread_id=self.dice.choice(self._threads),
            customer_id=customer,
            channel="EMAIL" if "@" in address else "WHATSAPP",
            direction=direction,
            status="received" if direction == "inbound" else "sent",
            sender=ends[direction == "inbound"],
            recipient=ends[direction == "outbound"],
            join_rule="new",
            occurred_at=_START + timedelta(minutes=self.dice.randrange(1000)),
        )

    def _insert(self, table: str, **values: Any) -> None:
        self.product._insert(table, {"organization_id": self.organization.id, **values})
