"""Messages: inbound ones as they arrived, outbound ones as rows of the send ledger.

Every change of an outbound row's status happens here, each as one conditional UPDATE, so that two workers
with the same message cannot both send it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus, strongest
from banxway.storage.database import Row, Transaction
from banxway.storage.storable_text import to_json


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message to be inserted; what a channel does not have stays empty."""

    id: UUID
    organization_id: UUID
    thread_id: UUID
    customer_id: UUID
    channel: str
    direction: str
    status: MessageStatus
    sender: str
    recipient: str
    occurred_at: datetime
    join_rule: str
    join_evidence: str = ""
    kind: str = "text"
    subject: str = ""
    body_text: str = ""
    body_html: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    provider_sid: str | None = None
    email_account_id: UUID | None = None
    mail_message_id: str | None = None
    mail_in_reply_to: str | None = None
    mail_references: list[str] = field(default_factory=list)
    mail_origin: str | None = None
    raw_blob: str | None = None
    problems: list[str] = field(default_factory=list)
    identity: str | None = None
    created_by: UUID | None = None
    mail_to: list[str] = field(default_factory=list)
    mail_cc: list[str] = field(default_factory=list)
    mail_bcc: list[str] = field(default_factory=list)
    mail_reply_to: list[str] = field(default_factory=list)
    automatic: str | None = None
    reply_text: str | None = None
    signature_text: str | None = None
    seen_at: datetime | None = None
    is_spam: bool = False
    mail_conversation: str | None = None
    mail_base_subject: str | None = None
    mail_authentication: str | None = None
    sender_name: str = ""
    mail_raw_message_id: str | None = None
    mail_written_for: str | None = None
    mail_answered_sender: str | None = None
    forwarded_from: str | None = None
    forwarded_name: str | None = None
    answer_to: str | None = None
    sent_at: datetime | None = None
    placed_at: datetime | None = None


_COLUMNS = tuple(MessageRow.__slots__)
_INSERT = (
    f"INSERT INTO messages ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'%({c})s' for c in _COLUMNS)}) "  # noqa: S608  # our own column names
    "ON CONFLICT (organization_id, channel, identity) WHERE identity IS NOT NULL DO NOTHING RETURNING created_at"
)


_TAKEN = (MessageStatus.ACCEPTED, MessageStatus.SENT)


def add(transaction: Transaction, message: MessageRow) -> datetime | None:
    """Insert a message and return its created_at; None if its identity is already there."""
    values = {column: getattr(message, column) for column in _COLUMNS}
    values["content"] = to_json(message.content)
    row = transaction.one(_INSERT, values)
    return row["created_at"] if row else None


def move(transaction: Transaction, *, message_id: UUID, thread_id: UUID) -> None:
    """Put a message into another thread."""
    transaction.execute("UPDATE messages SET thread_id = %s WHERE id = %s", (thread_id, message_id))


def find(transaction: Transaction, message_id: UUID) -> Row | None:
    """Return a message's row, or None."""
    return transaction.one("SELECT * FROM messages WHERE id = %s", (message_id,))


