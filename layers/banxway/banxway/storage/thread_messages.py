"""The messages of a thread, as agents read them."""

from uuid import UUID

from banxway.models.threads import Attachment, Message, reactions_among
from banxway.storage import thread_events
from banxway.storage.database import Transaction


def list_in_thread(transaction: Transaction, *, thread_id: UUID, limit: int) -> list[Message]:
    """Return the thread's latest messages, oldest first, each with its attachments."""
    rows = transaction.all(
        """SELECT * FROM (
               SELECT id, channel, direction, kind, status, sender, recipient, subject, body_text,
                      coalesce((SELECT u.name FROM users u WHERE u.id = m.created_by), m.sender_name) AS sender_name,
                      mail_to AS "to", mail_cc AS cc, mail_reply_to AS reply_to, reply_text, signature_text,
                      automatic, seen_at, is_spam,
                      mail_authentication AS authentication, provider_sid AS message_sid, failure_reason,
                      failure_advice, mail_origin AS origin,
                      join_rule, join_evidence, problems, created_by, occurred_at, created_at,
                      content->>'media_url' AS media_url, content->'referral' AS referral
               FROM messages m WHERE thread_id = %s ORDER BY occurred_at DESC, created_at DESC LIMIT %s) AS latest
           ORDER BY occurred_at, created_at""",
        (thread_id, limit),
    )
    attachments: dict[UUID, list[Attachment]] = {}
    for row in transaction.all(
        """SELECT id, message_id, filename, content_type, size_bytes, is_inline FROM attachments
           WHERE message_id = ANY(%s) ORDER BY message_id, position""",
        ([row["id"] for row in rows],),
    ):
        attachments.setdefault(row.pop("message_id"), []).append(Attachment(**row))
    events = thread_events.of_messages(transaction, [row["id"] for row in rows])
    return [
        Message(
            **row,
            attachments=attachments.get(row["id"], []),
            events=events.get(row["id"], []),
            reactions=reactions_among(events.get(row["id"], [])),
        )
        for row in rows
    ]


def count_in_thread(transaction: Transaction, thread_id: UUID) -> int:
    """Return how many messages a thread has."""
    row = transaction.single("SELECT count(*) AS total FROM messages WHERE thread_id = %s", (thread_id,))
    return int(row["total"])
