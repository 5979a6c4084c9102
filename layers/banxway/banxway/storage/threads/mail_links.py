"""The evidence by which mails join threads: finding related mails, merging and splitting threads, moving mails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.words import Direction
from banxway.storage.database import Transaction
from banxway.storage.storable_text import rows_to_json

_EVIDENCE = """m.id, m.thread_id, m.direction, m.sender, m.recipient, m.mail_to, m.mail_cc, m.mail_bcc, m.subject,
               m.mail_message_id, m.mail_references, m.mail_conversation, m.mail_base_subject, m.mail_origin,
               m.mail_authentication, m.occurred_at, m.ordered_at, m.sent_at, m.identity, m.join_rule,
               m.content -> 'bounce' AS bounce, m.mail_written_for, m.mail_answered_sender,
               ARRAY(SELECT a.mail_id FROM mail_aliases a WHERE a.message_id = m.id ORDER BY a.mail_id) AS aliases"""


@dataclass(frozen=True, slots=True)
class SubjectQuery:
    """A mail by what decides whether it and another are question and answer: base subject, time and people."""

    id: UUID
    base: str
    at: datetime
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class LinkedMail:
    """A stored mail, with the evidence that decides which thread it belongs to."""

    id: UUID
    thread_id: UUID
    direction: Direction
    sender: str
    recipient: str
    mail_to: list[str]
    mail_cc: list[str]
    mail_bcc: list[str]
    subject: str
    mail_message_id: str | None
    mail_references: list[str]
    mail_conversation: str | None
    mail_base_subject: str | None
    mail_origin: str | None
    mail_authentication: str | None
    occurred_at: datetime
    ordered_at: datetime
    sent_at: datetime | None
    identity: str | None
    join_rule: str
    bounce: dict[str, Any] | None
    mail_written_for: str | None
    mail_answered_sender: str | None
    aliases: list[str]


def find_near(
    transaction: Transaction,
    *,
    mail_ids: Iterable[str],
    references: Iterable[str],
    conversations: Iterable[str],
) -> list[LinkedMail]:
    """Return the mails that `references` name, that refer to `references` or `mail_ids`, or share a conversation."""
    named = list(references)
    return transaction.all_of(
        LinkedMail,
        f"""SELECT {_EVIDENCE} FROM messages m WHERE m.id IN (
                SELECT id FROM messages WHERE mail_message_id IS NOT NULL AND mail_message_id = ANY(%s)
                UNION SELECT message_id FROM mail_aliases WHERE mail_id = ANY(%s)
                UNION SELECT message_id FROM mail_links WHERE mail_id = ANY(%s)
                UNION SELECT id FROM messages
                      WHERE mail_conversation IS NOT NULL AND mail_conversation = ANY(%s))""",  # noqa: S608  # our own column names
        (named, named, [*dict.fromkeys((*named, *mail_ids))], list(conversations)),
    )


def list_in_threads(transaction: Transaction, thread_ids: Iterable[UUID]) -> list[LinkedMail]:
    """Return all mails of these threads."""
    return transaction.all_of(
        LinkedMail,
        f"SELECT {_EVIDENCE} FROM messages m WHERE m.thread_id = ANY(%s) AND m.channel = 'EMAIL'",  # noqa: S608  # our own column names
        (list(thread_ids),),
    )


def list_mails(transaction: Transaction, message_ids: Iterable[UUID]) -> list[LinkedMail]:
    """Return the mails with these ids."""
    wanted = list(message_ids)
    if not wanted:
        return []
    return transaction.all_of(
        LinkedMail,
        f"SELECT {_EVIDENCE} FROM messages m WHERE m.id = ANY(%s)",  # noqa: S608  # our own column names
        (wanted,),
    )


def find_answered(
    transaction: Transaction, queries: Sequence[SubjectQuery], *, days: int
) -> list[LinkedMail]:
    """Return, for each reply, the latest 10 earlier mails with its base subject and one of its people.

    They are candidates: the caller still decides which of them count.
    """
    return _by_subject(
        transaction,
        queries,
        f"""m.occurred_at < q.at + interval '1 second' AND m.occurred_at >= q.at - make_interval(days => {days})
            AND m.mail_authentication IS DISTINCT FROM 'failed'
            ORDER BY m.occurred_at DESC LIMIT 10""",
    )


def find_answering(
    transaction: Transaction, queries: Sequence[SubjectQuery], *, days: int
) -> list[LinkedMail]:
    """Return, for each mail, at most 200 later mails that may answer it, by base subject and people.

    They are candidates: the caller still decides which of them count.
    """
    return _by_subject(
        transaction,
        queries,
        f"""m.occurred_at > q.at - interval '1 second' AND m.occurred_at <= q.at + make_interval(days => {days})
            AND m.mail_references = '{{}}' AND m.mail_conversation IS NULL
            AND (m.direction = 'outbound' OR m.mail_authentication = 'passed')
            ORDER BY m.occurred_at LIMIT 200""",
    )


def _by_subject(
    transaction: Transaction, queries: Sequence[SubjectQuery], condition: str
) -> list[LinkedMail]:
    if not queries:
        return []
    return transaction.all_of(
        LinkedMail,
        f"""SELECT DISTINCT ON (near.id) near.*
            FROM json_to_recordset(%s::json) AS q (id uuid, base text, at timestamptz, people text[])
            CROSS JOIN LATERAL (
                SELECT {_EVIDENCE} FROM messages m
                WHERE m.mail_base_subject IS NOT NULL AND m.mail_base_subject = q.base AND m.id <> q.id
                  AND coalesce(m.mail_origin, 'human') = 'human'
                  AND q.people && (m.mail_to || m.mail_cc || m.mail_bcc || ARRAY[m.sender, m.recipient])
                  AND {condition}) AS near""",  # noqa: S608  # our own conditions
        (rows_to_json(queries),),
    )


def find_apart(transaction: Transaction, thread_ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """Return every pair of threads that a person has split apart and that involves one of these threads."""
    rows = transaction.all(
        "SELECT thread_id, other_thread_id FROM threads_apart WHERE thread_id = ANY(%s)", (list(thread_ids),)
    )
    return [(row["thread_id"], row["other_thread_id"]) for row in rows]


def keep_apart(transaction: Transaction, *, organization_id: UUID, one: UUID, other: UUID) -> None:
    """Record that no evidence may join two threads again."""
    transaction.execute(
        """INSERT INTO threads_apart (organization_id, thread_id, other_thread_id)
           VALUES (%(organization)s, %(one)s, %(other)s), (%(organization)s, %(other)s, %(one)s)
           ON CONFLICT DO NOTHING""",
        {"organization": organization_id, "one": one, "other": other},
    )


def earliest_of(transaction: Transaction, thread_ids: Iterable[UUID]) -> list[UUID]:
    """Lock these threads until the commit, and return them by the time of their first message."""
    wanted = list(thread_ids)
    transaction.execute("SELECT FROM threads WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (wanted,))
    rows = transaction.all(
        """SELECT t.id FROM threads t
           LEFT JOIN LATERAL (SELECT min(occurred_at) AS at FROM messages m WHERE m.thread_id = t.id) first ON true
           WHERE t.id = ANY(%s) ORDER BY first.at, t.created_at, t.id""",
        (wanted,),
    )
    return [row["id"] for row in rows]


def merge(transaction: Transaction, *, into: UUID, merged: Sequence[UUID]) -> None:
    """Merge threads into another one: their messages move, and they point to it. All must be locked."""
    lost = list(merged)
    transaction.execute("UPDATE messages SET thread_id = %s WHERE thread_id = ANY(%s)", (into, lost))
    transaction.execute(
        """UPDATE threads t
           SET last_message_at = greatest(t.last_message_at, lost.last_at), is_spam = t.is_spam AND lost.is_spam,
               status = CASE WHEN lost.is_open THEN 'open' ELSE t.status END,
               assigned_to_user_id = coalesce(t.assigned_to_user_id, lost.assignee),
               tags = ARRAY(SELECT DISTINCT tag FROM unnest(t.tags || lost.tags) AS tag ORDER BY tag)
           FROM (SELECT max(last_message_at) AS last_at, bool_and(is_spam) AS is_spam,
                        bool_or(status = 'open') AS is_open,
                        (array_agg(assigned_to_user_id ORDER BY last_message_at DESC)
                            FILTER (WHERE assigned_to_user_id IS NOT NULL))[1] AS assignee,
                        ARRAY(SELECT unnest(tags) FROM threads WHERE id = ANY(%(lost)s)) AS tags
                 FROM threads WHERE id = ANY(%(lost)s)) AS lost
           WHERE t.id = %(into)s""",
        {"lost": lost, "into": into},
    )
    transaction.execute(
        """UPDATE threads SET merged_into_thread_id = %(into)s
           WHERE id = ANY(%(lost)s) OR merged_into_thread_id = ANY(%(lost)s)""",
        {"lost": lost, "into": into},
    )
    transaction.execute(
        """WITH gone AS (
               DELETE FROM threads_apart WHERE thread_id = ANY(%(lost)s) OR other_thread_id = ANY(%(lost)s)
               RETURNING organization_id,
                         CASE WHEN thread_id = ANY(%(lost)s) THEN %(into)s ELSE thread_id END AS one,
                         CASE WHEN other_thread_id = ANY(%(lost)s) THEN %(into)s ELSE other_thread_id END AS other)
           INSERT INTO threads_apart (organization_id, thread_id, other_thread_id)
           SELECT DISTINCT organization_id, one, other FROM gone WHERE one <> other ON CONFLICT DO NOTHING""",
        {"lost": lost, "into": into},
    )


def move_all(transaction: Transaction, moves: Sequence[tuple[UUID, UUID, str, str]]) -> None:
    """Move messages into other threads; each move is (message id, thread id, rule, evidence)."""
    if moves:
        transaction.execute(
            """UPDATE messages m
               SET thread_id = moved.thread_id, join_rule = moved.rule, join_evidence = moved.evidence
               FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[])
                    AS moved (id, thread_id, rule, evidence) WHERE m.id = moved.id""",
            tuple([move[index] for move in moves] for index in range(4)),
        )


def move_split(
    transaction: Transaction, first: UUID, moved: Iterable[UUID], *, into: UUID, out_of: UUID
) -> None:
    """Move messages into a thread of their own; the first one's evidence names the thread that it was split from."""
    transaction.execute(
        """UPDATE messages
           SET thread_id = %(into)s, join_rule = CASE WHEN id = %(first)s THEN 'split' ELSE join_rule END,
               join_evidence = CASE WHEN id = %(first)s THEN %(out_of)s ELSE join_evidence END
           WHERE id = ANY(%(moved)s)""",
        {"into": into, "first": first, "out_of": str(out_of), "moved": list(moved)},
    )
