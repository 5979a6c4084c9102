"""How much a mailbox may send in an hour and in a day, asked before its provider has to say no.

Both windows roll. The ledger is what is counted (storage/messages/sent_counts.py), in the transaction that adds to
it and with the mailbox held, so that two cannot both take the last place. Every recipient counts: a mail to thirty
people is thirty mails.
"""

from dataclasses import dataclass

from banxway.errors import RateLimited, ValidationFailed
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import sent_counts as sent_mails
from banxway.storage.messages.rows import MessageRow
from banxway.storage.messages.sent_counts import SentCounts


@dataclass(frozen=True, slots=True)
class _Window:
    column: str
    counted: str
    name: str
    seconds: int

    def limit_of(self, account: AccountRow) -> int:
        """Return how much a mailbox may send in the window; 0 where nothing limits it."""
        return (account.hourly_limit if self.column == "hourly_limit" else account.daily_limit) or 0

    def used(self, counts: SentCounts) -> int:
        """Return what has been sent in the window."""
        return counts.last_hour if self.column == "hourly_limit" else counts.last_day


_WINDOWS = (
    _Window("hourly_limit", "last_hour", "an hour", 3600),
    _Window("daily_limit", "last_day", "a day", 86400),
)


def recipients_of(message: MessageRow) -> int:
    """Return the number of people that a mail goes to, at least 1."""
    return max(1, len(message.mail_to)) + len(message.mail_cc) + len(message.mail_bcc)


def require_room(transaction: Transaction, *, account: AccountRow, recipients: int) -> None:
    """Demand that a mailbox may send to so many more. Holds its row until the transaction ends.

    Raises RateLimited with retry_after_s, naming the limit, and ValidationFailed for more recipients than the
    limit would ever allow at once.
    """
    full = _full(transaction, account, recipients)
    if full is None:
        return
    window, used = full
    limit = window.limit_of(account)
    if recipients > limit:
        raise ValidationFailed(
            f"The mail has {recipients} recipients, and {account.email} may send to {limit} in {window.name}",
            field="to",
        )
    wait_s = sent_mails.frees_up_in(
        transaction, account.id, window_s=window.seconds, wanted=used + recipients - limit
    )
    raise RateLimited(
        f"{account.email} has reached its {window.column.replace('_', ' ')} of {limit} mails; "
        f"it may send again in {_spoken(wait_s)}",
        retry_after_s=int(wait_s) + 1,
        limit=window.column,
        used=used,
    )


def has_room(transaction: Transaction, *, account: AccountRow, recipients: int = 1) -> bool:
    """Say whether a mailbox may send to so many more, for mail that nobody waits for.

    Its row is not held, since whoever files mail holds threads already, and senders take the two in the other
    order; what two take at once waits in `wait_before`.
    """
    return _full(transaction, account, recipients, holds=False) is None


def wait_before(transaction: Transaction, *, account: AccountRow, recipients: int) -> float:
    """Return for how many seconds a mail that a worker has just taken must still wait; 0 to let it leave.

    What was held for long must not leave all at once, so here only what has left counts, this mail included.
    """
    if not _is_limited(account):
        return 0.0
    used = sent_mails.count(transaction, account.id, with_waiting=False)
    waits = [
        sent_mails.frees_up_in(
            transaction,
            account.id,
            window_s=window.seconds,
            wanted=window.used(used) - window.limit_of(account),
        )
        for window in _WINDOWS
        if window.limit_of(account) and window.used(used) > max(window.limit_of(account), recipients)
    ]
    return max(waits, default=0.0)


def _full(
    transaction: Transaction, account: AccountRow, recipients: int, *, holds: bool = True
) -> tuple[_Window, int] | None:
    """Return the longest window that has no room for so many more, and what it has; None if all have room."""
    if not _is_limited(account):
        return None
    if holds:
        sent_mails.lock(transaction, account.id)
    used = sent_mails.count(transaction, account.id)
    full = [
        (window, window.used(used))
        for window in _WINDOWS
        if window.limit_of(account) and window.used(used) + recipients > window.limit_of(account)
    ]
    return full[-1] if full else None


def _is_limited(account: AccountRow) -> bool:
    return any(window.limit_of(account) for window in _WINDOWS)


def _spoken(seconds: float) -> str:
    minutes = int(seconds // 60) + 1
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
