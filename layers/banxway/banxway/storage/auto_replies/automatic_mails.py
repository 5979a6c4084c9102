"""Every automatic mail that was enqueued: all budgets of automatic mail are counted from these rows."""

from dataclasses import dataclass
from uuid import UUID

from banxway.storage.database import Transaction


def lock_budget(transaction: Transaction, organization_id: UUID) -> None:
    """Lock the organization's budget of automatic mails until the commit: one transaction counts at a time."""
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id} automatic_mails",)
    )


def add(
    transaction: Transaction,
    *,
    message_id: UUID,
    organization_id: UUID,
    kind: str,
    account_id: UUID,
    correspondent: str,
    domain: str,
    author: str,
) -> None:
    """Record an automatic mail to `correspondent`, caused by a mail that `author` wrote."""
    transaction.execute(
        """INSERT INTO automatic_mails
               (message_id, organization_id, kind, account_id, correspondent, domain, author)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        (message_id, organization_id, kind, account_id, correspondent, domain, author),
    )


def count_by_organization(transaction: Transaction) -> int:
    """Return how many automatic mails the organization has sent within the last hour."""
    row = transaction.single(
        "SELECT count(*) AS n FROM automatic_mails WHERE created_at > now() - interval '1 hour'"
    )
    return int(row["n"])


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How many automatic answers were sent, each number within a time of its own (see `count_answers`)."""

    answered: int
    to_correspondent: int
    to_domain: int
    from_author: int


@dataclass(frozen=True, slots=True)
class ForwardCounts:
    """How many forwards were sent: to the address within an hour, and of one author and subject within a day."""

    to_correspondent: int
    of_subject: int


def count_answers(
    transaction: Transaction, *, account_id: UUID, correspondent: str, author: str, domain: str, days: int
) -> AnswerCounts:
    """Return how many automatic answers were sent, and how many mails the author wrote.

    `answered` counts this mailbox's answers of the last `days` to or because of either address,
    `to_correspondent` all answers to the correspondent within a day, `to_domain` all to the domain within an hour,
    and `from_author` the mails that the author sent us within 10 minutes.
    """
    return transaction.single_of(
        AnswerCounts,
        """SELECT
               (SELECT count(*) FROM automatic_mails
                WHERE (correspondent = ANY(%(both)s) OR author = ANY(%(both)s)) AND kind = 'vacation'
                  AND account_id = %(account)s
                  AND created_at > now() - make_interval(days => %(days)s)) AS answered,
               (SELECT count(*) FROM automatic_mails
                WHERE correspondent = %(correspondent)s AND kind <> 'forward'
                  AND created_at > now() - interval '1 day') AS to_correspondent,
               (SELECT count(*) FROM automatic_mails
                WHERE domain = %(domain)s AND kind <> 'forward'
                  AND created_at > now() - interval '1 hour') AS to_domain,
               (SELECT count(*) FROM messages
                WHERE channel = 'EMAIL' AND direction = 'inbound' AND sender = %(author)s
                  AND occurred_at > now() - interval '10 minutes') AS from_author""",
        {
            "both": [correspondent, author],
            "account": account_id,
            "days": days,
            "correspondent": correspondent,
            "domain": domain,
            "author": author,
        },
    )


def count_forwards(
    transaction: Transaction, *, correspondent: str, author: str, subject: str
) -> ForwardCounts:
    """Return how many forwards were sent to an address.

    `to_correspondent` counts all of them within an hour, `of_subject` those of this author and subject within a day.
    """
    return transaction.single_of(
        ForwardCounts,
        """SELECT
               (SELECT count(*) FROM automatic_mails
                WHERE correspondent = %(correspondent)s AND kind = 'forward'
                  AND created_at > now() - interval '1 hour') AS to_correspondent,
               (SELECT count(*) FROM automatic_mails a JOIN messages m ON m.id = a.message_id
                WHERE a.correspondent = %(correspondent)s AND a.author = %(author)s AND a.kind = 'forward'
                  AND m.subject = %(subject)s
                  AND a.created_at > now() - interval '1 day') AS of_subject""",
        {"correspondent": correspondent, "author": author, "subject": subject},
    )


def is_about_own(transaction: Transaction, kind: str, message_ids: list[str]) -> bool:
    """Return whether one of these Message-IDs belongs to an automatic mail of ours, of this kind."""
    if not message_ids:
        return False
    row = transaction.one(
        "SELECT 1 FROM messages WHERE mail_message_id = ANY(%s) AND automatic = %s LIMIT 1",
        (message_ids, kind),
    )
    return row is not None


def copy_attachments(transaction: Transaction, *, source_id: UUID, target_id: UUID) -> None:
    """Copy one message's attachments to another of the same organization; the contents are the same blobs."""
    transaction.execute(
        """INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes,
                                    blob_key, content_id, is_inline, position)
           SELECT gen_random_uuid(), organization_id, %s, filename, content_type, size_bytes, blob_key,
                  content_id, is_inline, position
           FROM attachments WHERE message_id = %s""",
        (target_id, source_id),
    )
