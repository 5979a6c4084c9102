"""Finds the mailboxes that are due, polls one mailbox, and compares a mailbox with what is stored."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import BanxwayError, Conflict, NotConfigured, NotFound, RateLimited, Unavailable
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.email_accounts.accounts import PollResult
from banxway.models.email_accounts.comparison import MailboxComparison
from banxway.models.integrations.credentials import MailServer
from banxway.models.queue_items import DueMailbox, IdleDue, MailboxesDue
from banxway.providers.base import Mailbox
from banxway.services.email_sync import comparison, idle
from banxway.services.email_sync.connections import Connections
from banxway.services.email_sync.failures import LOGIN_FAILED
from banxway.services.email_sync.lease import LEASE_S, Lease
from banxway.services.email_sync.runner import PollRunner
from banxway.services.integrations.credentials import Credentials
from banxway.storage import email_accounts
from banxway.storage.database import Database
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import leases
from banxway.storage.email_sync.leases import TakeCondition
from banxway.storage.rows import columns_of

_TICK_S = 60
_MOST_DUE = 10_000
_WITHOUT_HOLDER_S = 90
"""A mailbox with IDLE that is overdue by this much has no holder, and is polled meanwhile."""

_ENDPOINT_S = 15.0
_WORKER_S = 40.0
_SHARE_S = 8.0
"""How long each of several mailboxes may take before the next; without new mail a poll takes a fraction of this."""

_MOST_TOGETHER = 20
_ASKED_EVERY_S = 60


class EmailSync:
    """Polls mailboxes, so that new mail becomes messages in threads."""

    def __init__(
        self,
        database: Database,
        *,
        runner: PollRunner,
        connections: Connections,
        credentials: Credentials,
        open_mailbox: Callable[[MailServer], Mailbox],
        clock: Clock,
        enqueue_mailboxes: Callable[[MailboxesDue, int], None],
        enqueue_idle: Callable[[IdleDue], None],
    ) -> None:
        self._database = database
        self._runner = runner
        self._connections = connections
        self._credentials = credentials
        self._open_mailbox = open_mailbox
        self._clock = clock
        self._enqueue_mailboxes = enqueue_mailboxes
        self._enqueue_idle = enqueue_idle

    def enqueue_due(self) -> int:
        """Enqueue every mailbox that becomes due before the next tick, each for its time; return how many items.

        Mailboxes of one second share an item, so that one worker keeps all their connections (decision 008). A
        mailbox whose polls fail is alone in its item, since a server that hangs would delay those after it. A
        mailbox with a shorter interval than the tick is enqueued once for each time it is due. A mailbox that uses
        IDLE is enqueued for a holder unless it has one, and for a poll, too, if no holder comes.
        """
        with self._database.system() as transaction:
            due = leases.list_due(transaction, within_s=_TICK_S + 10, limit=_MOST_DUE)
        together: dict[tuple[int, UUID | None], list[DueMailbox]] = defaultdict(list)
        for_holders = 0
        for row in due:
            ids = {"organization_id": row.organization_id, "account_id": row.id}
            if row.is_pushed and not row.is_leased:
                self._enqueue_idle(IdleDue(**ids))
                for_holders += 1
            if row.is_pushed and row.due_in_s > -_WITHOUT_HOLDER_S:
                continue
            for delay_s in _moments(max(0.0, row.due_in_s), row.interval_s):
                together[delay_s, row.id if row.is_failing else None].append(DueMailbox(**ids))
        return for_holders + sum(self._enqueue(found, delay_s) for (delay_s, _), found in together.items())

    def _enqueue(self, mailboxes: list[DueMailbox], delay_s: int) -> int:
        """Enqueue mailboxes together, in a stable order; return how many items."""
        in_order = sorted(mailboxes, key=lambda one: one.account_id)
        starts = range(0, len(in_order), _MOST_TOGETHER)
        for start in starts:
            together = tuple(in_order[start : start + _MOST_TOGETHER])
            self._enqueue_mailboxes(MailboxesDue(mailboxes=together), delay_s)
        return len(starts)

    def poll_due(self, due: MailboxesDue) -> None:
        """Poll mailboxes one after the other, each if it is due and not being polled. A repeated call does nothing.

        A login or connection that fails is recorded at the mailbox, which is then polled later; it is not raised. Any
        other error is raised after the other mailboxes were polled. A poll whose time is up before it has everything
        continues in an item of its own. A mailbox that another process keeps a connection to is enqueued again for
        that process, a limited number of times.
        """
        self._connections.close_expired()
        ends_at = self._clock.monotonic() + _WORKER_S
        broken: list[Exception] = []
        mailboxes = self._without_kept_elsewhere(due) if due.patience else due.mailboxes
        for at, mailbox in enumerate(mailboxes):
            left_s = ends_at - self._clock.monotonic()
            if at and left_s < _SHARE_S:
                self._enqueue_rest(MailboxesDue(mailboxes=mailboxes[at:]))
                break
            try:
                self._poll_one(mailbox, budget_s=left_s if due.is_rest else _SHARE_S, is_rest=due.is_rest)
            except Exception as error:  # noqa: BLE001  # one mailbox must not stand in the way of those behind it
                get_logger().exception("poll broke off", account_id=str(mailbox.account_id))
                broken.append(error)
        if broken:
            raise broken[0]

    def _without_kept_elsewhere(self, due: MailboxesDue) -> tuple[DueMailbox, ...]:
        """Return the mailboxes to poll here; enqueue the others for the process that keeps a connection to them."""
        elsewhere = tuple(each for each in due.mailboxes if self._waits_for_keeper(each))
        if elsewhere:
            rest = MailboxesDue(mailboxes=elsewhere, is_rest=due.is_rest, patience=due.patience - 1)
            self._enqueue_rest(rest, delay_s=1)
        return tuple(each for each in due.mailboxes if each not in elsewhere)

    def _poll_one(self, mailbox: DueMailbox, *, budget_s: float, is_rest: bool) -> None:
        lease = self._take_lease(mailbox.organization_id, mailbox.account_id, TakeCondition.DUE)
        if lease is None:
            return
        try:
            outcome = self._runner.run(lease, budget_s=budget_s, keeps_connection=not is_rest)
        except BanxwayError as error:
            _log_failure(mailbox.organization_id, mailbox.account_id, error)
            return
        if outcome.more_waits:
            self._enqueue_rest(MailboxesDue(mailboxes=(mailbox,), is_rest=True))

    def hold_idle(self, *, organization_id: UUID, account_id: UUID) -> None:
        """Hold IDLE on a mailbox for up to 13 minutes; poll it at each report of the server, and at its interval.

        Does nothing while the mailbox is leased, or waits after a failure. A server without IDLE is polled once,
        and by the timer for the next day. Errors are recorded as in `poll_due`.
        """
        self._connections.close_expired()
        lease = self._take_lease(organization_id, account_id, TakeCondition.HEALTHY)
        if lease is None:
            return
        try:
            is_over = idle.hold(self._runner, lease)
        except BanxwayError as error:
            _log_failure(organization_id, account_id, error)
            return
        if is_over:
            self._enqueue_idle(IdleDue(organization_id=organization_id, account_id=account_id))

    def poll_now(self, *, actor: Actor, account_id: UUID) -> PollResult:
        """Poll a mailbox at once, comparing every UID, and return what arrived.

        If a holder of IDLE has the mailbox, the holder polls it. Raises NotFound, NotConfigured if IMAP is switched
        off, Conflict while it is being polled, RateLimited within a minute of a refused login, or the poll's own
        error.
        """
        with self._database.as_actor(actor) as transaction:
            found = email_accounts.find(transaction, account_id)
            if found is None:
                raise NotFound("Email account not found")
            if not found.imap_enabled:
                raise NotConfigured("IMAP polling is switched off for this mailbox: set imap_enabled to true")
            _refuse_hammering(found, leases.seconds_since_failure(transaction, account_id))
            asked_at = leases.request_poll(transaction, account_id)
        deadline = self._clock.monotonic() + 8
        while self._clock.monotonic() < deadline:
            lease = self._take_lease(actor.organization_id, account_id, TakeCondition.ANY)
            if lease is not None:
                result = self._runner.run(lease, budget_s=_ENDPOINT_S, is_thorough=True)
                return result.shown()
            if found.uses_idle:
                with self._database.organization(actor.organization_id) as transaction:
                    served = leases.find_served(transaction, account_id, asked_at=asked_at)
                if served is not None:
                    return PollResult(**columns_of(served))
            self._clock.sleep(0.25)
        raise Conflict("This mailbox is being polled right now; try again in a moment")

    def compare(self, *, actor: Actor, account_id: UUID) -> MailboxComparison:
        """Compare what the server has with what is stored, folder by folder; changes nothing on either side.

        Missing mail is taken in by the next poll that compares: at once by `poll_now`, else within an hour. Raises
        NotFound, or the error of the connection.
        """
        with self._database.as_actor(actor) as transaction:
            account = email_accounts.find(transaction, account_id)
            if account is None:
                raise NotFound("Email account not found")
        mailbox = self._open_mailbox(self._credentials.open_imap(account))
        return comparison.compare(self._database, account, mailbox)

    def close(self) -> None:
        """Close every connection that is kept between polls."""
        self._connections.close()

    def _take_lease(self, organization_id: UUID, account_id: UUID, when: TakeCondition) -> Lease | None:
        with self._database.organization(organization_id) as transaction:
            account = leases.take(
                transaction,
                account_id=account_id,
                lease_s=LEASE_S,
                when=when,
                holder=self._connections.holder,
            )
        return Lease(self._database, account) if account else None

    def _waits_for_keeper(self, mailbox: DueMailbox) -> bool:
        if self._connections.keeps(mailbox.account_id):
            return False
        with self._database.organization(mailbox.organization_id) as transaction:
            return leases.waits_for_keeper(
                transaction, account_id=mailbox.account_id, holder=self._connections.holder
            )

    def _enqueue_rest(self, rest: MailboxesDue, *, delay_s: int = 0) -> None:
        # A mailbox that cannot be enqueued is due by its row: the next tick enqueues it.
        with suppress(Unavailable):
            self._enqueue_mailboxes(rest, delay_s)


def _refuse_hammering(account: AccountRow, failed_s_ago: float | None) -> None:
    """Raise RateLimited if this login was refused within a minute: providers lock accounts that keep trying."""
    if account.state == LOGIN_FAILED and failed_s_ago is not None and failed_s_ago < _ASKED_EVERY_S:
        raise RateLimited(
            f"The mail server refused this login a moment ago ({account.last_poll_error}): change the login, "
            "or try again in a minute",
            retry_after_s=round(_ASKED_EVERY_S - failed_s_ago) or 1,
        )


def _log_failure(organization_id: UUID, account_id: UUID, error: BanxwayError) -> None:
    get_logger().warning(
        "poll failed",
        organization_id=str(organization_id),
        account_id=str(account_id),
        error=error.message,
        code=error.code,
    )


def _moments(due_in_s: float, interval_s: float) -> Iterator[int]:
    """Yield the delays, in whole seconds, after which a mailbox is due within the tick; at least one."""
    moment = due_in_s
    yield round(moment)
    while (moment := moment + interval_s) < _TICK_S:
        yield round(moment)
