"""Customers as they come to be: by writing to us."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.databases.postgres import Organization
from tests.support.product.app import Answer, Bundle

PATH = "/api/v1/communications/customers"
Add = Callable[..., str]


@pytest.fixture
def add_customer(bundle: Bundle, organization: Organization) -> Add:
    """Add a customer who has written from these addresses; returns the id."""

    def add(name: str, *addresses: str, of: UUID | None = None) -> str:
        customer = uuid4()
        owner = of or organization.id
        bundle.database.rows(
            "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, %s)", (customer, owner, name)
        )
        for address in addresses:
            bundle.database.rows(
                """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
                   VALUES (%s, %s, %s, %s, 'inbound')""",
                (owner, customer, "email" if "@" in address else "phone", address),
            )
        return str(customer)

    return add


@pytest.fixture
def show(bundle: Bundle, organization: Organization) -> Callable[[str], Any]:
    """Return what an agent sees of a customer."""
    return lambda customer: bundle.get(f"{PATH}/{customer}", organization.agent).data


@pytest.fixture
def merge(bundle: Bundle, organization: Organization) -> Callable[..., Answer]:
    """Ask as a manager to merge a customer into another, or to un-merge one."""

    def ask(survivor: str, other: str, *, verb: str = "merge") -> Answer:
        return bundle.post(f"{PATH}/{survivor}/{verb}", organization.manager, {"customer_id": other})

    return ask


@pytest.fixture
def audited(bundle: Bundle, organization: Organization) -> Callable[[str], Any]:
    """Return the details of the one audit entry of an action, with who caused it."""

    def find(action: str) -> Any:
        (entry,) = bundle.get(f"/api/v1/settings/audit-logs?action={action}", organization.admin).data
        return entry["details"] | {"user_id": entry["user_id"]}

    return find
