"""Keeps a mailbox within its hourly and daily limits, so that its provider need not refuse.

Both windows roll. The ledger is counted (storage/messages/sent_counts.py) in the transaction that adds to it, with
the mailbox's row locked, so that two sends cannot both use the last allowed recipient. Every recipient counts: a
mail to thirty people counts as thirty.
"""

from dataclasses import dataclass

from banxway.errors import RateLimited, ValidationFailed
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import sent_counts
from banxway.storage.messages.rows import MessageRow
from banxway.storage.messages.sent_counts import SentCounts


@dataclass(frozen=True, slots=True)
class _Window:
    column: str
    name: str
    seconds: int

    def limit_of(self, account: AccountRow) -> int:
        """Return how many recipients the mailbox may send to in the window; 0 for no limit."""
        return (account.hourly_limit if self.column == "hourly_limit" else account.daily_limit) or 0

    def used(self, counts: SentCounts) -> int:
        """Return the number of recipients in the window so far."""
        return counts.last_hour if self.column == "hourly_limit" else counts.last_day


_WINDOWS = (
    _Window("hourly_limit", "an hour", 3600),
    _Window("daily_limit", "a day", 86400),
)


def recipients_of(message: MessageRow) -> int:
    """Return the number of people that a mail goes to, at least 1."""
    return max(1, len(message.mail_to)) + len(message.mail_cc) + len(message.mail_bcc)


def require_room(transaction: Transaction, *, account: AccountRow, recipients: int) -> None:
    """Require that a mailbox may send to `recipients` more. Locks its row until the transaction ends.

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
            f"The mail has {recipients} recipients, and {account.email} may send to {limit} in {window.name}: "
            "name fewer",
            field="to",
        )
    wait_s = sent_counts.frees_up_in(
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
    """Return whether a mailbox may send to `recipients` more, for automatic mail.

    Its row is not locked: filing has locked threads already, and senders lock the two in the other order. Two
    that count at once may exceed the limit; `wait_before` then delays the second.
    """
    return _full(transaction, account, recipients, locks=False) is None


def wait_before(transaction: Transaction, *, account: AccountRow, recipients: int) -> float:
    """Return how long a claimed mail must wait for the mailbox's limits, in seconds; 0 means send now.

    Only mail that has left counts here, this one included, so that mail paused for long does not leave all at once.
    """
    if not _is_limited(account):
        return 0.0
    used = sent_counts.count(transaction, account.id, with_waiting=False)
    waits = [
        sent_counts.frees_up_in(
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
    transaction: Transaction, account: AccountRow, recipients: int, *, locks: bool = True
) -> tuple[_Window, int] | None:
    """Return the longest window without room for `recipients` more, with its count; None if all have room."""
    if not _is_limited(account):
        return None
    if locks:
        sent_counts.lock(transaction, account.id)
    used = sent_counts.count(transaction, account.id)
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
