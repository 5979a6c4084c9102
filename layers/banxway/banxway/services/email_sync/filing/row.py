"""Makes a mail's row of messages: an inbound mail, or one that another client sent from a mailbox of ours."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from banxway.models.channels import EMAIL
from banxway.models.mail import Address, Correspondent, FolderRole, MailAuthentication, MailOrigin, ParsedMail
from banxway.models.messages.outgoing import REFERENCE_HEADER
from banxway.models.messages.statuses import MessageStatus
from banxway.models.values.mail_addresses import is_email
from banxway.services.customers.correspondents import (
    NOBODY,
    addressee_of,
    author_of,
    proven_original,
    written_for,
)
from banxway.services.email_sync.filing.reader import ReadMail
from banxway.services.email_sync.threading.assignment import ThreadAssignment
from banxway.services.email_sync.threading.nodes import MailNode
from banxway.services.email_sync.threading.rows import conversation_of, references_of
from banxway.services.email_sync.threading.subjects import read_subject
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages.filed import KnownMail, OwnMail
from banxway.storage.messages.rows import NewMessageRow

# PostgreSQL takes 1 GB of text, but nobody reads more than this in a thread; the raw mail keeps all of it.
_LONGEST_TEXT = 1_000_000
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail that is about to become a message: its id, when it arrived, and the person it is from or to.

    `own` are the addresses of our mailboxes; `answer_to` is the address that an answer goes to, if not the sender's.
    """

    id: UUID
    read: ReadMail
    account: AccountRow
    is_ours: bool
    at: datetime
    correspondent: Correspondent
    own: frozenset[str]
    answer_to: str | None = None

    @property
    def role(self) -> str:
        """The role of the folder that it lies in."""
        return self.read.stored.role or FolderRole.INBOX

    @property
    def is_spam(self) -> bool:
        """Whether it lies in the spam folder."""
        return self.role == FolderRole.JUNK

    @property
    def is_quiet(self) -> bool:
        """Whether it is a delivery report without a failure, which nobody has to read or act on."""
        bounce = self.read.mail.bounce
        return (
            bounce is not None
            and bool(bounce.recipients)
            and all(one.action != "failed" for one in bounce.recipients)
        )

    @property
    def sender(self) -> str:
        """The address of the person who wrote it."""
        if self.read.mail.sender:
            return self.read.mail.sender.email
        return str(self.account.email) if self.is_ours else NOBODY.email

    @property
    def written_for(self) -> str | None:
        """The address that its sender names as Reply-To, if it is not the sender's own."""
        claimed = None if self.is_ours else written_for(self.read.mail, self.own)
        return claimed.email if claimed else None


def ids_named_by(mails: Iterable[ReadMail]) -> set[str]:
    """Return the Message-IDs that mails have or refer to."""
    return {one for read in mails for one in (read.mail.message_id, *references_of(read.mail)) if one}


def mark_of(read: ReadMail) -> UUID | None:
    """Return the message id in the header that we add to our own mails, or None."""
    for name, value in read.mail.headers:
        if name.lower() == REFERENCE_HEADER.lower():
            with suppress(ValueError):
                return UUID(value.strip())
    return None


def new_mail(
    message_id: UUID,
    read: ReadMail,
    account: AccountRow,
    *,
    own: frozenset[str],
    relays: frozenset[str],
    ours: Mapping[str, OwnMail],
    now: datetime,
) -> NewMail:
    """Return the new mail that a stored mail is about to become. A mail in the Sent folder is our own.

    `relays` are the senders that write for others; `ours` are our messages by Message-ID, including those that the
    mail answers.
    """
    arrived_at = read.stored.internal_date or read.stored.created_at
    answered = [ours[one].occurred_at + _MOMENT for one in references_of(read.mail) if one in ours]
    is_ours = read.stored.role == FolderRole.SENT
    original = None if is_ours or read.mail.reply_to else proven_original(read.mail, own)
    return NewMail(
        id=message_id,
        read=read,
        account=account,
        is_ours=is_ours,
        # A server gives whole seconds by its own clock, so an answer could seem older than what it answers. A date in
        # the future would keep its thread above all others.
        at=min(max([arrived_at, *answered]), now),
        correspondent=(
            addressee_of(read.mail, own) if is_ours else author_of(read.mail, own=own, relays=relays)
        ),
        own=own,
        answer_to=original.email if original else None,
    )


def node_of_new(new: NewMail) -> MailNode:
    """Return the thread node of a new mail, equal to the one that threading's `node_of` makes of its row."""
    mail = new.read.mail
    people = frozenset((new.sender, *(address.email for address in (*mail.to, *mail.cc))))
    subject = read_subject(mail.subject)
    return MailNode(
        id=new.id,
        key=new.read.identity,
        at=new.at,
        sent_at=mail.sent_at or new.at,
        placed_at=mail.sent_at or new.at,
        is_ours=new.is_ours,
        sender=new.sender,
        people=people,
        outsiders=people - new.own,
        mail_ids=(mail.message_id,) if mail.message_id else (),
        written_for=new.written_for,
        references=tuple(references_of(mail)),
        conversation=conversation_of(mail),
        base_subject=subject.base,
        is_reply=subject.is_reply,
        is_human=mail.origin == MailOrigin.HUMAN,
        is_forged=not new.is_ours and mail.authentication == MailAuthentication.FAILED,
        is_proven=not new.is_ours and mail.authentication == MailAuthentication.PASSED,
        is_bounce=mail.bounce is not None or mail.origin == MailOrigin.BOUNCE,
        failed=frozenset(one.address for one in mail.bounce.recipients) if mail.bounce else frozenset(),
    )


