"""Mailboxes: their settings, logins and options, and which one sends by default.

Due times and leases are in storage/email_sync/leases.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.email_accounts.accounts import EmailAccount, EmailAccountChange
from banxway.models.values.versions import version_of
from banxway.security.envelope import content_mark
from banxway.storage.database import Row, Transaction
from banxway.storage.email_sync.folders import first_sync
from banxway.storage.email_sync.inbound_hours import proven_at
from banxway.storage.messages.sent_counts import COUNTED


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A mailbox as it is stored, with its credentials encrypted."""

    id: UUID
    organization_id: UUID
    name: str
    email: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_secure: bool
    smtp_enabled: bool
    imap_host: str
    imap_port: int
    imap_user: str
    imap_tls: bool
    imap_enabled: bool
    credentials_encrypted: str
    poll_interval_ms: int
    is_default: bool
    signature_html: str
    signature_text: str
    is_verified: bool
    last_verified_at: datetime | None
    last_polled_at: datetime | None
    last_poll_error: str | None
    last_poll_reason: str | None
    consecutive_failures: int
    next_poll_at: datetime
    lease_until: datetime | None
    fence: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    provider: str
    reply_to: str | None
    hourly_limit: int | None
    daily_limit: int | None
    folders: list[str] | None
    marks_seen: bool
    uses_idle: bool
    assigned_to_user_id: UUID | None
    state: str
    state_since: datetime
    sending_stopped_at: datetime | None
    sending_stopped_reason: str | None
    connection_holder: UUID | None
    connection_kept_until: datetime | None
    poll_requested_at: datetime | None
    idle_refused_at: datetime | None
    last_failed_at: datetime | None
    last_poll_messages: int
    last_poll_threads: int
    sends_canary: bool
    canary_problem: str | None
    canary_is_stuck: bool


COLUMNS = ", ".join(AccountRow.__slots__)
"""The columns that make an AccountRow."""


_COUNTED = (
    "sent_last_hour",
    "sent_last_day",
    "sending_stopped",
    "inbound_last_proven_at",
    "version",
    "first_sync",
)
# What an admin sets; the passwords are in the envelope, and a provider stops sending.
_VERSIONED = [
    name
    for name in EmailAccountChange.model_fields
    if name not in ("smtp_password", "imap_password", "sending_stopped")
]
_SHOWN = f"""
    SELECT {", ".join(f"a.{name}" for name in EmailAccount.model_fields if name not in _COUNTED)},
           a.credentials_encrypted,
           a.sending_stopped_at IS NOT NULL AS sending_stopped, s.sent_last_hour, s.sent_last_day,
           {proven_at(organization_id="a.organization_id", subject="a.id::text")} AS inbound_last_proven_at,
           {first_sync(account="a")} AS first_sync
    FROM email_accounts a CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.recipients), 0)::int AS sent_last_day,
               coalesce(sum(c.recipients) FILTER (WHERE c.at > now() - interval '1 hour'), 0)::int AS sent_last_hour
        FROM ({COUNTED}) c) s
"""  # noqa: S608  # our own column names


def lock_all(transaction: Transaction, organization_id: UUID) -> None:
    """Lock the organization's mailboxes until the commit: no one else adds or removes one, or chooses the default."""
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id} email_accounts",)
    )


def exists_any(transaction: Transaction) -> bool:
    """Return whether the organization has a mailbox."""
    return transaction.one("SELECT 1 FROM email_accounts LIMIT 1") is not None


def add(transaction: Transaction, values: dict[str, Any]) -> bool:
    """Insert a mailbox from its column values; False if the organization already has one with this address."""
    if values["is_default"]:
        transaction.execute("UPDATE email_accounts SET is_default = false WHERE is_default")
    columns = ", ".join(values)
    placeholders = ", ".join(f"%({column})s" for column in values)
    row = transaction.one(
        f"""INSERT INTO email_accounts ({columns}, last_verified_at)
            VALUES ({placeholders}, CASE WHEN %(is_verified)s THEN now() END)
            ON CONFLICT (organization_id, email) DO NOTHING RETURNING id""",  # noqa: S608  # our own column names
        values,
    )
    return row is not None


