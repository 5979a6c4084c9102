"""Tells random stories of callbacks to two organizations, and returns what became of them, to be compared.

A story is the same for everybody who tells it with the same generator. Its messages have ids of its own, and what the
product names at random (customers, threads, customers' messages) is compared by what it is.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import CallbackReceived
from banxway.services.messages import early_reports
from banxway.storage.messages import events as message_events
from banxway.storage.messages import ledger
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_report, an_incoming, received

CODES = (30001, 30002, 30003, 30012, 30013, 39999, "soon")
CUSTOMERS = ("+919876500001", "+919876500002", "+5215512345678", "+525512345678")
STATUSES = ("queued", "sending", "unknown", "accepted", "sent", "failed", "delivered")
Batch = list[CallbackReceived]
Row = tuple[int, str, str]
"""The number of an organization, what was asked, and a row of the answer."""


@dataclass
class Scene:
    """One organization's part: its messages, and the sids that reports may name."""

    number: int
    dice: random.Random
    start: datetime
    messages: dict[UUID, str] = field(default_factory=dict)
    sids: list[str] = field(default_factory=list)
    unanswered: list[tuple[UUID, str]] = field(default_factory=list)

    def begin(self, product: Product, organization: Organization) -> UUID:
        """Store the messages, and return the integration at whose URL some callbacks come."""
        thread = product.add_thread(organization, phone=CUSTOMERS[0])
        product.database.rows("UPDATE threads SET last_message_at = %s WHERE id = %s", (self.start, thread))
        for number in range(6):
            message, sid = _id(self.dice), f"sid-{self.number}-{number}"
            status = self.dice.choice(STATUSES)
            is_named = status in ("accepted", "sent", "delivered")
            columns = {"provider_sid": sid} if is_named else {}
            at = self.start - timedelta(hours=2, minutes=number)
            product.add_message(
                organization,
                thread,
                id=message,
                status=status,
                occurred_at=at,
                recipient=CUSTOMERS[0],
                **columns,
            )
            self.messages[message] = f"message {number}"
            self.sids.append(sid)
            if not is_named:
                self.unanswered.append((message, sid))
        self.sids.append(f"foreign-{self.number}")
        return product.add_whatsapp(organization)

    def part(self, number: int) -> dict[str, Any]:
        """Return one entry of a body: mostly reports, and what customers write and do."""
        dice, at = self.dice, (self.start + timedelta(seconds=number)).isoformat(timespec="seconds")
        sid, kind = dice.choice(self.sids), dice.random()
        if kind < 0.65:
            named = str(dice.choice(list(self.messages))) if dice.random() < 0.3 else None
            said = f"said {number}" if dice.random() < 0.7 else None
            code = dice.choice(CODES)
            return a_report(sid, code, f"EX_{code}", custom_data=named, description=said, timestamp=at)
        sender, own = dice.choice(CUSTOMERS), dice.choice([f"in-{number}", f"in-{number % 5}", None])
        if kind < 0.85:
            quoted = {"context": {"sid": sid}} if dice.random() < 0.5 else {}
            content = {"type": "text", "text": {"body": f"text {number}"}} | quoted
            return an_incoming("", sid=own, sender=sender, content=content, timestamp=at)
        reaction = {"type": "reaction", "reaction": {"message_id": sid, "emoji": "👍"}}
        return an_incoming("", sid=own, sender=sender, content=reaction, timestamp=at)

    def callback(self, number: int, organization: Organization, integration: UUID) -> CallbackReceived:
        """Return one callback, to a message's URL or to the dashboard's, which may be revoked."""
        dice = self.dice
        where: dict[str, Any] = {"about": dice.choice(list(self.messages))}
        if dice.random() < 0.4:
            where = {"integration": integration, "generation": dice.choice([1, 1, 1, 2])}
        where["received_at"] = self.start + timedelta(seconds=number)
        kind = dice.random()
        if kind < 0.05:
            return received(organization, body=b"{not json", **where)
        if kind < 0.12:
            call = f"CallSid=call-{number % 3}&Status=completed&Direction=outbound".encode()
            form = "application/x-www-form-urlencoded"
            return received(organization, body=call, kind="call_status", content_type=form, **where)
        return received(organization, *(self.part(number) for _ in range(dice.choice([1, 1, 2, 4]))), **where)


def tell(
    product: Product,
    dice: random.Random,
    *,
    start: datetime,
    callbacks: int,
    cut: Callable[[Batch], Iterable[Batch]],
) -> list[Row]:
    """Begin a story in an empty database, apply its callbacks in the batches that `cut` makes, and return its end.

    The story happens in the minutes after `start`.
    """
    organizations = [product.database.add_organization(f"Number {number}") for number in range(2)]
    scenes = [Scene(number, dice, start) for number in range(2)]
    pairs = list(zip(scenes, organizations, strict=True))
    integrations = [scene.begin(product, organization) for scene, organization in pairs]
    waiting: Batch = []
    sent: list[CallbackReceived] = []
    for number in range(callbacks):
        at = dice.randrange(2)
        again = sent and dice.random() < 0.2
        one = dice.choice(sent) if again else scenes[at].callback(number, organizations[at], integrations[at])
        sent.append(one)
        waiting.append(one)
        if dice.random() < 0.05 and scenes[at].unanswered:
            _apply(product, cut(waiting))
            waiting = []
            message, sid = scenes[at].unanswered.pop()
            _answer(product, organizations[at], message, sid)
    _apply(product, cut(waiting))
    return [row for scene, organization in pairs for row in _end(product, scene, organization)]