def node_of_known(new: NewMail, row: KnownMail) -> MailNode:
    """Return the thread node of a stored inbound message that a copy in a Sent folder proves to be ours."""
    return replace(node_of_new(new), id=row.id, thread_id=row.thread_id)


def message_row(
    new: NewMail,
    assignment: ThreadAssignment,
    *,
    customer_id: UUID,
    members: frozenset[str],
    placed_at: datetime,
    now: datetime,
) -> NewMessageRow:
    """Return the row to be inserted for a new mail; `members` are the addresses of the organization's users."""
    mail, stored = new.read.mail, new.read.stored
    return NewMessageRow(
        id=new.id,
        organization_id=new.account.organization_id,
        thread_id=assignment.thread_id,
        customer_id=customer_id,
        channel=EMAIL.name,
        direction="outbound" if new.is_ours else "inbound",
        status=MessageStatus.SENT if new.is_ours else MessageStatus.RECEIVED,
        sender=new.sender,
        recipient=addressee(new) if new.is_ours else new.account.email,
        **_words(mail),
        email_account_id=new.account.id,
        mail_origin=mail.origin,
        raw_blob=stored.raw_blob,
        problems=_problems(mail),
        identity=new.read.identity,
        is_spam=new.is_spam,
        seen_at=now if (stored.is_seen or new.is_quiet) and not new.is_ours else None,
        occurred_at=new.at,
        sent_at=mail.sent_at,
        placed_at=placed_at,
        join_rule=assignment.rule,
        join_evidence=assignment.evidence,
        **_who(new, members),
        **_ids(mail),
    )


def _ids(mail: ParsedMail) -> dict[str, Any]:
    """Return the columns that threading compares."""
    return {
        "mail_message_id": mail.message_id,
        "mail_raw_message_id": mail.raw_message_id,
        "mail_in_reply_to": mail.in_reply_to,
        "mail_references": references_of(mail),
        "mail_conversation": conversation_of(mail),
        "mail_base_subject": read_subject(mail.subject).base,
    }


def _who(new: NewMail, members: frozenset[str]) -> dict[str, Any]:
    """Return the columns of people: a mail's author, its recipients, whom it was written for, and whom to answer."""
    sender, forwarded = new.read.mail.sender, _forwarded(new, members)
    mail = new.read.mail
    return {
        "mail_to": [address.email for address in mail.to],
        "mail_cc": [address.email for address in mail.cc],
        "mail_reply_to": [address.email for address in mail.reply_to],
        "mail_authentication": None if new.is_ours else mail.authentication,
        "sender_name": sender.name if sender else "",
        "mail_written_for": new.written_for,
        "answer_to": new.answer_to,
        "forwarded_from": forwarded.email if forwarded else None,
        "forwarded_name": forwarded.name if forwarded else None,
    }


def addressee(new: NewMail) -> str:
    """Return the main recipient of a mail that we sent: the first external address, else the first address."""
    return new.correspondent.address or new.correspondent.via or NOBODY.email


def _forwarded(new: NewMail, members: frozenset[str]) -> Address | None:
    """Return the original author that a forward names, or None unless a member forwarded it: others may lie."""
    author = new.read.mail.forwarded_from
    if author is None or new.is_ours or new.sender not in members:
        return None
    is_false = new.read.mail.authentication == MailAuthentication.FAILED
    return None if is_false or author.email in (new.own | members) or not is_email(author.email) else author


def _words(mail: ParsedMail) -> dict[str, Any]:
    return {
        "subject": mail.subject,
        "body_text": mail.text[:_LONGEST_TEXT],
        "body_html": mail.html[:_LONGEST_TEXT] if mail.html else None,
        "reply_text": _if_other(mail.reply_text, mail.text),
        "signature_text": mail.signature_text[:_LONGEST_TEXT] or None,
        "content": _content(mail),
    }


def _problems(mail: ParsedMail) -> list[str]:
    problems = list(mail.problems)
    if len(mail.text) > _LONGEST_TEXT:
        problems.append("The text is cut here; the stored original has all of it")
    return problems


def _if_other(reply: str, text: str) -> str | None:
    """Return the reply's own text, or None if it is the whole text."""
    return reply[:_LONGEST_TEXT] if reply and reply.strip() != text.strip() else None


def _content(mail: ParsedMail) -> dict[str, object]:
    if mail.bounce is None:
        return {}
    return {
        "bounce": {
            "original_message_id": mail.bounce.original_message_id,
            "recipients": [one.address for one in mail.bounce.recipients],
            "reports": [
                {
                    "address": one.address,
                    "action": one.action,
                    "status": one.status,
                    "diagnostic": one.diagnostic,
                }
                for one in mail.bounce.recipients
            ],
        }
    }
