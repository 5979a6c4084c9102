"""A mailbox that its provider keeps from sending: nothing leaves it until a person has seen to it.

What waits then goes on waiting, neither failed nor tried, and a new mail is refused with the reason: trying on
would lock the account, or harm the name that it has.
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
    """Demand that a mailbox was not stopped. Raises Conflict with the reason."""
    if account.sending_stopped_at:
        raise Conflict(
            f"Sending from {account.email} is stopped: {account.sending_stopped_reason}. An admin must "
            "see to it under /settings/email-accounts",
            field="email_account_id",
        )


def suspend(
    transaction: Transaction, notifications: Notifications, *, account: AccountRow, error: ProviderRejected
) -> None:
    """Stop a mailbox for a refused login (ProviderDenied) or a blocked account, and tell an admin once."""
    if not email_accounts.suspend_sending(transaction, account.id, reason=error.message):
        return
    remedy = (
        "Enter a login that works"
        if isinstance(error, ProviderDenied)
        else "Unblock the account at the mail provider, then let sending go on"
    )
    notifications.open(
        transaction,
        organization_id=account.organization_id,
        kind=SENDING_STOPPED,
        subject=str(account.id),
        sentence=f"Sending from {account.email} is stopped: {error.message}. "
        f"{remedy} under /settings/email-accounts; what waits is sent then",
    )


def notify_of_refusal(
    transaction: Transaction, notifications: Notifications, *, account: AccountRow, error: ProviderError
) -> None:
    """Tell an admin of a refusal that only an admin can mend, once until it is closed."""
    notifications.open(
        transaction,
        organization_id=account.organization_id,
        kind=SENDING_REFUSED,
        subject=str(account.id),
        sentence=f"A mail from {account.email} was refused: {error.message}. {error.details['advice']}",
    )


def resume(transaction: Transaction, notifications: Notifications, account_id: UUID) -> None:
    """Let a mailbox send again, and what waited leave within a minute; harmless for one that was not stopped."""
    email_accounts.resume_sending(transaction, account_id)
    ledger.resume_of_mailbox(transaction, account_id)
    for kind in (SENDING_STOPPED, SENDING_REFUSED):
        notifications.close(transaction, kind, str(account_id))
