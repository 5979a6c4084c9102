"""Runs polls: opens the connection, polls, records the result, and announces what is new."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import BanxwayError, Unavailable
from banxway.log import get_logger
from banxway.models.email_accounts.accounts import PollResult
from banxway.models.integrations.credentials import MailServer
from banxway.models.queue_items import MessageDue
from banxway.providers.base import Mailbox, Providers
from banxway.services.email_sync.canaries import Canaries
from banxway.services.email_sync.connections import Connections
from banxway.services.email_sync.failures import Failures
from banxway.services.email_sync.filing.filer import MailFiling
from banxway.services.email_sync.lease import Lease, LeaseLost, Progress
from banxway.services.email_sync.poll import Poll, SentMailEvidence
from banxway.services.integrations.credentials import Credentials
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import leases as mailbox_leases
from banxway.storage.email_sync.leases import Polled


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a poll came to; `more_waits` if its time was up before it had everything."""

    new_messages: int
    new_threads: int
    duration_ms: int
    polled_at: datetime
    more_waits: bool

    def shown(self) -> PollResult:
        """Return it as the guide's Test 7 shows it."""
        return PollResult(
            new_messages=self.new_messages,
            new_threads=self.new_threads,
            poll_duration_ms=self.duration_ms,
            last_polled_at=self.polled_at,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A mailbox to poll, and the login that it is opened with."""

    server: MailServer
    mailbox: Mailbox


@dataclass(frozen=True)
class Tools:
    """What polls work with."""

    providers: Providers
    credentials: Credentials
    blobs: Callable[[], BlobStore]
    filing: MailFiling
    evidence: SentMailEvidence
    failures: Failures
    canaries: Canaries
    notices: ChangeNotices
    enqueue_message: Callable[[MessageDue], None]


class PollRunner:
    """Polls mailboxes whose lease is taken, over connections that one process keeps."""

    def __init__(self, database: Database, tools: Tools, *, holder: UUID, clock: Clock) -> None:
        self._database = database
        self._tools = tools
        self.clock = clock
        self._connections = Connections(tools.providers.mailbox, holder=holder, clock=clock)

    @property
    def holder(self) -> UUID:
        """The id of this process as a keeper of connections."""
        return self._connections.holder

    def keeps(self, account_id: UUID) -> bool:
        """Say whether this process has kept a connection to a mailbox, taken over or not."""
        return self._connections.keeps(account_id)

    def open_mailbox(self, account: AccountRow) -> Mailbox:
        """Return a mailbox with a connection of its own, yet to be made. Raises DecryptionFailed kinds."""
        return self._tools.providers.mailbox(self._tools.credentials.open_mailbox(account)[1])

    def run(
        self, lease: Lease, *, budget_s: float, is_thorough: bool = False, keeps_connection: bool = False
    ) -> Outcome:
        """Poll once, note what came of it and give the lease back. Raises what went wrong, noted."""
        opened = self.begin(lease)
        started = self.clock.monotonic()
        progress = self.poll(lease, opened, budget_s=budget_s, is_thorough=is_thorough)
        kept_s = 0
        if keeps_connection and not progress.more_waits:
            kept_s = self._connections.keep(lease.account, opened.server, opened.mailbox)
        else:
            opened.mailbox.close()
        return self.finish(lease, progress, started, kept_s=kept_s)

    def begin(self, lease: Lease) -> Opened:
        """Return the mailbox to poll: over the kept connection if there is one. Raises what went wrong, noted."""
        try:
            server = self._tools.credentials.open_mailbox(lease.account)[1]
            return Opened(server, self._connections.take(lease.account, server))
        except BanxwayError as error:
            self.fail(lease, error)
            raise

    def poll(self, lease: Lease, opened: Opened, *, budget_s: float, is_thorough: bool = False) -> Progress:
        """Poll once; a failure closes the connection, is noted, and gives the lease back."""
        progress = Progress(deadline=self.clock.monotonic() + budget_s, clock=self.clock)
        tools = self._tools
        poll = Poll(
            lease,
            opened.mailbox,
            progress,
            blobs=tools.blobs,
            filing=tools.filing,
            evidence=tools.evidence,
            canaries=tools.canaries,
        )
        try:
            poll.run(is_thorough=is_thorough)
            if not progress.more_waits:
                tools.canaries.send_if_due(lease)
        except BaseException as error:
            opened.mailbox.close()
            if isinstance(error, BanxwayError):
                self.fail(lease, error)
            raise
        finally:
            self._announce(lease.organization_id, progress)
        return progress

    def finish(
        self,
        lease: Lease,
        progress: Progress,
        started: float,
        *,
        kept_s: int = 0,
        keeps_lease: bool = False,
    ) -> Outcome:
        """Note a poll that worked, and tell an admin what it left open; `started` is by the monotonic clock."""
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
            polled_at = mailbox_leases.finish(
                transaction, account_id=lease.account_id, fence=lease.fence, polled=polled
            )
            if polled_at:
                self._tools.failures.settle(transaction, account, progress.attention)
        lease.account = replace(
            account, consecutive_failures=0, state=polled.state, last_poll_error=polled.complaint
        )
        return Outcome(
            new_messages=progress.new_messages,
            new_threads=progress.new_threads,
            duration_ms=round((self.clock.monotonic() - started) * 1000),
            polled_at=polled_at or account.last_polled_at or account.created_at,
            more_waits=progress.more_waits,
        )

    def fail(self, lease: Lease, error: BanxwayError) -> None:
        """Note what went wrong, unless the mailbox is somebody else's by now."""
        if isinstance(error, LeaseLost):
            return
        with lease.scope() as transaction:
            self._tools.failures.note(transaction, lease, error, self.holder)

    def close_expired(self) -> None:
        """Close connections that were kept beyond their time."""
        self._connections.close_expired()

    def close(self) -> None:
        """Close every kept connection."""
        self._connections.close()

    def _announce(self, organization_id: UUID, progress: Progress) -> None:
        if progress.has_news:
            self._tools.notices.notify(organization_id)
        try:
            for message_id in progress.queued:
                self._tools.enqueue_message(
                    MessageDue(organization_id=organization_id, message_id=message_id)
                )
        except Unavailable as error:
            # The sweeper enqueues what waits.
            get_logger().warning("automatic mail put off", error=error.message)
