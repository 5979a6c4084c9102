"""Mails on their way out, for tests of sending: uploads that arrived, and rows of the ledger."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from banxway.models.actors import Actor
from banxway.models.channels import channels_by_queue
from banxway.models.messages.delivering import InFlight
from banxway.models.messages.messages import IdempotencyKey, NewEmailMessage, SentMessage
from banxway.models.messages.uploads import NewUpload
from banxway.providers.base import MailSender
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product

CUSTOMER_MAIL = "asha@customer.example"
FOUR = InFlight(4, channels_by_queue())
"""What an organization may have in flight in each queue, unless a deployment says otherwise."""


def uploaded(
    product: Product,
    actor: Actor,
    content: bytes = b"%PDF-1.7",
    *,
    name: str = "invoice.pdf",
    content_type: str = "application/pdf",
) -> UUID:
    """Announce a file and send it to the store; returns the upload's id."""
    upload = NewUpload(filename=name, content_type=content_type, size_bytes=len(content))
    upload_id = product.app.messages.uploads.create(actor=actor, upload=upload).upload_id
    product.app.infrastructure.blob_transfers.keep(actor.organization_id, upload_id, content)
    return upload_id


def a_message(**values: Any) -> NewEmailMessage:
    """A mail as an agent asks for it."""
    words = {"channel": "EMAIL", "subject": "Parcel", "content_text": "It left today"}
    return NewEmailMessage(**(words | values))


def send(
    product: Product, actor: Actor, thread: UUID, once: IdempotencyKey | None = None, **values: Any
) -> SentMessage:
    """Send a mail on a thread; what is given as None is left out."""
    given = {"subject": "Parcel", "content_text": "It left today"} | values
    content = NewEmailMessage(
        channel="EMAIL", **{name: value for name, value in given.items() if value is not None}
    )
    return product.app.messages.send.send(actor=actor, thread_id=thread, content=content, once=once)


def add_mail(
    product: Product, organization: Organization, thread: UUID, account: UUID, **columns: Any
) -> UUID:
    """Add a mail to the ledger: one that waits, unless the arguments say otherwise."""
    given = {
        "channel": "EMAIL",
        "sender": SUPPORT,
        "recipient": CUSTOMER_MAIL,
        "mail_to": [CUSTOMER_MAIL],
        "subject": "Parcel",
        "content": '{"sender_name": "Support"}',
        "email_account_id": account,
        "mail_message_id": f"{uuid4()}@yourdomain.com",
    }
    return product.add_message(organization, thread, **(given | columns))


def deliver(product: Product, organization: Organization, message: UUID) -> None:
    """Let a worker take a message, due or not by now."""
    product.make_due(message)
    product.deliver(organization, message)


def outbound(product: Product) -> list[dict[str, Any]]:
    """Return the ledger, in order."""
    return product.database.rows("SELECT * FROM messages WHERE direction = 'outbound' ORDER BY created_at")


def submit_by(product: Product, sender: MailSender) -> None:
    """Let the product's mail leave by a sender of the test's own."""
    product.app.infrastructure.providers = replace(
        product.app.infrastructure.providers, mail_sender=lambda server: sender
    )
