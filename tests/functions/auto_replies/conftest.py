"""A mailbox that somebody may leave alone for a while."""

import pytest

from tests.support.databases.postgres import Organization
from tests.support.product.app import Bundle
from tests.support.product.stories import add_mailbox


@pytest.fixture
def path(bundle: Bundle, organization: Organization) -> str:
    """The path of a mailbox's vacation responder."""
    account = add_mailbox(bundle, organization.admin)
    return f"/api/v1/settings/email-accounts/{account['id']}/vacation"
