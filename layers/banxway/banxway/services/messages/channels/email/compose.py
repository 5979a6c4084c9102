"""Makes a complete mail of what an agent asks for: mailbox, recipients, texts and files."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from banxway.errors import NotConfigured, NotFound, ValidationFailed
from banxway.models.channels import EMAIL
from banxway.models.messages.messages import MOST_ATTACHED_BYTES, MOST_RECIPIENTS, NewEmailMessage
from banxway.services.email_sync.threading.subjects import read_subject
from banxway.services.email_templates import templates as email_templates
from banxway.services.messages import recipients
from banxway.services.messages.channels.base import SendRequest
from banxway.services.messages.channels.email import limits
from banxway.services.messages.channels.email.signatures import sign
from banxway.services.messages.channels.email.suspension import require_sending
from banxway.services.messages.draft import Draft, DraftFile
from banxway.services.messages.recipients import Answered
from banxway.services.messages.uploads import Uploads
from banxway.storage import email_accounts
from banxway.storage import email_templates as stored_templates
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import messages
from banxway.storage.threads.threads import ThreadRow

_LATEST_REFERENCES = 20
_LONGEST_SUBJECT = 500


class _Words(NamedTuple):
    subject: str
    text: str | None
    html: str | None


class MailComposer:
    """Completes mails."""

    def __init__(self, *, uploads: Callable[[], Uploads], to_text: Callable[[str], str]) -> None:
        self._uploads = uploads
        self._to_text = to_text

    def compose(self, transaction: Transaction, request: SendRequest, content: NewEmailMessage) -> Draft:
        """Complete a mail for a thread and claim its uploads. Nothing else is written yet.

        Raises NotFound for the mailbox or template, NotConfigured if no mailbox may send, Conflict for a suspended
        one, RateLimited beyond its limits, and ValidationFailed naming the field for variables, subject,
        recipients that are ours or too many, and files that are missing or too large together.
        """
        thread = request.thread
        answered, to = _answered(transaction, thread, content)
        cc, bcc = _copies(transaction, content, to)
        account = _account(transaction, thread, content.email_account_id)
        words = _words(transaction, thread, content)
        spelled = _references(transaction, thread, answered if content.reply_to_message_id else None)
        text, html = self._signed(words, account if content.use_signature else None)
        files = self._files(transaction, request, content)
        # Last, since it locks the mailbox until the commit.
        limits.require_room(transaction, account=account, recipients=len(to) + len(cc) + len(bcc))
        return Draft(
            channel=EMAIL.name,
            sender=account.email,
            recipient=to[0],
            subject=words.subject,
            body_text=text,
            body_html=html,
            content=_further_content(account, content, spelled),
            email_account_id=account.id,
            mail_base_subject=read_subject(words.subject).base,
            mail_id_domain=account.email.rpartition("@")[2],
            mail_in_reply_to=next(reversed(spelled), None),
            mail_references=list(spelled),
            mail_to=to,
            mail_cc=cc,
            mail_bcc=bcc,
            mail_reply_to=list(filter(None, [content.reply_to or account.reply_to])),
            mail_answered_sender=_answered_sender(answered, [*to, *cc, *bcc]),
            files=files,
        )

    def _signed(self, words: _Words, account: AccountRow | None) -> tuple[str, str | None]:
        """Return text and HTML with the mailbox's signature; without a mailbox they are unsigned."""
        if account is None:
            return words.text or self._to_text(words.html or ""), words.html
        return sign(words.text, words.html, account=account, to_text=self._to_text)

    def _files(
        self, transaction: Transaction, request: SendRequest, content: NewEmailMessage
    ) -> list[DraftFile]:
        ids = [*content.attachments, *(image.upload_id for image in content.inline)]
        if not ids:
            return []
        names = [f"attachments.{at}" for at in range(len(content.attachments))]
        names += [f"inline.{at}" for at in range(len(content.inline))]
        found = self._uploads().claim(transaction, request.actor, ids, fields=names)
        total = sum(file.size_bytes for file in found)
        if total > MOST_ATTACHED_BYTES:
            raise ValidationFailed(
                f"The attachments must have at most {MOST_ATTACHED_BYTES} bytes together, not {total}: attach less",
                field="attachments",
            )
        if request.keeps_files:
            found = self._uploads().keep(request.actor.organization_id, found)
        shown_as = [None] * len(content.attachments) + [image.content_id for image in content.inline]
        return [DraftFile(file, content_id) for file, content_id in zip(found, shown_as, strict=True)]


