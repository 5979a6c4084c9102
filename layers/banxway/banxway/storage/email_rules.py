"""Rules for inbound mail, the traces of what they did, and the threads and messages that they change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.email_rules.rules import EmailRule
from banxway.models.email_rules.traces import RuleTrace
from banxway.storage.database import Transaction
from banxway.storage.storable_text import rows_to_json, to_json

_SHOWN = ", ".join(EmailRule.model_fields)


def lock_all(transaction: Transaction, organization_id: UUID) -> None:
    """Lock the organization's rules until the commit: no one else changes them."""
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id} email_rules",)
    )


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as it is stored."""

    id: UUID
    name: str
    position: int
    is_active: bool
    match: str
    conditions: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    activated_at: datetime
    created_at: datetime
    updated_at: datetime


def list_rows(transaction: Transaction) -> list[RuleRow]:
    """Return every rule, by position."""
    return transaction.all_of(RuleRow, f"SELECT {_SHOWN} FROM email_rules ORDER BY position")  # noqa: S608  # our own column names


def counts_of_last_days(transaction: Transaction, *, days: int) -> dict[UUID, int]:
    """Return for how many mails each rule fired in the last days; rules that did not fire are left out."""
    rows = transaction.all(
        """SELECT rule_id, count(*)::int AS times FROM email_rule_traces
           WHERE rule_id IN (SELECT id FROM email_rules) AND created_at > now() - make_interval(days => %s)
           GROUP BY rule_id""",
        (days,),
    )
    return {row["rule_id"]: row["times"] for row in rows}


def list_active(transaction: Transaction) -> list[RuleRow]:
    """Return the active rules, by position."""
    return transaction.all_of(RuleRow, f"SELECT {_SHOWN} FROM email_rules WHERE is_active ORDER BY position")  # noqa: S608  # our own column names


def find(transaction: Transaction, rule_id: UUID) -> RuleRow | None:
    """Return a rule, or None."""
    return transaction.one_of(RuleRow, f"SELECT {_SHOWN} FROM email_rules WHERE id = %s", (rule_id,))  # noqa: S608  # our own column names


def add(transaction: Transaction, values: Mapping[str, Any]) -> None:
    """Insert a rule behind all others, from its column values; call it under `lock_all`."""
    transaction.execute(
        """INSERT INTO email_rules (id, organization_id, name, position, is_active, match, conditions, actions,
                                    created_by)
           SELECT %(id)s, %(organization_id)s, %(name)s, coalesce(max(position), 0) + 1, %(is_active)s,
                  %(match)s, %(conditions)s, %(actions)s, %(created_by)s
           FROM email_rules""",
        _as_columns(values),
    )


def change(
    transaction: Transaction, rule_id: UUID, values: Mapping[str, Any], *, activates_again: bool
) -> None:
    """Change columns of a rule.

    With `activates_again` it is activated again, so that it forwards nothing that arrived before.
    """
    given = ", ".join(f"{name} = %({name})s" for name in values)
    transaction.execute(
        f"""UPDATE email_rules
            SET {given}, updated_at = now(), activated_at = CASE WHEN %(new)s THEN now() ELSE activated_at END
            WHERE id = %(id)s""",  # noqa: S608  # our own column names
        {**_as_columns(values), "id": rule_id, "new": activates_again},
    )


def put_in_order(transaction: Transaction, rule_ids: Sequence[UUID]) -> None:
    """Set the rules' positions to this order."""
    transaction.execute(
        """UPDATE email_rules r SET position = given.position, updated_at = now()
           FROM unnest(%s::uuid[]) WITH ORDINALITY AS given (id, position)
           WHERE r.id = given.id AND r.position <> given.position""",
        (list(rule_ids),),
    )


def delete(transaction: Transaction, rule_id: UUID) -> bool:
    """Delete a rule; its traces stay. False if there is none."""
    return bool(transaction.execute("DELETE FROM email_rules WHERE id = %s", (rule_id,)))


def _as_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: to_json(value) if name in ("conditions", "actions") else value for name, value in values.items()
    }


# What running the rules reads and changes.


def find_hours(transaction: Transaction) -> Any:
    """Return the business hours in an active integration's settings, or None; those of `zoho_mail` come first."""
    row = transaction.one(
        """SELECT s.settings -> 'business_hours' AS hours
           FROM integration_settings s JOIN integration_credentials i ON i.id = s.integration_id
           WHERE i.is_active AND jsonb_typeof(s.settings -> 'business_hours') = 'object'
           ORDER BY i.integration_type = 'zoho_mail' DESC, i.integration_type LIMIT 1"""
    )
    return row["hours"] if row else None


