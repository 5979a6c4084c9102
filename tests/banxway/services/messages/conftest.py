"""A thread to answer in, and the ledger."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest

from banxway.storage.database import Transaction
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    """A thread with a customer who has just written on WhatsApp."""
    product.add_whatsapp(organization)
    thread = product.add_thread(organization, email="asha@customer.example")
    product.add_inbound(organization, thread)
    return thread


@pytest.fixture
def ledger(product: Product, organization: Organization) -> Callable[[], AbstractContextManager[Transaction]]:
    """Open a transaction of the organization."""

    @contextmanager
    def begin() -> Iterator[Transaction]:
        with product.app.infrastructure.database.organization(organization.id) as transaction:
            yield transaction

    return begin
