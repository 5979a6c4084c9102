"""The state of a mailbox after a failed poll, and when to try again.

    login_failed    the login was refused. Tried again after 1, 2, 4 … 60 minutes: providers lock accounts that hammer
    blocked         the provider says that it blocked the account. Tried again after 15, 30, 60 minutes
    unreachable     no answer, three times in a row
    needs_attention a person must act: the inbox is refused, or another folder is gone or refused while the others are
                    polled as usual
    ok              anything else, such as load; `last_poll_error` says what it was

Admins are notified once when a mailbox leaves `ok`; the first poll that works closes the notification. Of folders
that need attention admins are notified once, and again when another folder needs it.
"""

from uuid import UUID

from banxway.errors import (
    BanxwayError,
    ProviderBlocked,
    ProviderDenied,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
)
from banxway.models.channels import EMAIL
from banxway.models.status.notifications import MAILBOX_FAILING, MAILBOX_INCOMPLETE
from banxway.reasons import Reason
from banxway.security.redaction import mask
from banxway.services.email_sync.lease import Lease
from banxway.services.email_sync.troubles import Attention, may_pass
from banxway.services.status.notifications import Notifications
from banxway.storage.audit import trail as audit
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import leases
from banxway.storage.status import notifications

OK, LOGIN_FAILED, BLOCKED, UNREACHABLE = "ok", "login_failed", "blocked", "unreachable"
NEEDS_ATTENTION = "needs_attention"
_BLOCKED = (Reason.ACCOUNT_BLOCKED, Reason.LOGIN_BLOCKED)
_BLIPS = 2
"""This many polls in a row may get no answer before the state changes: connections break."""
_LONGEST_S = 15 * 60.0
_LONGEST_LOGIN_S = 60 * 60.0
_THROTTLED_S = 60.0


def state_after(error: BanxwayError, account: AccountRow) -> str:
    """Return the state of a mailbox whose poll failed with `error`; `account` is its row before the poll."""
    if isinstance(error, ProviderBlocked) or error.reason in _BLOCKED:
        return BLOCKED
    if isinstance(error, ProviderDenied):
        return LOGIN_FAILED
    state: str = account.state
    is_repeated = account.consecutive_failures >= _BLIPS
    if isinstance(error, ProviderUnavailable | ProviderTimeout):
        return UNREACHABLE if is_repeated else state
    if not error.retryable and (is_repeated or not may_pass(error.reason)):
        return NEEDS_ATTENTION
    return state


def wait_after(error: BanxwayError, account: AccountRow, state: str) -> float:
    """Return how many seconds to wait before the next poll; doubles with each failure in a row."""
    doubling: float = 2.0 ** min(account.consecutive_failures, 10)
    if state == LOGIN_FAILED:
        # Counted from the first refusal, even if other failures came before it.
        refused = doubling if account.state == LOGIN_FAILED else 1.0
        return min(_LONGEST_LOGIN_S, 60.0 * refused)
    if state == BLOCKED:
        return min(_LONGEST_LOGIN_S, _LONGEST_S * doubling)
    wait_s: float = account.poll_interval_ms / 1000 * doubling
    if isinstance(error, ProviderThrottled):
        wait_s = max(wait_s, error.retry_after_s or _THROTTLED_S)
    return min(_LONGEST_S, wait_s)


class Failures:
    """Records failed polls, and notifies admins of mailboxes that fail."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    def record(self, transaction: Transaction, lease: Lease, error: BanxwayError, holder: UUID) -> None:
        """Record a failure, plan the next poll and release the lease; notify admins when the state got worse.

        Does nothing if the lease was lost: then another poller records the mailbox's state.
        """
        account = lease.account
        state = state_after(error, account)
        row = leases.fail(
            transaction,
            account_id=lease.account_id,
            fence=lease.fence,
            error=error.message,
            reason=error.reason,
            state=state,
            wait_s=wait_after(error, account, state),
            holder=holder,
        )
        if row is None:
            return
        if account.last_poll_error is None or state != account.state:
            _audit(transaction, account, error, state)
        if state not in (OK, account.state):
            self._notifications.open(
                transaction,
                organization_id=lease.organization_id,
                kind=MAILBOX_FAILING,
                subject=str(lease.account_id),
                sentence=_sentence(account, state, error),
            )

    def record_success(
        self, transaction: Transaction, account: AccountRow, attention: Attention | None
    ) -> None:
        """Close a mailbox's notifications after a poll that worked, and notify admins of folders it could not read.

        `account` is the mailbox's row before the poll. A notification that an admin dismissed is not opened again.
        """
        subject = str(account.id)
        if account.consecutive_failures or account.state != OK:
            self._notifications.close(transaction, MAILBOX_FAILING, subject)
        if attention is None:
            if account.state != OK:
                self._notifications.close(transaction, MAILBOX_INCOMPLETE, subject)
            return
        if account.last_poll_error == attention.sentence:
            return
        known = notifications.find_open(transaction, MAILBOX_INCOMPLETE, subject)
        if known is not None:
            self._notifications.restate(
                transaction, known.id, sentence=attention.sentence, occurrences=known.occurrences
            )
        elif not notifications.was_opened_since(transaction, MAILBOX_INCOMPLETE, subject, attention.since):
            self._notifications.open(
                transaction,
                organization_id=account.organization_id,
                kind=MAILBOX_INCOMPLETE,
                subject=subject,
                sentence=attention.sentence,
            )


def _sentence(account: AccountRow, state: str, error: BanxwayError) -> str:
    where = "under /settings/email-accounts"
    words = {
        LOGIN_FAILED: f"refuses the login. Enter a working login {where}: it is then polled at once, "
        "and until then at most once an hour, since servers lock accounts that keep trying",
        BLOCKED: "has blocked the mailbox. Unblock it at the provider; it is tried again at most every "
        "15 minutes",
        NEEDS_ATTENTION: f"refuses what is asked of it. Test the mailbox {where}, and see whether it may be read at "
        "the provider",
        UNREACHABLE: f"does not answer. Test the mailbox {where}; it is tried again at least every 15 minutes",
    }
    return f"{account.email}: the mail server {words[state]}. It said: {error.message}"


def _audit(transaction: Transaction, account: AccountRow, error: BanxwayError, state: str) -> None:
    """Write one audit entry when a mailbox starts to fail or fails differently, not one per poll."""
    audit.append(
        transaction,
        organization_id=account.organization_id,
        integration_type=EMAIL.integration_type,
        action="mailbox.poll",
        succeeded=False,
        details=mask(
            {
                "account_id": str(account.id),
                "error": error.message,
                "code": error.code,
                "state": state,
            }
        ),
    )