def find_by_email(transaction: Transaction, email: str) -> AccountRow | None:
    """Return the mailbox with an address, or None."""
    return transaction.one_of(AccountRow, f"SELECT {COLUMNS} FROM email_accounts WHERE email = %s", (email,))  # noqa: S608  # our own column names


def mark_verified(transaction: Transaction, login: dict[str, Any]) -> None:
    """Mark the mailbox with this address and these hosts as verified: its login has just worked."""
    transaction.execute(
        """UPDATE email_accounts SET is_verified = true, last_verified_at = now(), updated_at = now()
           WHERE email = %(email)s AND smtp_host = %(smtp_host)s AND imap_host = %(imap_host)s""",
        login,
    )


def change_login(transaction: Transaction, account_id: UUID, columns: dict[str, Any]) -> None:
    """Change a mailbox's hosts, login and verification to these column values; it falls due at once."""
    given = ", ".join(f"{name} = %({name})s" for name in columns)
    transaction.execute(
        f"""UPDATE email_accounts
            SET {given}, last_poll_error = NULL, last_poll_reason = NULL, consecutive_failures = 0,
                next_poll_at = now(), updated_at = now(),
                state_since = CASE WHEN state = 'ok' THEN state_since ELSE now() END, state = 'ok',
                last_verified_at = CASE WHEN %(is_verified)s THEN now() ELSE last_verified_at END
            WHERE id = %(id)s""",  # noqa: S608  # our own column names
        {**columns, "id": account_id},
    )


def change(transaction: Transaction, account_id: UUID, columns: dict[str, Any]) -> None:
    """Change a mailbox's options to these column values.

    A mailbox that works falls due at once if polling, folders or IDLE changed, else at the latest after its interval.
    """
    given = ", ".join(f"{name} = %({name})s" for name in columns)
    transaction.execute(
        f"""UPDATE email_accounts
            SET {given}, updated_at = now(), next_poll_at = CASE
                WHEN state NOT IN ('ok', 'needs_attention') THEN next_poll_at
                WHEN %(_is_due)s THEN now()
                ELSE least(next_poll_at, now() + make_interval(
                    secs => coalesce(%(_interval_ms)s::integer, poll_interval_ms) / 1000.0)) END
            WHERE id = %(_id)s""",  # noqa: S608  # our own column names
        {
            **columns,
            "_id": account_id,
            "_is_due": bool(columns.keys() & {"imap_enabled", "folders", "uses_idle"}),
            "_interval_ms": columns.get("poll_interval_ms"),
        },
    )


def unblock(transaction: Transaction, account_id: UUID) -> None:
    """Clear a mailbox's state `blocked` and make it due at once: the poll shows whether it is blocked still."""
    transaction.execute(
        """UPDATE email_accounts
           SET next_poll_at = now(), state_since = CASE WHEN state = 'blocked' THEN now() ELSE state_since END,
               state = CASE WHEN state = 'blocked' THEN 'ok' ELSE state END
           WHERE id = %s""",
        (account_id,),
    )


def make_default(transaction: Transaction, account_id: UUID) -> None:
    """Make a mailbox the organization's one default; call it under `lock_all`."""
    transaction.execute("UPDATE email_accounts SET is_default = false WHERE is_default")
    transaction.execute("UPDATE email_accounts SET is_default = true WHERE id = %s", (account_id,))


def remove(transaction: Transaction, account_id: UUID) -> None:
    """Delete a mailbox with its sync state; its messages stay.

    If it was the default, the oldest mailbox that may send becomes the default. Call it under `lock_all`.
    """
    transaction.execute("DELETE FROM email_accounts WHERE id = %s", (account_id,))
    transaction.execute(
        """UPDATE email_accounts SET is_default = true
           WHERE NOT EXISTS (SELECT FROM email_accounts WHERE is_default) AND id = (
               SELECT id FROM email_accounts WHERE smtp_enabled ORDER BY created_at, id LIMIT 1)"""
    )


