"""Holds IDLE on a mailbox (RFC 2177), so that new mail arrives within a second or two.

    poll · wait in short slices for a report on the inbox, a requested poll, or the end of the interval · poll · …

A holder has the mailbox's lease all the time. It ends before its function's time is up, and when its mailbox was
changed, switched off or taken over. Then the timer, or the holder itself, starts another holder.
"""

from dataclasses import replace
from datetime import datetime

from banxway.errors import ProviderError, ProviderRejected, ProviderThrottled
from banxway.log import get_logger
from banxway.models.mail import FolderRole
from banxway.services.email_sync.lease import LEASE_S, Lease
from banxway.services.email_sync.runner import PollRunner
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import leases
from banxway.storage.email_sync.folders import FolderRow

HELD_S = 13 * 60.0
SLICE_S = 2.0
_BUDGET_S = 40.0
_RENEWED_BELOW_S = LEASE_S / 2


def hold(runner: PollRunner, lease: Lease) -> bool:
    """Hold IDLE until the time is up; return whether another holder should begin at once.

    Records an error and releases the lease before raising it.
    """
    clock = runner.clock
    ends_at = clock.monotonic() + HELD_S
    holder = _Holder(runner, lease)
    holder.poll()
    while holder.goes_on and clock.monotonic() < ends_at:
        if not holder.wait(until=ends_at):
            break
        holder.poll()
    holder.leave()
    return holder.goes_on


class _Holder:
    """One worker with one mailbox, its connection and its lease."""

    def __init__(self, runner: PollRunner, lease: Lease) -> None:
        self._runner = runner
        self._clock = runner.clock
        self._lease = lease
        self._served: datetime | None = lease.account.poll_requested_at
        self._updated_at: datetime = lease.account.updated_at
        self._more_waits = self._has_polled_again = False
        self.goes_on = True
        self._opened = runner.begin(lease)
        self._mailbox = self._opened.mailbox

    def poll(self) -> None:
        """Poll, keeping the connection and the lease."""
        self._lease.account = replace(self._lease.account, poll_requested_at=self._served)
        started = self._clock.monotonic()
        progress = self._runner.poll(self._lease, self._opened, budget_s=_BUDGET_S)
        self._runner.finish(self._lease, progress, started, keeps_lease=True)
        self._more_waits = progress.more_waits

    def wait(self, *, until: float) -> bool:
        """Wait for a reason to poll; return False if none will come: no IDLE, no connection, or the time is up."""
        if self._more_waits:
            return True
        interval_s = self._lease.account.poll_interval_ms / 1000
        due_at = self._clock.monotonic() + interval_s
        is_open = False
        try:
            if self._opens_to_new_mail():
                return True
            is_open = True
            while (now := self._clock.monotonic()) < until:
                is_reported = self._mailbox.wait_for_news(seconds=min(SLICE_S, until - now))
                if not self._check_lease():
                    return False
                if is_reported or self._served is not None or self._clock.monotonic() >= due_at:
                    return True
        except ProviderThrottled as error:
            self._mailbox.close()
            self._runner.fail(self._lease, error)
            raise
        except ProviderError as error:
            # Servers end long IDLE sessions. The timer's next tick starts a holder, whose poll records what is wrong.
            self.goes_on = False
            get_logger().warning(
                "IDLE ended with an error",
                organization_id=str(self._lease.organization_id),
                account_id=str(self._lease.account_id),
                code=error.code,
                error=error.message,
            )
            # Only a server that refuses IDLE leaves a connection that still answers.
            if is_open and isinstance(error, ProviderRejected) and self._mailbox.is_alive():
                with self._lease.scope() as transaction:
                    leases.refuse_idle(transaction, self._lease.account_id)
        return False

    def leave(self) -> None:
        """Close the connection and release the lease."""
        self._mailbox.close()
        with self._lease.scope() as transaction:
            leases.release(
                transaction,
                account_id=self._lease.account_id,
                fence=self._lease.fence,
                holder=self._runner.holder,
            )

    def _check_lease(self) -> bool:
        """Renew the lease and read requests for a poll; return False if the mailbox was changed or is not ours."""
        with self._lease.scope() as transaction:
            row = leases.find_held(transaction, account_id=self._lease.account_id, fence=self._lease.fence)
            if row is None or row.updated_at != self._updated_at:
                # A changed mailbox is started again, with its new settings.
                self.goes_on = row is not None
                return False
            if row.lease_left_s < _RENEWED_BELOW_S:
                leases.renew(
                    transaction, account_id=self._lease.account_id, fence=self._lease.fence, lease_s=LEASE_S
                )
        self._served = row.poll_requested_at
        return True

    def _opens_to_new_mail(self) -> bool:
        """Open the inbox and return whether mail arrived between the poll and IDLE, which IDLE would not report.

        True at most every second time: a server that states one folder's counters in two ways must not be polled
        without end.
        """
        row = self._inbox()
        state = self._mailbox.open(row.name if row else "INBOX")
        known = (row.uid_validity, row.uid_next, row.messages) if row else None
        has_arrived = (
            known != (state.uid_validity, state.uid_next, state.messages) and not self._has_polled_again
        )
        self._has_polled_again = has_arrived
        return has_arrived

    def _inbox(self) -> FolderRow | None:
        with self._lease.scope() as transaction:
            rows = email_folders.list_of(transaction, self._lease.account_id)
        return next((row for row in rows if row.role == FolderRole.INBOX and row.is_listed), None)
