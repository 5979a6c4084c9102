"""Messages with given contents, and attachments of messages, as filing would have stored them."""

from uuid import uuid4

from tests.support.databases.postgres import Organization
from tests.support.product.app import Bundle


def add_attachment(
    bundle: Bundle,
    organization: Organization,
    message_id: str,
    content: bytes,
    *,
    name: str = "a.pdf",
    content_type: str = "application/pdf",
    content_id: str | None = None,
) -> str:
    """Store an attachment of a message and return its id."""
    attachment = uuid4()
    bundle.database.rows(
        """INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes, blob_key,
                                    content_id, is_inline, position)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0)""",
        (
            attachment,
            organization.id,
            message_id,
            name,
            content_type,
            len(content),
            bundle.app.infrastructure.blobs.put(organization.id, content),
            content_id,
            content_id is not None,
        ),
    )
    return str(attachment)


def message_with(
    bundle: Bundle,
    organization: Organization,
    *,
    html: str | None = None,
    text: str = "Where is it?",
    reply: str | None = None,
    signature: str | None = None,
) -> str:
    """Store a mail of a customer with this body, in a thread of its own, and return its id."""
    customer, thread, message = uuid4(), uuid4(), uuid4()
    bundle.database.rows(
        "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, 'Asha')",
        (customer, organization.id),
    )
    bundle.database.rows(
        "INSERT INTO threads (id, organization_id, customer_id, last_message_at) VALUES (%s, %s, %s, now())",
        (thread, organization.id, customer),
    )
    bundle.database.rows(
        """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                 recipient, join_rule, occurred_at, body_html, body_text, reply_text,
                                 signature_text)
           VALUES (%s, %s, %s, %s, 'EMAIL', 'inbound', 'received', 'asha@customer.example',
                   'support@yourdomain.com', 'new', now(), %s, %s, %s, %s)""",
        (message, organization.id, thread, customer, html, text, reply, signature),
    )
    return str(message)
