"""The facts that the daily review reads about one organization, and how far it has read (migration 015)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from banxway.storage import uptime
from banxway.storage.database import Transaction


def list_organizations(transaction: Transaction) -> list[UUID]:
    """Return every organization with an audit trail, an integration or a polled mailbox; for the system scope."""
    rows = transaction.all(
        """SELECT organization_id FROM integration_audit_heads
           UNION SELECT organization_id FROM integration_credentials WHERE is_active
           UNION SELECT organization_id FROM email_accounts WHERE imap_enabled ORDER BY 1"""
    )
    return [row["organization_id"] for row in rows]


def begin(transaction: Transaction, organization_id: UUID) -> int:
    """Lock the organization's review until the commit, and return the last audit sequence that was reviewed."""
    transaction.execute(
        """INSERT INTO audit_reviews (organization_id, reviewed_sequence) VALUES (%s, 0)
           ON CONFLICT (organization_id) DO NOTHING""",
        (organization_id,),
    )
    row = transaction.single("SELECT reviewed_sequence FROM audit_reviews FOR NO KEY UPDATE")
    return int(row["reviewed_sequence"])


@dataclass(frozen=True, slots=True)
class FailureCount:
    """How often an action failed since the last review, and when it last did."""

    action: str
    failures: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class OldCredentials:
    """An integration's credentials that were not changed for long."""

    integration_type: str
    credentials_changed_at: datetime


@dataclass(frozen=True, slots=True)
class EndingCredentials:
    """Credentials that expire soon; `since` is the day on which the latest reminder was due."""

    integration_type: str
    credentials_expire_on: date
    days_left: int
    since: datetime


@dataclass(frozen=True, slots=True)
class UnusedPermissions:
    """The users who may use an integration and have not; `month` is the present month's first day."""

    integration_type: str
    emails: list[str]
    month: datetime


@dataclass(frozen=True, slots=True)
class FailingMailbox:
    """A mailbox whose polls fail."""

    id: UUID
    email: str
    since: datetime
    last_poll_error: str | None


@dataclass(frozen=True, slots=True)
class OverdueMailbox:
    """A mailbox whose poll is overdue."""

    id: UUID
    email: str
    since: datetime


def take_failures(transaction: Transaction, *, after: int) -> list[FailureCount]:
    """Return what failed since the audit sequence `after`, by action, and record that it was reviewed.

    The chain's lock makes sequences visible in their order, so nothing below the head appears later.
    """
    head = transaction.one("SELECT sequence FROM integration_audit_heads")
    newest = head["sequence"] if head else 0
    failures = transaction.all_of(
        FailureCount,
        """SELECT action, count(*)::int AS failures, max(created_at) AS latest FROM integration_audit_logs
           WHERE sequence > %s AND sequence <= %s AND status = 'failed' GROUP BY action ORDER BY action""",
        (after, newest),
    )
    transaction.execute("UPDATE audit_reviews SET reviewed_sequence = %s", (newest,))
    return failures


def old_credentials(transaction: Transaction, *, older_than_days: int) -> list[OldCredentials]:
    """Return the credentials of active integrations that were last changed more than `older_than_days` ago."""
    return transaction.all_of(
        OldCredentials,
        """SELECT i.integration_type, s.credentials_changed_at
           FROM integration_credentials i JOIN integration_settings s ON s.integration_id = i.id
           WHERE i.is_active AND s.credentials_changed_at < now() - make_interval(days => %s)
           ORDER BY i.integration_type""",
        (older_than_days,),
    )


def ending_credentials(transaction: Transaction, *, ahead: Sequence[int]) -> list[EndingCredentials]:
    """Return the credentials of active integrations that expire within the longest time of `ahead`.

    `ahead` lists how many days before the expiry a reminder is due.
    """
    return transaction.all_of(
        EndingCredentials,
        """SELECT i.integration_type, s.credentials_expire_on, s.credentials_expire_on - current_date AS days_left,
                  (SELECT max(s.credentials_expire_on - days)::timestamptz FROM unnest(%(ahead)s::int[]) AS days
                   WHERE s.credentials_expire_on - days <= current_date) AS since
           FROM integration_credentials i JOIN integration_settings s ON s.integration_id = i.id
           WHERE i.is_active AND s.credentials_expire_on - current_date <= %(first)s ORDER BY i.integration_type""",
        {"ahead": list(ahead), "first": max(ahead)},
    )


def unused_permissions(transaction: Transaction, *, for_days: int) -> list[UnusedPermissions]:
    """Return, by integration, the users who may use it and have sent nothing on its channel for `for_days`.

    Admins are left out, since they need no permission, and so are permissions that changed more recently.
    """
    return transaction.all_of(
        UnusedPermissions,
        """SELECT p.integration_type, array_agg(u.email ORDER BY u.email) AS emails,
                  date_trunc('month', now(), 'UTC') AS month
           FROM user_integration_permissions p JOIN users u ON u.id = p.user_id
           JOIN integration_credentials i ON i.integration_type = p.integration_type AND i.is_active
           JOIN (VALUES ('exotel_whatsapp', 'WHATSAPP'), ('zoho_mail', 'EMAIL')) AS c (integration_type, channel)
             ON c.integration_type = p.integration_type
           WHERE p.can_use AND u.is_active AND u.role <> 'admin'
             AND p.updated_at < now() - make_interval(days => %(days)s)
             AND NOT EXISTS (SELECT FROM messages m
                             WHERE m.organization_id = p.organization_id AND m.created_by = p.user_id
                               AND m.channel = c.channel AND m.direction = 'outbound'
                               AND m.created_at > now() - make_interval(days => %(days)s))
           GROUP BY p.integration_type ORDER BY p.integration_type""",
        {"days": for_days},
    )


def failed_integrations(transaction: Transaction) -> list[str]:
    """Return the types of the integrations that are active and not verified."""
    rows = transaction.all(
        "SELECT integration_type FROM integration_credentials WHERE is_active AND NOT is_verified"
    )
    return [row["integration_type"] for row in rows]


def failing_mailboxes(transaction: Transaction, *, for_minutes: int) -> list[FailingMailbox]:
    """Return the mailboxes whose polls have all failed for `for_minutes`.

    A mailbox whose state names the trouble counts at once: its poller has opened a notification already.
    """
    return transaction.all_of(
        FailingMailbox,
        """SELECT id, email, coalesce(last_polled_at, created_at) AS since, last_poll_error
           FROM email_accounts
           WHERE imap_enabled AND consecutive_failures > 0
             AND (state <> 'ok' OR coalesce(last_polled_at, created_at) < now() - make_interval(mins => %s))
           ORDER BY email""",
        (for_minutes,),
    )


def incomplete_mailboxes(transaction: Transaction) -> list[str]:
    """Return the ids of the mailboxes that are polled but not synced completely."""
    rows = transaction.all("SELECT id FROM email_accounts WHERE imap_enabled AND state = 'needs_attention'")
    return [str(row["id"]) for row in rows]


def overdue_mailboxes(transaction: Transaction, *, intervals: int) -> list[OverdueMailbox]:
    """Return the mailboxes whose poll is overdue by more than `intervals` of their own interval.

    Time during which the database was down does not count: nothing could be polled then.
    """
    return transaction.all_of(
        OverdueMailbox,
        """SELECT id, email, coalesce(last_polled_at, created_at) AS since FROM email_accounts
           WHERE imap_enabled
             AND greatest(next_poll_at, %s) < now() - %s * make_interval(secs => poll_interval_ms / 1000.0)
           ORDER BY email""",
        (uptime.running_since(transaction), intervals),
    )