def suspend_sending(transaction: Transaction, account_id: UUID, *, reason: str) -> bool:
    """Suspend a mailbox from sending until a person resumes it; False if it is suspended already."""
    return bool(
        transaction.execute(
            """UPDATE email_accounts
               SET sending_stopped_at = now(), sending_stopped_reason = %s, updated_at = now()
               WHERE id = %s AND sending_stopped_at IS NULL""",
            (reason, account_id),
        )
    )


def resume_sending(transaction: Transaction, account_id: UUID) -> None:
    """Resume sending from a mailbox."""
    transaction.execute(
        """UPDATE email_accounts SET sending_stopped_at = NULL, sending_stopped_reason = NULL, updated_at = now()
           WHERE id = %s""",
        (account_id,),
    )


def switch(transaction: Transaction, email: str, *, is_on: bool) -> None:
    """Switch sending and polling of the mailbox with an address on, or both off."""
    transaction.execute(
        """UPDATE email_accounts SET smtp_enabled = %s, imap_enabled = %s, updated_at = now()
           WHERE email = %s""",
        (is_on, is_on, email),
    )


def list_all(transaction: Transaction) -> list[EmailAccount]:
    """Return the mailboxes without credentials, the default first."""
    rows = transaction.all(f"{_SHOWN} ORDER BY a.is_default DESC, a.email")
    return [_shown(row) for row in rows]


def show(transaction: Transaction, account_id: UUID) -> EmailAccount | None:
    """Return a mailbox without credentials, or None."""
    row = transaction.one(f"{_SHOWN} WHERE a.id = %s", (account_id,))
    return _shown(row) if row else None


def version(row: AccountRow) -> str:
    """Return the version of a mailbox's settings and passwords, as EmailAccount has it."""
    return _version({name: getattr(row, name) for name in (*_VERSIONED, "credentials_encrypted")})


def _version(columns: Row) -> str:
    settings = [columns[name] for name in _VERSIONED]
    return version_of(settings, content_mark(columns["credentials_encrypted"]))


def _shown(row: Row) -> EmailAccount:
    shown = {name: value for name, value in row.items() if name != "credentials_encrypted"}
    return EmailAccount(**shown, version=_version(row))


def find(transaction: Transaction, account_id: UUID) -> AccountRow | None:
    """Return a mailbox with its encrypted credentials, or None."""
    statement = f"SELECT {COLUMNS} FROM email_accounts WHERE id = %s"  # noqa: S608  # our own column names
    return transaction.one_of(AccountRow, statement, (account_id,))


def lock(transaction: Transaction, account_id: UUID) -> AccountRow | None:
    """Lock a mailbox's row until the commit and return what `find` does."""
    statement = f"SELECT {COLUMNS} FROM email_accounts WHERE id = %s FOR NO KEY UPDATE"  # noqa: S608  # our own column names
    return transaction.one_of(AccountRow, statement, (account_id,))


def ids_by_address(transaction: Transaction) -> dict[str, UUID]:
    """Return the ids of the organization's mailboxes by address, in lower case."""
    rows = transaction.all("SELECT id, lower(email) AS email FROM email_accounts")
    return {row["email"]: row["id"] for row in rows}


def find_answering(transaction: Transaction, thread_id: UUID) -> AccountRow | None:
    """Return the mailbox of the thread's latest inbound mail to a mailbox that may send, or None.

    Bounces do not count.
    """
    columns = ", ".join(f"a.{name}" for name in AccountRow.__slots__)
    return transaction.one_of(
        AccountRow,
        f"""SELECT {columns} FROM messages m JOIN email_accounts a ON a.id = m.email_account_id
           WHERE m.thread_id = %s AND m.channel = 'EMAIL' AND m.direction = 'inbound'
             AND m.mail_origin IS DISTINCT FROM 'bounce' AND a.smtp_enabled
           ORDER BY m.occurred_at DESC, m.created_at DESC LIMIT 1""",  # noqa: S608  # our own column names
        (thread_id,),
    )


def find_default(transaction: Transaction) -> AccountRow | None:
    """Return the mailbox that sends if none is named: the default, else the oldest that may send, else None."""
    return transaction.one_of(
        AccountRow,
        f"SELECT {COLUMNS} FROM email_accounts WHERE smtp_enabled ORDER BY is_default DESC, created_at LIMIT 1",  # noqa: S608  # our own column names
    )
