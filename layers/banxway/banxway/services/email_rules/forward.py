"""Forwards mail by rule: the mail's own text and attachments, from our mailbox, with the author as Reply-To.

Mail by persons and programs is forwarded. Automatic answers and bounces are not, since they could make a loop. A mail
that comes back to us, marked or not, is not forwarded a second time.
"""

import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from banxway.clock import iso
from banxway.ids import NewId
from banxway.models.mail import Address, MailOrigin, ParsedMail
from banxway.models.values.mail_addresses import is_plain_email
from banxway.services.auto_replies import budget
from banxway.services.auto_replies.automatic_mail import (
    AutomaticMail,
    enqueue_automatic_mail,
    is_fresh,
    loop_mark,
    referred_to,
    why_mailbox_cannot,
)
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage.auto_replies import automatic_mails
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.realtime.changes import PendingChange

# In base64 below the 53,477,376 bytes that Zoho accepts (reference/mail.md, 9), with room for the text.
_MOST_ATTACHED = 35_000_000
_LONGEST_SUBJECT = 500
_FORWARD_PREFIX = re.compile(r"(?:fwd?|wg|tr|rv|i|enc|vs|doorst)\s?:\s*", re.IGNORECASE)
_ARRIVED_FOR = ("delivered-to", "x-forwarded-to", "x-original-to", "resent-to")


@dataclass(frozen=True, slots=True)
class Sender:
    """The mailbox that forwards, our own addresses, and the database's time."""

    account: AccountRow
    own_addresses: set[str]
    at: datetime


@dataclass(slots=True)
class Forwarded:
    """The forwards of one batch: ids to enqueue, changes to record, and which message went to which address."""

    queued: list[UUID] = field(default_factory=list)
    pending: list[PendingChange] = field(default_factory=list)
    gone: set[tuple[UUID, str]] = field(default_factory=set)


class Forwarding:
    """Enqueues forwards."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    def forward(
        self,
        transaction: Transaction,
        mail: FiledMail,
        *,
        sender: Sender,
        address: str,
        since: datetime,
        done: Forwarded,
    ) -> str | None:
        """Queue a forward and add it to `done`; if it must not be forwarded, do nothing and return why.

        `since` is when the rule began to forward.
        """
        if (mail.message.id, address) in done.gone:
            return "It was forwarded to this address already"
        reason = why_never(mail, sender=sender, address=address, since=since)
        reason = reason or self._why_not_now(transaction, mail, sender, address)
        if reason:
            return reason
        message_id, pending = enqueue_automatic_mail(
            transaction,
            account=sender.account,
            cause=mail,
            mail=_automatic_mail(mail, address),
            new_id=self._new_id,
        )
        if _attached(mail.mail) <= _MOST_ATTACHED:
            automatic_mails.copy_attachments(transaction, source_id=mail.message.id, target_id=message_id)
        done.queued.append(message_id)
        done.pending.append(pending)
        done.gone.add((mail.message.id, address))
        return None

    def _why_not_now(
        self, transaction: Transaction, mail: FiledMail, sender: Sender, address: str
    ) -> str | None:
        if reason := why_mailbox_cannot(transaction, sender.account):
            return reason
        if automatic_mails.is_about_own(transaction, "forward", referred_to(mail)):
            return "It refers to a mail that we forwarded"
        return budget.why_not_forward(
            transaction,
            organization_id=mail.message.organization_id,
            address=address,
            author=mail.message.sender.lower(),
            subject=_subject(mail),
            comes_forwarded=_FORWARD_PREFIX.match(mail.message.subject) is not None,
        )


def why_never(mail: FiledMail, *, sender: Sender, address: str, since: datetime) -> str | None:
    """Return why a mail must never be forwarded to an address, by its content and its origin, or None."""
    author = mail.message.sender.lower()
    if mail.mail.origin in (MailOrigin.AUTO_REPLY, MailOrigin.BOUNCE):
        return f"It is automatic itself ({mail.mail.origin.value})"
    if loop_mark(mail.message.organization_id) in mail.mail.loop_marks:
        return "It has our own mark: it came back to us"
    if not is_fresh(mail, since=since, at=sender.at):
        return "It arrived before the rule began to forward, or longer than 24 hours ago"
    if mail.message.raw_blob is None:
        return "Its content was not fetched"
    if address in sender.own_addresses:
        return "The address is a mailbox of our own"
    if author in sender.own_addresses:
        return "A mailbox of our own sent it"
    if author == address or address in _arrived_for(mail.mail):
        return "It comes from this address, or went there before"
    return None


def _arrived_for(mail: ParsedMail) -> set[str]:
    values = (value for name, value in mail.headers if name.lower() in _ARRIVED_FOR)
    return {value.strip(" <>").lower() for value in values}


def _automatic_mail(mail: FiledMail, address: str) -> AutomaticMail:
    parsed = mail.mail
    answered = next(iter(parsed.reply_to), parsed.sender)
    heading = _heading(mail)
    left_out = ""
    if _attached(parsed) > _MOST_ATTACHED:
        left_out = f"[{len(parsed.attachments)} attachments are too large to be forwarded]\n\n"
    return AutomaticMail(
        kind="forward",
        recipient=address,
        subject=_subject(mail),
        text=f"{heading}\n\n{left_out}{mail.message.body_text}",
        html=_html(heading, left_out, mail.message.body_html) if mail.message.body_html else None,
        author=mail.message.sender,
        reply_to=answered.email if answered and is_plain_email(answered.email) else None,
        references=[*parsed.references, *filter(None, [parsed.message_id])],
    )


def _heading(mail: FiledMail) -> str:
    parsed = mail.mail
    lines = [
        "---------- Forwarded message ----------",
        f"From: {_shown(parsed.sender)}",
        f"Date: {iso(parsed.sent_at or mail.message.occurred_at)}",
        f"Subject: {_one_line(mail.message.subject)}",
        f"To: {', '.join(map(_shown, parsed.to[:20]))}",
    ]
    if parsed.cc:
        lines.append(f"Cc: {', '.join(map(_shown, parsed.cc[:20]))}")
    return "\n".join(lines)


def _html(heading: str, left_out: str, original: str) -> str:
    preface = html.escape(f"{heading}\n\n{left_out}", quote=False).strip().replace("\n", "<br>\n")
    return f"<div>{preface}</div>\n<br>\n{original}"


def _subject(mail: FiledMail) -> str:
    """Return the forward's subject, with one prefix however often the mail was forwarded before."""
    subject = _one_line(mail.message.subject)[:_LONGEST_SUBJECT]
    while prefix := _FORWARD_PREFIX.match(subject):
        subject = subject[prefix.end() :]
    return f"Fwd: {subject}"


def _shown(address: Address | None) -> str:
    if address is None:
        return "unknown"
    return _one_line(f"{address.name} <{address.email}>" if address.name else address.email)


def _one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _attached(mail: ParsedMail) -> int:
    return sum(len(attachment.content) for attachment in mail.attachments)