def find_all(transaction: Transaction, message_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Return the rows of these messages, by id."""
    rows = transaction.all("SELECT * FROM messages WHERE id = ANY(%s)", (list(message_ids),))
    return {row["id"]: row for row in rows}


def find_by_identity(transaction: Transaction, *, channel: str, identity: str) -> UUID | None:
    """Return the message of this identity, or None."""
    row = transaction.one("SELECT id FROM messages WHERE channel = %s AND identity = %s", (channel, identity))
    return row["id"] if row else None


def find_by_provider_sid(transaction: Transaction, provider_sid: str) -> UUID | None:
    """Return the outbound message that the provider knows by this id, or None."""
    row = transaction.one(
        "SELECT id FROM messages WHERE provider_sid = %s AND direction = 'outbound'", (provider_sid,)
    )
    return row["id"] if row else None


def claim(transaction: Transaction, *, message_id: UUID, lease_id: UUID, lease_s: int) -> Row | None:
    """Take a queued message for sending, if it is due and nobody has; None otherwise.

    This one UPDATE is what makes at-least-once queues harmless: of any number of workers, one gets a row.
    """
    return transaction.one(
        """UPDATE messages
           SET status = 'sending', lease_id = %s, lease_until = now() + make_interval(secs => %s),
               attempts = attempts + 1, attempted_at = now(), updated_at = now()
           WHERE id = %s AND status = 'queued' AND next_attempt_at <= now() RETURNING *""",
        (lease_id, lease_s, message_id),
    )


def requeue(transaction: Transaction, *, message_id: UUID, lease_id: UUID, delay_s: float) -> bool:
    """Put a claimed message back, on proof that nothing was accepted; False if evidence says otherwise."""
    return bool(
        transaction.execute(
            """UPDATE messages
               SET status = 'queued', lease_id = NULL, lease_until = NULL, updated_at = now(),
                   next_attempt_at = now() + make_interval(secs => %s)
               WHERE id = %s AND lease_id = %s AND status = 'sending'""",
            (delay_s, message_id, lease_id),
        )
    )


def is_claimed_by(transaction: Transaction, *, message_id: UUID, lease_id: UUID) -> bool:
    """Return whether the latest claim of a message is this one, and lock the row until the transaction ends."""
    row = transaction.one("SELECT lease_id FROM messages WHERE id = %s FOR NO KEY UPDATE", (message_id,))
    return row is not None and row["lease_id"] == lease_id


# A reason is replaced with the status that it explains; another report of the same status keeps it.
_SETTLE = """
    UPDATE messages
    SET status = %(status)s, provider_sid = coalesce(provider_sid, %(sid)s), lease_until = NULL,
        took_nothing = CASE WHEN %(news)s THEN %(took_nothing)s ELSE took_nothing END,
        provider_code = CASE WHEN %(news)s THEN %(code)s ELSE provider_code END,
        failure_reason = CASE WHEN %(news)s THEN %(reason)s ELSE failure_reason END,
        failure_advice = CASE WHEN %(news)s THEN %(advice)s ELSE failure_advice END,
        failure_code = CASE WHEN %(news)s THEN %(kind)s ELSE failure_code END,
        updated_at = now()
    WHERE id = %(id)s
"""


def settle(
    transaction: Transaction,
    *,
    message_id: UUID,
    outcome: MessageStatus,
    provider_sid: str | None = None,
    provider_code: str | None = None,
    reason: str | None = None,
    advice: str | None = None,
    failure_code: str | None = None,
    took_nothing: bool = False,
) -> MessageStatus | None:
    """Fold one more piece of evidence into a message's status; returns the new status if it changed.

    `failure_code` is the stable word of the error that ended it, where it was one of ours. `took_nothing` says that
    a failure proves that nobody got anything: only then may a person send it again.
    The status is the strongest of what is known (models/messages/statuses.py), so that the order in which our own
    answer, callbacks and expiries arrive does not matter. The row is locked while it is decided.
    """
    row = transaction.one("SELECT status FROM messages WHERE id = %s FOR NO KEY UPDATE", (message_id,))
    if row is None:
        return None
    status = strongest((row["status"], outcome))
    is_news = status != row["status"]
    went_wrong = is_news and status in (MessageStatus.FAILED, MessageStatus.UNKNOWN)
    given = (provider_code, reason, advice, failure_code) if went_wrong else (None,) * 4
    why = dict(zip(("code", "reason", "advice", "kind"), given, strict=True))
    # An earlier attempt that was taken may have reached somebody, whatever a later one proves of itself.
    took_nothing = took_nothing and went_wrong and row["status"] not in _TAKEN
    values = {"status": status, "sid": provider_sid, "news": is_news, "id": message_id}
    transaction.execute(_SETTLE, values | {"took_nothing": took_nothing, **why})
    return status if is_news else None


def moment(transaction: Transaction, claimed: datetime | None = None) -> datetime:
    """Return a claimed instant, but none later than the database's now; without a claim, that now.

    Messages are ordered, and the 24-hour window counted, by one clock, whatever other clocks say.
    """
    at: datetime = transaction.single("SELECT least(%s::timestamptz, now()) AS at", (claimed,))["at"]
    return at


def last_inbound_at(
    transaction: Transaction, *, channel: str, senders: Sequence[str], recipient: str
) -> datetime | None:
    """Return when somebody last wrote from one of these addresses to another on a channel."""
    row = transaction.one(
        """SELECT max(occurred_at) AS at FROM messages
           WHERE channel = %s AND direction = 'inbound' AND sender = ANY(%s) AND recipient = %s""",
        (channel, list(senders), recipient),
    )
    return row["at"] if row else None


def newer_than(transaction: Transaction, *, thread_id: UUID, message_id: UUID) -> list[UUID]:
    """Return the thread's inbound messages that came after one of its messages, in order."""
    rows = transaction.all(
        """SELECT m.id FROM messages m
           JOIN messages seen ON seen.id = %s AND seen.thread_id = m.thread_id
           WHERE m.thread_id = %s AND m.direction = 'inbound' AND m.created_at > seen.created_at
           ORDER BY m.created_at""",
        (message_id, thread_id),
    )
    return [row["id"] for row in rows]


def reply_headers(transaction: Transaction, *, thread_id: UUID) -> dict[str, str]:
    """Return the Message-IDs of the thread's mails, oldest first, each with its own spelling.

    They are what an answer's References name.

    Reports of bounces and what left by itself (to others, as forwards do) are no part of the conversation.
    """
    rows = transaction.all(
        """SELECT mail_message_id,
                  coalesce((SELECT min(a.mail_id) FROM mail_aliases a WHERE a.message_id = m.id),
                           mail_raw_message_id, mail_message_id) AS spelled
           FROM messages m WHERE thread_id = %s AND mail_message_id IS NOT NULL
             AND (direction = 'inbound' OR status IN ('sent', 'delivered', 'read'))
             AND automatic IS NULL AND mail_origin IS DISTINCT FROM 'bounce'
           ORDER BY occurred_at, ordered_at, arrival""",
        (thread_id,),
    )
    return {row["mail_message_id"]: row["spelled"] for row in rows}


def last_mail_subject(transaction: Transaction, *, thread_id: UUID) -> str | None:
    """Return the subject of the thread's latest mail, of one that has any before others; None without a mail.

    An absence note's counts if there is no other.
    """
    row = transaction.one(
        """SELECT subject FROM messages WHERE thread_id = %s AND channel = 'EMAIL'
             AND automatic IS NULL AND mail_origin IS DISTINCT FROM 'bounce'
           ORDER BY (btrim(subject) = ''), (mail_origin IS NOT DISTINCT FROM 'auto_reply'),
                     occurred_at DESC, ordered_at DESC, arrival DESC LIMIT 1""",
        (thread_id,),
    )
    return row["subject"] if row else None
