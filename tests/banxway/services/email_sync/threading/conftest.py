"""A mailbox at which mails arrive."""

import pytest

from tests.support.arrivals import Arrivals
from tests.support.builders import Product
from tests.support.postgres import Organization


@pytest.fixture
def arrivals(product: Product, organization: Organization) -> Arrivals:
    return Arrivals(product, organization)
