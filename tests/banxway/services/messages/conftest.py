"""A thread to answer in."""

from uuid import UUID

import pytest

from tests.support.builders import Product
from tests.support.postgres import Organization


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    """A thread with a customer who has just written on WhatsApp."""
    product.add_whatsapp(organization)
    thread = product.add_thread(organization, email="asha@customer.example")
    product.add_inbound(organization, thread)
    return thread
