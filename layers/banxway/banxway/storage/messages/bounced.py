"""Delivery reports by mail (bounces), and the sent mails that they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from banxway.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that we sent, with its recipients."""

    id: UUID
    thread_id: UUID
    mail_message_id: str
    recipient: str
    mail_to: list[str]
    mail_cc: list[str]
    mail_bcc: list[str]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A delivery report that came in, and what the mailbox's server found of its sender (`authentication`)."""

    original_message_id: str | None
    reports: list[dict[str, Any]]
    authentication: str | None


def find_sent(transaction: Transaction, mail_ids: Iterable[str]) -> dict[str, list[SentMail]]:
    """Return the outbound mails with these Message-IDs, by Message-ID, without cancelled ones."""
    rows = transaction.all_of(
        SentMail,
        """SELECT id, thread_id, mail_message_id, recipient, mail_to, mail_cc, mail_bcc FROM messages
           WHERE mail_message_id IS NOT NULL AND mail_message_id = ANY(%s) AND direction = 'outbound'
             AND status <> 'cancelled'""",
        (list(mail_ids),),
    )
    found: dict[str, list[SentMail]] = {}
    for row in rows:
        found.setdefault(row.mail_message_id, []).append(row)
    return found


def find_reports(transaction: Transaction, mail_ids: Iterable[str]) -> list[ReportRow]:
    """Return the delivery reports about mails with these Message-IDs."""
    return transaction.all_of(
        ReportRow,
        """SELECT m.content -> 'bounce' ->> 'original_message_id' AS original_message_id,
                  m.content -> 'bounce' -> 'reports' AS reports, m.mail_authentication AS authentication
           FROM mail_links l JOIN messages m ON m.id = l.message_id
           WHERE l.mail_id = ANY(%s) AND m.direction = 'inbound' AND m.content ? 'bounce'""",
        (list(mail_ids),),
    )
