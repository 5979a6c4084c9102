"""A mailbox at which mails arrive."""

import pytest

from tests.support.databases.postgres import Organization
from tests.support.mailboxes.arrivals import Arrivals
from tests.support.product.builders import Product


@pytest.fixture
def arrivals(product: Product, organization: Organization) -> Arrivals:
    return Arrivals(product, organization)
