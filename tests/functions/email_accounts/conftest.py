"""Ledger rows of a mailbox, which tests of its settings count and fail."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.support.databases.postgres import Organization
from tests.support.product.app import Bundle


@pytest.fixture
def add_mail(bundle: Bundle, organization: Organization) -> Callable[..., UUID]:
    """Add outbound mails of a mailbox to one thread, each in a state and some minutes old."""
    customer, thread = uuid4(), uuid4()
    rows = bundle.database.rows
    rows("INSERT INTO customers (id, organization_id) VALUES (%s, %s)", (customer, organization.id))
    rows(
        "INSERT INTO threads (id, organization_id, customer_id, last_message_at) VALUES (%s, %s, %s, now())",
        (thread, organization.id, customer),
    )

    def add(account_id: str, status: str, *, minutes: int = 0) -> UUID:
        message = uuid4()
        rows(
            """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                     recipient, email_account_id, join_rule, occurred_at, took_nothing)
               VALUES (%s, %s, %s, %s, 'EMAIL', 'outbound', %s, 'us', 'them', %s, 'sent',
                       now() - make_interval(mins => %s), %s)""",
            (message, organization.id, thread, customer, status, account_id, minutes, status == "failed"),
        )
        return message

    return add
