"""Vacation responders, one for each mailbox that has ever had one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow


@dataclass(frozen=True, slots=True)
class ResponderRow:
    """A mailbox's vacation responder."""

    account_id: UUID
    is_active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    subject: str
    content_text: str
    content_html: str | None
    repeat_after_days: int
    activated_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AnsweringRow(AccountRow):
    """A responder that answers now, with its contents, and its mailbox; `at` is the database's now."""

    vacation_subject: str
    content_text: str
    content_html: str | None
    repeat_after_days: int
    starts_at: datetime | None
    activated_at: datetime | None
    at: datetime


def find(transaction: Transaction, account_id: UUID) -> ResponderRow | None:
    """Return a mailbox's responder and lock it until the commit; None if it never had one."""
    return transaction.one_of(
        ResponderRow,
        """SELECT account_id, is_active, starts_at, ends_at, subject, content_text, content_html,
                  repeat_after_days, activated_at, updated_at
           FROM vacation_responders WHERE account_id = %s FOR NO KEY UPDATE""",
        (account_id,),
    )


def save(
    transaction: Transaction, *, organization_id: UUID, account_id: UUID, values: Mapping[str, Any]
) -> None:
    """Replace a mailbox's responder; `activated_at` is set when it goes from off to on."""
    transaction.execute(
        """INSERT INTO vacation_responders AS old
               (account_id, organization_id, is_active, starts_at, ends_at, subject, content_text, content_html,
                repeat_after_days, activated_at)
           VALUES (%(account_id)s, %(organization_id)s, %(is_active)s, %(starts_at)s, %(ends_at)s, %(subject)s,
                   %(content_text)s, %(content_html)s, %(repeat_after_days)s,
                   CASE WHEN %(is_active)s THEN now() END)
           ON CONFLICT (account_id) DO UPDATE
           SET is_active = excluded.is_active, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
               subject = excluded.subject, content_text = excluded.content_text,
               content_html = excluded.content_html, repeat_after_days = excluded.repeat_after_days,
               activated_at = CASE WHEN excluded.is_active AND old.is_active THEN old.activated_at
                                   ELSE excluded.activated_at END,
               updated_at = now()""",
        {**values, "organization_id": organization_id, "account_id": account_id},
    )


def list_answering(transaction: Transaction) -> list[AnsweringRow]:
    """Return the responders that answer now, the oldest mailbox first."""
    mailbox = ", ".join(f"a.{name}" for name in AccountRow.__slots__)
    return transaction.all_of(
        AnsweringRow,
        f"""SELECT v.starts_at, v.subject AS vacation_subject, v.content_text, v.content_html, v.repeat_after_days,
                   v.activated_at, now() AS at, {mailbox}
            FROM vacation_responders v JOIN email_accounts a ON a.id = v.account_id
            WHERE v.is_active AND coalesce(v.starts_at <= now(), true) AND coalesce(v.ends_at > now(), true)
            ORDER BY a.created_at, a.id""",  # noqa: S608  # our own column names
    )