def _answered(
    transaction: Transaction, thread: ThreadRow, content: NewEmailMessage
) -> tuple[Answered, list[str]]:
    """Return what a mail answers, and its To recipients."""
    answered = recipients.answered_by(
        transaction, thread=thread, channel=EMAIL.name, message_id=content.reply_to_message_id
    )
    return answered, recipients.chosen(transaction, channel=EMAIL.name, answered=answered, to=content.to)


def _copies(transaction: Transaction, content: NewEmailMessage, to: list[str]) -> tuple[list[str], list[str]]:
    """Return the Cc and Bcc recipients, without those who are in To already."""
    for field, addresses in (("cc", content.cc), ("bcc", content.bcc)):
        recipients.require_others(transaction, channel=EMAIL.name, field=field, addresses=addresses)
    cc = [address for address in content.cc if address not in to]
    bcc = [address for address in content.bcc if address not in to]
    if len(to) + len(cc) + len(bcc) > MOST_RECIPIENTS:
        raise ValidationFailed(
            f"A mail has at most {MOST_RECIPIENTS} recipients, To, Cc and Bcc together: name some in `to`",
            field="to",
        )
    return cc, bcc


def _further_content(
    account: AccountRow, content: NewEmailMessage, spelled: dict[str, str]
) -> dict[str, object]:
    odd = {mail_id: spelling for mail_id, spelling in spelled.items() if mail_id != spelling}
    return {
        "sender_name": account.name,
        "priority": content.priority,
        "headers": content.headers,
        **({"spelled_ids": odd} if odd else {}),
    }


def _references(transaction: Transaction, thread: ThreadRow, answered: Answered | None) -> dict[str, str]:
    """Return the ids that a mail of a thread names, each with its spelling; last the one that it answers."""
    spelled = messages.reply_headers(transaction, thread_id=thread.id)
    message = answered.message if answered else None
    if message and message.mail_message_id in spelled:
        spelled[message.mail_message_id] = spelled.pop(message.mail_message_id)
    return {mail_id: spelled[mail_id] for mail_id in bounded_references(list(spelled))}


def _answered_sender(answered: Answered, addressed: list[str]) -> str | None:
    """Return the sender of the answered mail, if the answer goes to its Reply-To instead."""
    message = answered.message
    if message is None or message.direction == "outbound" or set(addressed).isdisjoint(answered.reply_to):
        return None
    return None if message.sender in addressed else message.sender


def bounded_references(references: list[str]) -> list[str]:
    """Return the ids for References: the first, which started the thread, and the latest."""
    if len(references) <= _LATEST_REFERENCES + 1:
        return references
    return [references[0], *references[-_LATEST_REFERENCES:]]


def require_account(transaction: Transaction, account_id: UUID | None) -> AccountRow:
    """Return a mailbox that may send. Raises NotConfigured if it was removed or may not send."""
    account = email_accounts.find(transaction, account_id) if account_id else None
    if account is None or not account.smtp_enabled:
        raise NotConfigured("The mailbox was removed or may no longer send: choose another one")
    return account


def _account(transaction: Transaction, thread: ThreadRow, account_id: UUID | None) -> AccountRow:
    """Return the mailbox to send from: the one named, else the one the customer wrote to, else the default."""
    if account_id:
        account = email_accounts.find(transaction, account_id)
        if account is None:
            raise NotFound("Email account not found", field="email_account_id")
    else:
        account = email_accounts.find_answering(transaction, thread.id)
        account = account or email_accounts.find_default(transaction)
    if account is None or not account.smtp_enabled:
        raise NotConfigured("Email is not configured: an admin must add a mailbox that may send")
    require_sending(account)
    return account


def _words(transaction: Transaction, thread: ThreadRow, content: NewEmailMessage) -> _Words:
    if content.template_id is None:
        subject = content.subject or _answering(transaction, thread)
        return _Words(subject, content.content_text, content.content_html)
    template = stored_templates.find(transaction, content.template_id)
    if template is None:
        raise NotFound("Email template not found", field="template_id")
    filled = email_templates.render(template, content.variables)
    if content.inline and filled.html is None:
        raise ValidationFailed("inline: this template has no HTML to show images in", field="inline")
    return _Words(content.subject or filled.subject, filled.text, filled.html)


def _answering(transaction: Transaction, thread: ThreadRow) -> str:
    """Return the subject of an answer. Raises ValidationFailed if there is no mail to answer."""
    subject = messages.last_mail_subject(transaction, thread_id=thread.id)
    if subject is None:
        raise ValidationFailed("subject is required: there is no mail to answer yet", field="subject")
    one_line = " ".join(subject.split())
    return (one_line if read_subject(one_line).is_reply else f"Re: {one_line}".rstrip())[:_LONGEST_SUBJECT]
