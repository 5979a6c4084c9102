"""Submits one mail of the ledger, with its attachments, to its mailbox's SMTP server.

What keeps a whole mailbox from sending is not the mail's failure: the mail is paused, and waits in the ledger.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from banxway.errors import NotFound, ProviderBlocked, ValidationFailed
from banxway.models.integrations.credentials import MailServer
from banxway.models.messages.outgoing import Accepted, OutgoingAttachment, OutgoingMail
from banxway.providers.base import Begin, MailSender, Providers
from banxway.services.integrations.credentials import Credentials
from banxway.services.messages.channels.base import SendingPaused
from banxway.services.messages.channels.email import limits
from banxway.services.messages.channels.email.compose import require_account
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database, Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import contents as message_contents
from banxway.storage.messages.contents import StoredAttachment
from banxway.storage.messages.rows import MessageRow

_SUSPENDED_S = (
    3600.0  # resuming the mailbox sends the mail at once; this only bounds how long a forgotten one waits
)


class MailSubmission:
    """Submits mails of the ledger; keeps one connection for consecutive mails of a mailbox until `close`."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        credentials: Credentials,
        blobs: Callable[[], BlobStore],
    ) -> None:
        self._database = database
        self._providers = providers
        self._credentials = credentials
        self._blobs = blobs
        self._kept: tuple[MailServer, MailSender] | None = None

    def submit(self, message: MessageRow, *, begin: Begin) -> Accepted:
        """Hand a claimed mail over once.

        Raises SendingPaused while its mailbox is suspended or beyond its limits, and when the provider blocks it now;
        NotConfigured for a mailbox that is gone; what the provider client raises; and NotFound, Unavailable or
        DecryptionFailed for an attachment that cannot be read. Only OutcomeUnknown may have sent something.
        """
        with self._database.organization(message.organization_id) as transaction:
            account = require_account(transaction, message.email_account_id)
            _require_unpaused(transaction, account, message)
            files = message_contents.list_attachments(transaction, message.id)
        smtp = self._credentials.open_smtp(account)
        mail = self._written(message, files)
        try:
            return self._sender(smtp).send(mail, begin=begin)
        except ProviderBlocked as error:
            raise SendingPaused(error.message, _advice(error), pause_s=_SUSPENDED_S, cause=error) from error

    def close(self) -> None:
        """Log out of the connection that is kept, and forget its login."""
        kept, self._kept = self._kept, None
        if kept:
            kept[1].close()

    def _sender(self, smtp: MailServer) -> MailSender:
        if self._kept is None or self._kept[0] != smtp:
            self.close()
            self._kept = smtp, self._providers.mail_sender(smtp)
        return self._kept[1]

    def _written(self, message: MessageRow, files: list[StoredAttachment]) -> OutgoingMail:
        content = message.content
        return OutgoingMail(
            message_id=f"<{message.mail_message_id}>",
            sender=message.sender,
            sender_name=content.get("sender_name"),
            to=tuple(message.mail_to),
            subject=message.subject,
            text=message.body_text,
            html=message.body_html,
            in_reply_to=_spelled(message.mail_in_reply_to, content) if message.mail_in_reply_to else None,
            references=tuple(_spelled(reference, content) for reference in message.mail_references),
            headers=content.get("headers") or {},
            cc=tuple(message.mail_cc),
            bcc=tuple(message.mail_bcc),
            reply_to=next(iter(message.mail_reply_to), None),
            priority=content.get("priority") or "normal",
            attachments=tuple(self._file(message.organization_id, file) for file in files),
            automatic=message.automatic,
            loop_mark=content.get("loop_mark"),
            reference=str(message.id),
        )

    def _file(self, organization_id: UUID, file: StoredAttachment) -> OutgoingAttachment:
        try:
            content = self._blobs().get(organization_id, file.blob_key)
        except NotFound as error:
            raise ValidationFailed(
                f"The content of the attachment {file.filename} is gone", field="attachments"
            ) from error
        content_id = file.content_id if file.is_inline else None
        return OutgoingAttachment(file.filename, file.content_type, content, content_id)


def _spelled(mail_id: str, content: dict[str, Any]) -> str:
    """Return another's id as its own header spells it (RFC 5322, 3.6.4)."""
    return f"<{content.get('spelled_ids', {}).get(mail_id, mail_id)}>"


def _require_unpaused(transaction: Transaction, account: AccountRow, message: MessageRow) -> None:
    if account.sending_stopped_at:
        raise SendingPaused(
            account.sending_stopped_reason or "Sending is suspended",
            "Sending from this mailbox is suspended; the mail is sent when an admin resumes sending",
            pause_s=_SUSPENDED_S,
        )
    wait_s = limits.wait_before(transaction, account=account, recipients=limits.recipients_of(message))
    if wait_s:
        raise SendingPaused(
            "The mailbox has reached its sending limit",
            "The mail is sent when the limit allows it",
            pause_s=wait_s,
        )


def _advice(error: ProviderBlocked) -> str:
    said: str = error.details.get("advice") or "The mail provider stopped this account."
    return f"{said} The mail is sent when an admin resumes sending"