def active_members(transaction: Transaction, user_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these users who are active members of the organization."""
    rows = transaction.all("SELECT id FROM users WHERE id = ANY(%s) AND is_active", (list(user_ids),))
    return {row["id"] for row in rows}


def existing_accounts(transaction: Transaction, account_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these ids that are mailboxes of the organization."""
    rows = transaction.all("SELECT id FROM email_accounts WHERE id = ANY(%s)", (list(account_ids),))
    return {row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class ThreadState:
    """The part of a thread that rules change."""

    id: UUID
    assigned_to_user_id: UUID | None
    tags: list[str]
    is_spam: bool


@dataclass(frozen=True, slots=True)
class InboundMail:
    """An inbound mail as rules read it; `body_text` is cut to 64,000 characters."""

    id: UUID
    thread_id: UUID
    sender: str
    subject: str
    body_text: str
    mail_to: list[str]
    mail_cc: list[str]
    mail_origin: str | None
    email_account_id: UUID | None
    raw_blob: str | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RuledAttachment:
    """The part of an attachment that rules read."""

    message_id: UUID
    filename: str
    content_type: str
    size_bytes: int
    is_inline: bool


def lock_threads(transaction: Transaction, thread_ids: Collection[UUID]) -> dict[UUID, ThreadState]:
    """Lock threads until the commit, in the order of their ids, and return their states by id."""
    rows = transaction.all_of(
        ThreadState,
        """SELECT id, assigned_to_user_id, tags, is_spam FROM threads
           WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE""",
        (list(thread_ids),),
    )
    return {row.id: row for row in rows}


def change_threads(transaction: Transaction, threads: Sequence[ThreadState]) -> None:
    """Set the assignment, tags and spam mark of threads; call it under `lock_threads`."""
    transaction.execute(
        """UPDATE threads t
           SET assigned_to_user_id = given.assigned_to_user_id, tags = given.tags, is_spam = given.is_spam
           FROM jsonb_to_recordset(%s::jsonb)
                AS given (id uuid, assigned_to_user_id uuid, tags text[], is_spam boolean)
           WHERE t.id = given.id""",
        (rows_to_json(threads),),
    )


def mark_spam(transaction: Transaction, message_ids: Collection[UUID]) -> None:
    """Mark messages as spam."""
    transaction.execute("UPDATE messages SET is_spam = true WHERE id = ANY(%s)", (list(message_ids),))


def add_traces(transaction: Transaction, traces: Sequence[Mapping[str, Any]]) -> None:
    """Record why rules fired; each trace is its column values without created_at."""
    transaction.execute(
        """INSERT INTO email_rule_traces (id, organization_id, message_id, rule_id, rule_name, matched, performed)
           SELECT id, organization_id, message_id, rule_id, rule_name, matched, performed
           FROM jsonb_to_recordset(%s::jsonb)
                AS given (id uuid, organization_id uuid, message_id uuid, rule_id uuid, rule_name text,
                          matched jsonb, performed jsonb)""",
        (to_json(list(traces)),),
    )


def list_traces(transaction: Transaction, message_id: UUID) -> list[RuleTrace]:
    """Return why rules fired for a message, in the order in which they ran."""
    rows = transaction.all(
        """SELECT id, rule_id, rule_name, matched, performed, created_at FROM email_rule_traces
           WHERE message_id = %s ORDER BY created_at, id""",
        (message_id,),
    )
    return [RuleTrace(**row) for row in rows]


# What a dry run reads.


def list_inbound_mail(
    transaction: Transaction, *, days: int, limit: int, before: tuple[datetime, UUID] | None
) -> list[InboundMail]:
    """Return the inbound mails of the last `days` as rules read them, the newest first, without spam.

    `before` is the (occurred_at, id) of the previous list's last mail.
    """
    at, last_id = before or (None, None)
    return transaction.all_of(
        InboundMail,
        """SELECT id, thread_id, sender, subject, left(body_text, 64000) AS body_text, mail_to, mail_cc,
                  mail_origin, email_account_id, raw_blob, occurred_at
           FROM messages
           WHERE channel = 'EMAIL' AND direction = 'inbound' AND NOT is_spam
             AND occurred_at > now() - make_interval(days => %(days)s)
             AND (%(at)s::timestamptz IS NULL OR (occurred_at, id) < (%(at)s::timestamptz, %(id)s::uuid))
           ORDER BY occurred_at DESC, id DESC LIMIT %(limit)s""",
        {"days": days, "at": at, "id": last_id, "limit": limit},
    )


def list_attachments(transaction: Transaction, message_ids: Collection[UUID]) -> list[RuledAttachment]:
    """Return the messages' attachments, by message and position."""
    return transaction.all_of(
        RuledAttachment,
        """SELECT message_id, filename, content_type, size_bytes, is_inline FROM attachments
           WHERE message_id = ANY(%s) ORDER BY message_id, position""",
        (list(message_ids),),
    )
