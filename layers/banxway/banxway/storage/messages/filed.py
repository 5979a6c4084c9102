"""Batches of mails that become messages: each kind of row is read or written with one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.models.words import Direction
from banxway.storage.database import Transaction
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.storable_text import rows_to_json

_COLUMNS = ", ".join(NewMessageRow.__slots__)
_OWN = "m.id, m.thread_id, m.status, m.mail_message_id, m.sender, m.subject, m.body_text, m.occurred_at"
_IS_OWN = "m.direction = 'outbound' AND m.channel = 'EMAIL' AND m.identity IS NULL"
# One transaction at a time files mail of an organization, so that two mailboxes that receive parts of one
# conversation at once find the same threads. The number distinguishes this lock from others.
_FILING = 7_001


@dataclass(frozen=True, slots=True)
class NewAttachmentRow:
    """An attachment to insert; its content is in the blob store already."""

    id: UUID
    organization_id: UUID
    message_id: UUID
    filename: str
    content_type: str
    size_bytes: int
    blob_key: str
    content_id: str | None
    is_inline: bool
    position: int


def lock_filing(transaction: Transaction, organization_id: UUID) -> datetime:
    """Lock the filing of mail of an organization until the commit, and return the database's now."""
    now: datetime = transaction.single(
        "SELECT pg_advisory_xact_lock(%s, hashtext(%s)), now() AS now", (_FILING, str(organization_id))
    )["now"]
    return now


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A mail that is stored as a message already."""

    identity: str
    id: UUID
    thread_id: UUID
    direction: Direction
    is_spam: bool


def find_by_identities(transaction: Transaction, identities: Iterable[str]) -> dict[str, KnownMail]:
    """Return the mails with these identities that are messages already, by identity."""
    rows = transaction.all_of(
        KnownMail,
        """SELECT identity, id, thread_id, direction, is_spam FROM messages
           WHERE channel = 'EMAIL' AND identity IS NOT NULL AND identity = ANY(%s)""",
        (list(identities),),
    )
    return {row.identity: row for row in rows}


@dataclass(frozen=True, slots=True)
class OwnMail:
    """An outbound mail that was written here, not found in a Sent folder."""

    id: UUID
    thread_id: UUID
    status: str
    mail_message_id: str | None
    sender: str
    subject: str
    body_text: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class _NamedMail(OwnMail):
    """Such a mail, with the Message-ID by which it was found."""

    named: str


def find_own(transaction: Transaction, mail_ids: Iterable[str]) -> dict[str, OwnMail]:
    """Return the outbound mails with these Message-IDs that were written here, by Message-ID.

    Both our own Message-IDs and those that the provider replaced them by are found.
    """
    named = list(mail_ids)
    rows = transaction.all_of(
        _NamedMail,
        f"""SELECT m.mail_message_id AS named, {_OWN} FROM messages m
            WHERE m.mail_message_id IS NOT NULL AND m.mail_message_id = ANY(%s) AND {_IS_OWN}
            UNION ALL
            SELECT a.mail_id, {_OWN} FROM mail_aliases a JOIN messages m ON m.id = a.message_id
            WHERE a.mail_id = ANY(%s) AND {_IS_OWN}""",  # noqa: S608  # our own column names
        (named, named),
    )
    return {row.named: row for row in rows}


def find_own_by_id(transaction: Transaction, message_ids: Iterable[UUID]) -> dict[UUID, OwnMail]:
    """Return the outbound mails with these ids that were written here, by id."""
    rows = transaction.all_of(
        OwnMail,
        f"SELECT {_OWN} FROM messages m WHERE m.id = ANY(%s) AND {_IS_OWN}",  # noqa: S608  # our own column names
        (list(message_ids),),
    )
    return {row.id: row for row in rows}


def add_aliases(transaction: Transaction, organization_id: UUID, aliases: Iterable[tuple[str, UUID]]) -> None:
    """Record the Message-IDs that a provider gave to mails of ours."""
    pairs = list(aliases)
    if pairs:
        transaction.execute(
            """INSERT INTO mail_aliases (organization_id, mail_id, message_id)
               SELECT %s, mail_id, message_id FROM unnest(%s::text[], %s::uuid[]) AS new (mail_id, message_id)
               ON CONFLICT DO NOTHING""",
            (organization_id, [mail_id for mail_id, _ in pairs], [message_id for _, message_id in pairs]),
        )


def add_all(transaction: Transaction, rows: Sequence[NewMessageRow]) -> None:
    """Insert messages, in this order."""
    if rows:
        transaction.execute(
            f"INSERT INTO messages ({_COLUMNS}) "  # noqa: S608  # our own column names
            f"SELECT {_COLUMNS} FROM json_populate_recordset(NULL::messages, %s::json)",
            (rows_to_json(rows),),
        )


def add_attachments(transaction: Transaction, rows: Sequence[NewAttachmentRow]) -> None:
    """Insert attachments."""
    if rows:
        columns = ", ".join(NewAttachmentRow.__slots__)
        transaction.execute(
            f"INSERT INTO attachments ({columns}) "  # noqa: S608  # our own column names
            f"SELECT {columns} FROM json_populate_recordset(NULL::attachments, %s::json)",
            (rows_to_json(rows),),
        )


def mark_seen(transaction: Transaction, message_ids: Iterable[UUID]) -> None:
    """Mark inbound messages as read, those that are unread."""
    transaction.execute(
        "UPDATE messages SET seen_at = now() WHERE id = ANY(%s) AND seen_at IS NULL AND direction = 'inbound'",
        (list(message_ids),),
    )


def mark_not_spam(transaction: Transaction, message_ids: Iterable[UUID]) -> list[UUID]:
    """Mark messages, and their threads, as not spam; returns the threads that changed."""
    return _threads_of(
        transaction,
        """WITH cleared AS (UPDATE messages SET is_spam = false WHERE id = ANY(%s) AND is_spam RETURNING thread_id)
           UPDATE threads SET is_spam = false WHERE id IN (SELECT thread_id FROM cleared) AND is_spam RETURNING id""",
        (list(message_ids),),
    )


def mark_spam(transaction: Transaction, message_ids: Iterable[UUID], *, account_id: UUID) -> list[UUID]:
    """Mark inbound messages as spam, since they are in a mailbox's spam folder; returns the threads that became spam.

    A message that another mailbox has outside its spam and trash folders does not change. A thread becomes spam if
    all its messages are.
    """
    found = _threads_of(
        transaction,
        """UPDATE messages m SET is_spam = true
           WHERE m.id = ANY(%s) AND NOT m.is_spam AND m.direction = 'inbound' AND NOT EXISTS (
               SELECT FROM mailbox_messages x
               JOIN email_folders f ON f.account_id = x.account_id AND f.name = x.folder
               WHERE x.message_id = m.id AND x.account_id <> %s AND x.is_visible
                 AND f.role NOT IN ('junk', 'trash'))
           RETURNING m.thread_id AS id""",
        (list(message_ids), account_id),
    )
    return _threads_of(
        transaction,
        """UPDATE threads t SET is_spam = true
           WHERE t.id = ANY(%s) AND NOT t.is_spam
             AND NOT EXISTS (SELECT FROM messages m WHERE m.thread_id = t.id AND NOT m.is_spam) RETURNING t.id""",
        (found,),
    )


def _threads_of(transaction: Transaction, statement: str, parameters: tuple[object, ...]) -> list[UUID]:
    return [row["id"] for row in transaction.all(statement, parameters)]
