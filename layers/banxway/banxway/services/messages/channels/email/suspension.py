"""Suspends a mailbox that its provider refuses to send for, until an admin resumes it.

Queued mail stays queued, and new mail is refused with the reason: further attempts would lock the account or harm
its reputation.
"""

from uuid import UUID

from banxway.errors import Conflict, ProviderDenied, ProviderError, ProviderRejected
from banxway.models.status.notifications import SENDING_REFUSED, SENDING_STOPPED
from banxway.services.status.notifications import Notifications
from banxway.storage import email_accounts
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import ledger


def require_sending(account: AccountRow) -> None:
    """Require that a mailbox is not suspended, or raise Conflict with the reason."""
    if account.sending_stopped_at:
        raise Conflict(
            f"Sending from {account.email} is suspended: {account.sending_stopped_reason}. An admin can resume it "
            "under /settings/email-accounts",
            field="email_account_id",
        )


def suspend(
    transaction: Transaction, notifications: Notifications, *, account: AccountRow, error: ProviderRejected
) -> None:
    """Suspend a mailbox after a refused login (ProviderDenied) or a blocked account, and notify admins once."""
    if not email_accounts.suspend_sending(transaction, account.id, reason=error.message):
        return
    remedy = (
        "Enter a login that works"
        if isinstance(error, ProviderDenied)
        else "Unblock the account at the mail provider, then resume sending"
    )
    notifications.open(
        transaction,
        organization_id=account.organization_id,
        kind=SENDING_STOPPED,
        subject=str(account.id),
        sentence=f"Sending from {account.email} is suspended: {error.message}. "
        f"{remedy} under /settings/email-accounts; queued mail is sent then",
    )


def notify_of_refusal(
    transaction: Transaction, notifications: Notifications, *, account: AccountRow, error: ProviderError
) -> None:
    """Notify admins of a refusal that only an admin can repair, once until the notification is closed."""
    notifications.open(
        transaction,
        organization_id=account.organization_id,
        kind=SENDING_REFUSED,
        subject=str(account.id),
        sentence=f"A mail from {account.email} was refused: {error.message}. {error.details['advice']}",
    )


def resume(transaction: Transaction, notifications: Notifications, account_id: UUID) -> None:
    """Resume a mailbox; queued mail leaves within a minute. Does nothing for a mailbox that is not suspended."""
    email_accounts.resume_sending(transaction, account_id)
    ledger.resume_of_mailbox(transaction, account_id)
    for kind in (SENDING_STOPPED, SENDING_REFUSED):
        notifications.close(transaction, kind, str(account_id))
