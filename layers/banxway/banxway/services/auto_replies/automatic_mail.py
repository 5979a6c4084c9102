"""Writing a mail that no person wrote: into the ledger, marked, counted, and only on account of fresh mail."""

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
from banxway.services.messages.channels.email import limits as sending_limits
from banxway.services.threads.append import append
from banxway.storage.auto_replies import automatic_mails
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime.changes import PendingChange

_FRESH_FOR = timedelta(hours=24)
# Some programs copy old mailboxes without their times of arrival; no mail travels for longer than this.
_TRAVELS_FOR = timedelta(days=3)
# IMAP tells an arrival to the second.
_PRECISION = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """What an automatic mail says, and to whom."""

    kind: AutomaticKind
    recipient: str
    subject: str
    text: str
    html: str | None
    author: str
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: list[str] = field(default_factory=list)


def put_on_its_way(
    transaction: Transaction, *, account: AccountRow, cause: FiledMail, letter: Letter, new_id: NewId
) -> tuple[UUID, PendingChange]:
    """Queue an automatic mail in the thread of the mail that caused it, and count it; the budget is held.

    Returns its id, to be enqueued after the commit, and the news that the caller records.
    """
    row = _row(account, cause, letter, message_id=new_id(), at=messages.clamp_to_now(transaction))
    pending = append(transaction, row)
    automatic_mails.add(
        transaction,
        message_id=row.id,
        organization_id=row.organization_id,
        kind=letter.kind,
        account_id=account.id,
        correspondent=letter.recipient.lower(),
        domain=budgeted_domain(letter.recipient),
        author=letter.author.lower(),
    )
    return row.id, pending or PendingChange("message.created", row.thread_id, row.id)


def _row(
    account: AccountRow, cause: FiledMail, letter: Letter, *, message_id: UUID, at: datetime
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
        recipient=letter.recipient,
        occurred_at=at,
        join_rule=letter.kind,
        join_evidence=str(cause.message.id),
        subject=letter.subject,
        body_text=letter.text,
        body_html=letter.html,
        content={
            "sender_name": account.name,
            "priority": "normal",
            "headers": {},
            "loop_mark": loop_mark(organization_id),
        },
        email_account_id=account.id,
        mail_message_id=f"{message_id}@{sender.rpartition('@')[2]}",
        mail_in_reply_to=letter.in_reply_to,
        mail_references=letter.references,
        mail_to=[letter.recipient],
        mail_reply_to=[letter.reply_to] if letter.reply_to else [],
        automatic=letter.kind,
    )


def loop_mark(organization_id: UUID) -> str:
    """Return what an organization's automatic mails carry as X-Loop, so that it knows its own again."""
    return f"banxway-{hashlib.sha256(b'loop ' + organization_id.bytes).hexdigest()[:24]}"


def is_fresh(mail: FiledMail, *, since: datetime, at: datetime) -> bool:
    """Say whether a mail arrived after an instant and within the last 24 hours.

    So that the first synchronization of an old mailbox answers and forwards nothing.
    """
    arrived, sent = mail.message.occurred_at, mail.mail.sent_at
    if arrived < max(since - _PRECISION, at - _FRESH_FOR):
        return False
    return sent is None or sent > at - _TRAVELS_FOR


def referred_to(mail: FiledMail) -> list[str]:
    """Return the Message-IDs that a mail answers, whichever header names them."""
    return [*mail.mail.references, *filter(None, [mail.mail.in_reply_to])]


def why_mailbox_cannot(transaction: Transaction, account: AccountRow) -> str | None:
    """Return why a mailbox may send nothing automatic now, or None.

    Half of its hourly and daily limit is left to people, so that no storm holds up what they write.
    """
    if not account.smtp_enabled:
        return "The mailbox may not send: smtp_enabled is false"
    if account.sending_stopped_at:
        return "Sending from the mailbox is stopped"
    halved = replace(
        account, hourly_limit=_half_of(account.hourly_limit), daily_limit=_half_of(account.daily_limit)
    )
    if not sending_limits.has_room(transaction, account=halved):
        return "The mailbox has sent half of what it may: the rest is left to people"
    return None


def _half_of(limit: int | None) -> int | None:
    return max(1, limit // 2) if limit else None
