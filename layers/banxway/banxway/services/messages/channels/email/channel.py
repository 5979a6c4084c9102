"""E-mail as a channel."""

from typing import cast

from banxway.errors import ProviderBlocked, ProviderDenied, ProviderError
from banxway.models.channels import EMAIL
from banxway.models.messages.messages import NewEmailMessage, SentEmail
from banxway.models.messages.statuses import MessageStatus
from banxway.providers.base import Begin
from banxway.services.messages.channels.base import Backoff, HandedOver, SendRequest
from banxway.services.messages.channels.email import limits, suspension
from banxway.services.messages.channels.email.compose import MailComposer, require_account
from banxway.services.messages.channels.email.submit import MailSubmission
from banxway.services.messages.draft import Draft
from banxway.services.status.notifications import Notifications
from banxway.storage import email_accounts
from banxway.storage.database import Transaction
from banxway.storage.messages.rows import MessageRow


class EmailChannel:
    """Sends mails by the mailbox that the customer wrote to, by SMTP."""

    traits = EMAIL
    accepted_status = MessageStatus.SENT
    """A mail server's 250 is the last word there is (RFC 5321, 4.2.5)."""
    backoff = Backoff(first_s=10.0, factor=5.0)
    """Some 20 minutes in all: greylisting lasts minutes, and so does a provider's hiccup."""

    def __init__(
        self, *, composer: MailComposer, submission: MailSubmission, notifications: Notifications
    ) -> None:
        self._composer = composer
        self._submission = submission
        self._notifications = notifications

    def compose(self, transaction: Transaction, request: SendRequest) -> Draft:
        """Complete a mail for a thread, as MailComposer.compose does."""
        return self._composer.compose(transaction, request, cast("NewEmailMessage", request.content))

    def require_sendable(self, transaction: Transaction, message: MessageRow) -> None:
        """Require that the mail's mailbox may send, now and within its limits.

        Raises NotConfigured, Conflict for a suspended mailbox, RateLimited.
        """
        account = require_account(transaction, message.email_account_id)
        suspension.require_sending(account)
        limits.require_room(transaction, account=account, recipients=limits.recipients_of(message))

    def hand_over(self, message: MessageRow, *, begin: Begin) -> HandedOver:
        """Submit a claimed mail once, as MailSubmission.submit does."""
        return HandedOver(self._submission.submit(message, begin=begin))

    def record_refusal(self, transaction: Transaction, message: MessageRow, error: ProviderError) -> None:
        """Suspend the mailbox after a refused login or a block; notify an admin of what only an admin can repair."""
        account = (
            email_accounts.find(transaction, message.email_account_id) if message.email_account_id else None
        )
        if account is None:
            return
        if isinstance(error, ProviderDenied | ProviderBlocked):
            suspension.suspend(transaction, self._notifications, account=account, error=error)
        elif error.details.get("needs_admin"):
            suspension.notify_of_refusal(transaction, self._notifications, account=account, error=error)

    def answer(self, message: MessageRow, status: MessageStatus) -> SentEmail:
        """Return the guide's Test 6."""
        return SentEmail(
            message_id=message.id,
            smtp_message_id=f"<{message.mail_message_id}>",
            status=status,
            to=message.recipient,
            subject=message.subject,
            created_at=message.created_at,
        )

    def close(self) -> None:
        """Log out of the connection that is kept for the next mail, and forget its login."""
        self._submission.close()
