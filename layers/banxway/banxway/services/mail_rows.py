"""The row of messages that a mail becomes: an inbound one, or one that another client sent from a mailbox of ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from banxway.models.mail import Address, FolderRole, ParsedMail
from banxway.models.statuses import MessageStatus
from banxway.services.mail_reading import ReadMail
from banxway.services.mail_threading import Place
from banxway.services.mail_threads.nodes import MailNode
from banxway.services.mail_threads.rows import conversation_of, node_of_mail, references_of
from banxway.services.mail_threads.subjects import read_subject
from banxway.storage.database import Row
from banxway.storage.messages import MessageRow

# PostgreSQL text can hold 1 GB, and nobody reads more than this in a timeline; the raw mail keeps it all.
_LONGEST_TEXT = 1_000_000
_MOMENT = timedelta(milliseconds=1)
_NOBODY = Address(email="unknown@invalid", name="Unknown sender")


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail that is no message yet: its id to be, when it came, and the person it is from or to."""

    id: UUID
    read: ReadMail
    account: Row
    is_ours: bool
    at: datetime
    correspondent: Address

    @property
    def role(self) -> str:
        """What the folder is for that it lies in."""
        return self.read.stored.get("role") or FolderRole.INBOX

    @property
    def is_spam(self) -> bool:
        """Whether it lies in the spam folder."""
        return self.role == FolderRole.JUNK

    @property
    def is_quiet(self) -> bool:
        """Whether it reports that its mail is on its way: nobody has to read that or to act on it."""
        bounce = self.read.mail.bounce
        return (
            bounce is not None
            and bool(bounce.recipients)
            and all(one.action != "failed" for one in bounce.recipients)
        )

    @property
    def sender(self) -> str:
        """Who wrote it."""
        if self.read.mail.sender:
            return self.read.mail.sender.email
        return str(self.account["email"]) if self.is_ours else _NOBODY.email


def ids_named_by(mails: Iterable[ReadMail]) -> set[str]:
    """Return the Message-IDs that mails have or refer to."""
    return {one for read in mails for one in (read.mail.message_id, *references_of(read.mail)) if one}


def new_mail(
    message_id: UUID,
    read: ReadMail,
    account: Row,
    *,
    own: frozenset[str],
    ours: Mapping[str, Row],
    now: datetime,
) -> NewMail:
    """Say what a stored mail is to become. What lies in the Sent folder is our own.

    `ours` are messages of ours by Message-ID, those that the mail answers among them.
    """
    arrived_at = read.stored["internal_date"] or read.stored["created_at"]
    answered = [ours[one]["occurred_at"] + _MOMENT for one in references_of(read.mail) if one in ours]
    is_ours = read.stored.get("role") == FolderRole.SENT
    return NewMail(
        id=message_id,
        read=read,
        account=account,
        is_ours=is_ours,
        # A server tells whole seconds by its own clock: an answer never comes before what it answers. A date that
        # lies ahead would keep its thread above all others.
        at=min(max([arrived_at, *answered]), now),
        correspondent=correspondent_of(read.mail, own) if is_ours else (read.mail.sender or _NOBODY),
    )


def correspondent_of(mail: ParsedMail, own: frozenset[str]) -> Address:
    """Return whom a mail of ours is to: the first who is no mailbox of ours, else the first."""
    recipients = (*mail.to, *mail.cc)
    outsiders = [address for address in recipients if address.email not in own]
    return next(iter((*outsiders, *recipients)), _NOBODY)


def node_of_new(mail: NewMail, own: frozenset[str]) -> MailNode:
    """Return a new mail as threading sees it."""
    return node_of_mail(
        mail.read.mail,
        message_id=mail.id,
        identity=mail.read.identity,
        sender=mail.sender,
        is_ours=mail.is_ours,
        at=mail.at,
        own=own,
    )


def node_of_known(mail: NewMail, row: Row, own: frozenset[str]) -> MailNode:
    """Return a mail that is a message already, and of which its copy in a Sent folder says that it is our own."""
    return replace(node_of_new(mail, own), id=row["id"], thread_id=row["thread_id"])


def message_row(new: NewMail, place: Place, *, customer_id: UUID, now: datetime) -> MessageRow:
    """Return the row to be inserted for a new mail."""
    mail, stored = new.read.mail, new.read.stored
    return MessageRow(
        id=new.id,
        organization_id=new.account["organization_id"],
        thread_id=place.thread_id,
        customer_id=customer_id,
        channel="EMAIL",
        direction="outbound" if new.is_ours else "inbound",
        status=MessageStatus.SENT if new.is_ours else MessageStatus.RECEIVED,
        sender=new.sender,
        recipient=new.correspondent.email if new.is_ours else new.account["email"],
        subject=mail.subject,
        body_text=mail.text[:_LONGEST_TEXT],
        body_html=mail.html[:_LONGEST_TEXT] if mail.html else None,
        reply_text=_if_other(mail.reply_text, mail.text),
        signature_text=mail.signature_text[:_LONGEST_TEXT] or None,
        content=_content(mail),
        email_account_id=new.account["id"],
        mail_message_id=mail.message_id,
        mail_in_reply_to=mail.in_reply_to,
        mail_references=references_of(mail),
        mail_origin=mail.origin,
        mail_authentication=None if new.is_ours else mail.authentication,
        mail_conversation=conversation_of(mail),
        mail_base_subject=read_subject(mail.subject).base,
        mail_to=[address.email for address in mail.to],
        mail_cc=[address.email for address in mail.cc],
        mail_reply_to=mail.reply_to.email if mail.reply_to else None,
        raw_blob=stored["raw_blob"],
        problems=_problems(mail),
        identity=new.read.identity,
        is_spam=new.is_spam,
        seen_at=now if (stored.get("is_seen") or new.is_quiet) and not new.is_ours else None,
        occurred_at=new.at,
        join_rule=place.rule,
        join_evidence=place.evidence,
    )


def _problems(mail: ParsedMail) -> list[str]:
    problems = list(mail.problems)
    if len(mail.text) > _LONGEST_TEXT:
        problems.append("The text is cut here; the stored original holds all of it")
    return problems


def _if_other(reply: str, text: str) -> str | None:
    """The reply alone, where it is not simply everything."""
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
