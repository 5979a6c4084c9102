"""Runs polls: opens the connection, polls, records the result, and enqueues what is new."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import BanxwayError
from banxway.models.channels import EMAIL
from banxway.models.email_accounts.accounts import PollResult
from banxway.models.integrations.credentials import MailServer
from banxway.providers.base import Mailbox
from banxway.services.email_sync.connections import Connections
from banxway.services.email_sync.lease import Lease, LeaseLost, Progress
from banxway.services.email_sync.poll import Poll
from banxway.services.email_sync.poll_services import PollServices
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import leases
from banxway.storage.email_sync.leases import Polled
from banxway.storage.messages.due import DueRow


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """The result of a poll; `more_waits` if its time was up before it had everything."""

    new_messages: int
    new_threads: int
    duration_ms: int
    polled_at: datetime
    more_waits: bool

    def shown(self) -> PollResult:
        """Return the result in the form of the API (the guide's Test 7)."""
        return PollResult(
            new_messages=self.new_messages,
            new_threads=self.new_threads,
            poll_duration_ms=self.duration_ms,
            last_polled_at=self.polled_at,
        )


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A mailbox to poll, and the login that opens it."""

    server: MailServer
    mailbox: Mailbox


class PollRunner:
    """Polls mailboxes whose lease is taken, over connections that one process keeps."""

    def __init__(self, services: PollServices, *, connections: Connections, clock: Clock) -> None:
        self._services = services
        self._connections = connections
        self.clock = clock
        self.holder = connections.holder

    def run(
        self, lease: Lease, *, budget_s: float, is_thorough: bool = False, keeps_connection: bool = False
    ) -> PollOutcome:
        """Poll once, record the result and release the lease. Records an error before raising it."""
        opened = self.begin(lease)
        started = self.clock.monotonic()
        progress = self.poll(lease, opened, budget_s=budget_s, is_thorough=is_thorough)
        kept_s = 0
        if keeps_connection and not progress.more_waits:
            kept_s = self._connections.keep(lease.account, opened.server, opened.mailbox)
        else:
            opened.mailbox.close()
        return self.finish(lease, progress, started, kept_s=kept_s)

    def begin(self, lease: Lease) -> OpenMailbox:
        """Return the mailbox to poll, over a kept connection if there is one. Records an error before raising it."""
        try:
            server = self._services.credentials.open_imap(lease.account)
            return OpenMailbox(server, self._connections.take(lease.account, server))
        except BanxwayError as error:
            self.fail(lease, error)
            raise

    def poll(
        self, lease: Lease, opened: OpenMailbox, *, budget_s: float, is_thorough: bool = False
    ) -> Progress:
        """Poll once. A failure closes the connection, is recorded, and releases the lease."""
        progress = Progress(deadline=self.clock.monotonic() + budget_s, clock=self.clock)
        poll = Poll(lease, opened.mailbox, progress, self._services)
        try:
            poll.run(is_thorough=is_thorough)
            if not progress.more_waits:
                self._services.canaries.send_if_due(lease)
        except BaseException as error:
            opened.mailbox.close()
            if isinstance(error, BanxwayError):
                self.fail(lease, error)
            raise
        finally:
            self._enqueue_results(lease.organization_id, progress)
        return progress

    def finish(
        self,
        lease: Lease,
        progress: Progress,
        started: float,
        *,
        kept_s: int = 0,
        keeps_lease: bool = False,
    ) -> PollOutcome:
        """Record a poll that worked, and notify admins of what it could not read; `started` is a monotonic time."""
        account = lease.account
        polled = Polled(
            new_messages=progress.new_messages,
            new_threads=progress.new_threads,
            more_waits=progress.more_waits,
            served=account.poll_requested_at,
            holder=self.holder,
            keeps_for_s=kept_s,
            keeps_lease=keeps_lease,
            complaint=progress.attention.sentence if progress.attention else None,
        )
        with lease.scope() as transaction:
            polled_at = leases.finish(
                transaction, account_id=lease.account_id, fence=lease.fence, polled=polled
            )
            if polled_at:
                self._services.failures.record_success(transaction, account, progress.attention)
        self._announce(account, polled)
        lease.account = replace(
            account, consecutive_failures=0, state=polled.state, last_poll_error=polled.complaint
        )
        return PollOutcome(
            new_messages=progress.new_messages,
            new_threads=progress.new_threads,
            duration_ms=round((self.clock.monotonic() - started) * 1000),
            polled_at=polled_at or account.last_polled_at or account.created_at,
            more_waits=progress.more_waits,
        )

    def _announce(self, account: AccountRow, polled: Polled) -> None:
        """Notify browsers if the mailbox may look different: it failed before, fails now, or was polled first."""
        if account.last_poll_error or polled.complaint or account.last_polled_at is None:
            self._services.notices.notify(account.organization_id)

    def fail(self, lease: Lease, error: BanxwayError) -> None:
        """Record an error of a poll, unless another poller has taken the mailbox over."""
        if isinstance(error, LeaseLost):
            return
        with lease.scope() as transaction:
            self._services.failures.record(transaction, lease, error, self.holder)
        self._services.notices.notify(lease.organization_id)

    def _enqueue_results(self, organization_id: UUID, progress: Progress) -> None:
        if progress.has_changes:
            self._services.notices.notify(organization_id)
        self._services.due_messages.enqueue_found(
            DueRow(organization_id, message_id, EMAIL.name) for message_id in progress.queued
        )
