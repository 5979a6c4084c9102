"""Delivery reports and the messages that they are about."""

from collections.abc import Iterable

from banxway.storage.database import Row, Transaction


def find_sent(transaction: Transaction, mail_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return the outbound mails of these Message-IDs, by Message-ID."""
    rows = transaction.all(
        """SELECT id, thread_id, mail_message_id, recipient, mail_to, mail_cc, mail_bcc FROM messages
           WHERE mail_message_id IS NOT NULL AND mail_message_id = ANY(%s) AND direction = 'outbound'
             AND status <> 'cancelled'""",
        (list(mail_ids),),
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["mail_message_id"], []).append(row)
    return found


def find_reports(transaction: Transaction, mail_ids: Iterable[str]) -> list[Row]:
    """Return {original_message_id, reports, authentication} of the delivery reports on these Message-IDs."""
    return transaction.all(
        """SELECT m.content -> 'bounce' ->> 'original_message_id' AS original_message_id,
                  m.content -> 'bounce' -> 'reports' AS reports, m.mail_authentication AS authentication
           FROM mail_links l JOIN messages m ON m.id = l.message_id
           WHERE l.mail_id = ANY(%s) AND m.direction = 'inbound' AND m.content ? 'bounce'""",
        (list(mail_ids),),
    )