def _apply(product: Product, batches: Iterable[Batch]) -> None:
    """Apply each batch as its worker does: an organization's callbacks together."""
    for batch in batches:
        for organization_id in dict.fromkeys(item.organization_id for item in batch):
            product.apply(*(item for item in batch if item.organization_id == organization_id))


def _answer(product: Product, organization: Organization, message: UUID, sid: str) -> None:
    """Record the provider's answer, as the worker that sends does, unless a stray report gave its sid to another."""
    named = "SELECT id FROM messages WHERE provider_sid = %s AND id <> %s"
    if product.database.rows(named, (sid, message)):
        return
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        message_events.lock_sids(transaction, (sid,))
        ledger.settle(transaction, message_id=message, outcome=MessageStatus.ACCEPTED, provider_sid=sid)
        early_reports.adopt(transaction, message_id=message, provider_sid=sid)


# What became of it.

_QUESTIONS = {
    "messages of ours": """
       SELECT id, status, provider_sid, took_nothing, provider_code, failure_reason, failure_advice, failure_code,
              lease_until IS NULL AS is_free FROM messages
       WHERE organization_id = %s AND direction = 'outbound' ORDER BY id""",
    "messages of customers": """
       SELECT m.body_text, m.sender, m.provider_sid, m.identity, m.join_rule, m.join_evidence, m.occurred_at,
              (SELECT array_agg(o.body_text ORDER BY o.arrival) FROM messages o WHERE o.thread_id = m.thread_id)
                  AS thread,
              (SELECT array_agg(address ORDER BY address) FROM customer_addresses a
               WHERE a.customer_id = m.customer_id) AS customer
       FROM messages m WHERE organization_id = %s AND direction = 'inbound' ORDER BY arrival""",
    "reports": """
       SELECT message_id, provider_sid, identity, status, provider_code, provider_status, description, occurred_at
       FROM message_events WHERE organization_id = %s ORDER BY id""",
    "bodies": """SELECT kind, body, body_blob, body_sha256, is_identifiable, deliveries, outcome, received_at
       FROM webhook_events WHERE organization_id = %s ORDER BY received_at, body_sha256""",
    "events": """SELECT e.kind, e.message_sid, e.sender, e.text, e.identity, e.occurred_at, e.received_at,
              (SELECT array_agg(o.body_text ORDER BY o.arrival) FROM messages o WHERE o.thread_id = e.thread_id)
                  AS thread
       FROM thread_events e WHERE organization_id = %s ORDER BY id""",
    "threads": """SELECT t.status, t.subject, t.last_message_at,
              (SELECT array_agg(o.body_text ORDER BY o.arrival) FROM messages o WHERE o.thread_id = t.id) AS texts
       FROM threads t WHERE organization_id = %s ORDER BY texts""",
    "calls": """SELECT provider_sid, identity, event, status, duration_s, recording_url, occurred_at
       FROM call_reports WHERE organization_id = %s ORDER BY identity""",
    "arrivals": """SELECT subject, hour, arrivals, last_at FROM inbound_hours WHERE organization_id = %s
       ORDER BY subject, hour""",
    # A message that a set moves several times is one change, so each kind counts once.
    "changes": """SELECT DISTINCT c.kind, m.direction, CASE m.direction WHEN 'outbound' THEN m.id::text
                                                             ELSE m.body_text END AS message
       FROM changes c LEFT JOIN messages m ON m.id = c.message_id
       WHERE c.organization_id = %s ORDER BY 1, 2, 3""",
    # Messages of customers are announced in the order in which they were filed.
    "order of changes": """SELECT m.body_text FROM changes c JOIN messages m ON m.id = c.message_id
       WHERE c.organization_id = %s AND c.kind = 'message.created' ORDER BY c.sequence""",
}


def _end(product: Product, scene: Scene, organization: Organization) -> Iterator[Row]:
    names = {str(message): name for message, name in scene.messages.items()}
    for asked, question in _QUESTIONS.items():
        for row in product.database.rows(question, (organization.id,)):
            yield scene.number, asked, _named(json.dumps(row, default=str, sort_keys=True), names)


def _named(text: str, names: dict[str, str]) -> str:
    for message, name in names.items():
        text = text.replace(message, name)
    return text


def _id(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def one_by_one(batch: Batch) -> Iterable[Batch]:
    """Cut a batch into sets of one."""
    return [[item] for item in batch]


def of_sizes(dice: random.Random, sizes: Sequence[int]) -> Callable[[Batch], Iterable[Batch]]:
    """Return what cuts a batch into sets of random sizes."""

    def cut(batch: Batch) -> Iterable[Batch]:
        at = 0
        while at < len(batch):
            size = dice.choice(sizes)
            yield batch[at : at + size]
            at += size

    return cut
