"""What agents send in tests, and what came of it."""

from typing import Any
from uuid import UUID

from banxway.models.actors import Actor
from banxway.models.messages.messages import (
    IdempotencyKey,
    NewEmailMessage,
    NewTemplateMessage,
    NewWhatsAppMessage,
    SentMessage,
)
from tests.support.ledger.outgoing import outbound
from tests.support.product.builders import Product


def a_text(content: str = "It left today", **values: Any) -> NewWhatsAppMessage:
    return NewWhatsAppMessage(channel="WHATSAPP", content=content, **values)


def a_template(thread: UUID, **values: Any) -> NewTemplateMessage:
    words = {"template_name": "shipping_update", "variables": {"1": "Asha", "2": "Order 7"}}
    return NewTemplateMessage(thread_id=thread, **(words | values))


def an_email(**values: Any) -> NewEmailMessage:
    words = {"subject": "Re: Parcel", "content_text": "It left today"}
    return NewEmailMessage(channel="EMAIL", **(words | values))


def send(
    product: Product, actor: Actor, thread: UUID, content: Any, once: IdempotencyKey | None = None
) -> SentMessage:
    return product.app.messages.send.send(actor=actor, thread_id=thread, content=content, once=once)


def nothing_happened(product: Product) -> bool:
    """Return whether neither a row nor an item of a queue came to be."""
    return (
        outbound(product) == []
        and product.queues["message"].items == []
        and product.queues["change"].items == []
    )
