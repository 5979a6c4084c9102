"""Enqueues automatic mails: marked, counted against the budget, and only as a reaction to fresh mail."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from banxway.ids import NewId
from banxway.models.channels import EMAIL
from banxway.models.messages.outgoing import AutomaticKind
from banxway.models.messages.statuses import MessageStatus
from banxway.services.auto_replies.budget import budgeted_domain
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.services.messages.channels.email import limits
from banxway.services.threads.append import append
from banxway.storage.auto_replies import automatic_mails
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime.changes import PendingChange

_FRESH_FOR = timedelta(hours=24)
# Some programs copy old mailboxes without their times of arrival; no mail is under way for longer than this.
_TRAVELS_FOR = timedelta(days=3)
# IMAP gives an arrival to the second.
_PRECISION = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class AutomaticMail:
    """The content and the recipient of an automatic mail; `author` wrote the mail that caused it."""

    kind: AutomaticKind
    recipient: str
    subject: str
    text: str
    html: str | None
    author: str
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: list[str] = field(default_factory=list)


def enqueue_automatic_mail(
    transaction: Transaction, *, account: AccountRow, cause: FiledMail, mail: AutomaticMail, new_id: NewId
) -> tuple[UUID, PendingChange]:
    """Put an automatic mail into the ledger, in the thread of the mail that caused it, and count it.

    The caller has locked the budget. Returns the mail's id, which the caller enqueues after the commit, and the
    change that the caller records.
    """
    row = _row(account, cause, mail, message_id=new_id(), at=messages.clamp_to_now(transaction))
    pending = append(transaction, row)
    automatic_mails.add(
        transaction,
        message_id=row.id,
        organization_id=row.organization_id,
        kind=mail.kind,
        account_id=account.id,
        correspondent=mail.recipient.lower(),
        domain=budgeted_domain(mail.recipient),
        author=mail.author.lower(),
    )
    return row.id, pending or PendingChange("message.created", row.thread_id, row.id)


def _row(
    account: AccountRow, cause: FiledMail, mail: AutomaticMail, *, message_id: UUID, at: datetime
) -> NewMessageRow:
    organization_id, sender = account.organization_id, account.email
    return NewMessageRow(
        id=message_id,
        organization_id=organization_id,
        thread_id=cause.thread_id,
        customer_id=cause.message.customer_id,
        channel=EMAIL.name,
        direction="outbound",
        status=MessageStatus.QUEUED,
        sender=sender,
        recipient=mail.recipient,
        occurred_at=at,
        join_rule=mail.kind,
        join_evidence=str(cause.message.id),
        subject=mail.subject,
        body_text=mail.text,
        body_html=mail.html,
        content={
            "sender_name": account.name,
            "priority": "normal",
            "headers": {},
            "loop_mark": loop_mark(organization_id),
        },
        email_account_id=account.id,
        mail_message_id=f"{message_id}@{sender.rpartition('@')[2]}",
        mail_in_reply_to=mail.in_reply_to,
        mail_references=mail.references,
        mail_to=[mail.recipient],
        mail_reply_to=[mail.reply_to] if mail.reply_to else [],
        automatic=mail.kind,
    )


def loop_mark(organization_id: UUID) -> str:
    """Return the X-Loop value of an organization's automatic mails, by which it recognizes its own."""
    return f"banxway-{hashlib.sha256(b'loop ' + organization_id.bytes).hexdigest()[:24]}"


def is_fresh(mail: FiledMail, *, since: datetime, at: datetime) -> bool:
    """Return whether a mail arrived after `since` and within the 24 hours before `at`.

    Because of this the first poll of an old mailbox answers and forwards nothing.
    """
    arrived, sent = mail.message.occurred_at, mail.mail.sent_at
    if arrived < max(since - _PRECISION, at - _FRESH_FOR):
        return False
    return sent is None or sent > at - _TRAVELS_FOR


def referred_to(mail: FiledMail) -> list[str]:
    """Return the Message-IDs that a mail's References and In-Reply-To name."""
    return [*mail.mail.references, *filter(None, [mail.mail.in_reply_to])]


def why_mailbox_cannot(transaction: Transaction, account: AccountRow) -> str | None:
    """Return why a mailbox may send no automatic mail now, or None.

    Half of its hourly and daily limit is reserved for people, so that automatic mail never delays theirs.
    """
    if not account.smtp_enabled:
        return "The mailbox may not send: smtp_enabled is false"
    if account.sending_stopped_at:
        return "Sending from the mailbox is suspended"
    halved = replace(
        account, hourly_limit=_half_of(account.hourly_limit), daily_limit=_half_of(account.daily_limit)
    )
    if not limits.has_room(transaction, account=halved):
        return "The mailbox has sent half of its limit: the rest is reserved for people"
    return None


def _half_of(limit: int | None) -> int | None:
    return max(1, limit // 2) if limit else None
