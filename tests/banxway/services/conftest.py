"""The product over a fresh database, and an organization that may send."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import UUID

import pytest

from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.product.builders import SUPPORT, Product
from tests.support.product.fakes import FakeMailbox
from tests.support.timing.standing import long_running

__all__ = ["long_running"]


@pytest.fixture
def test_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """An empty database, the same for every test here: none of them changes the schema."""
    with postgres.emptied_database() as database:
        yield database


@pytest.fixture
def product(test_database: TestDatabase, tmp_path: Path) -> Iterator[Product]:
    with closing(Product(test_database, tmp_path)) as product:
        yield product


@pytest.fixture
def twin(product: Product) -> Iterator[Callable[..., Product]]:
    """Start another process of the same deployment; closed with the test."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(closing(product.twin(**changes)))


@pytest.fixture
def agent(product: Product, organization: Organization) -> Actor:
    return product.actor(organization)


@pytest.fixture
def admin(product: Product, organization: Organization) -> Actor:
    return product.actor(organization, "admin")


@pytest.fixture
def account(product: Product, organization: Organization) -> UUID:
    """A mailbox that is polled."""
    return product.add_mailbox(organization)


@pytest.fixture
def mailbox(product: Product, account: UUID) -> FakeMailbox:
    """The fake mail server's mailbox."""
    return product.providers.mailbox(SUPPORT)


@pytest.fixture
def queued(product: Product, organization: Organization) -> UUID:
    """A WhatsApp message that waits to be sent."""
    product.add_whatsapp(organization)
    return product.add_message(organization, product.add_thread(organization))
