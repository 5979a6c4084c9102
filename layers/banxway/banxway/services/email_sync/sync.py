"""Which mailboxes fall due, one poll of one mailbox, and the comparison of both sides."""

import time
from collections.abc import Callable, Iterator
from uuid import UUID

from banxway.errors import BanxwayError, Conflict, NotConfigured, NotFound, RateLimited, Unavailable
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.email_accounts import PollResult
from banxway.models.mail_comparison import MailboxComparison
from banxway.models.queue_items import IdleDue, MailboxDue
from banxway.services.email_sync import comparison, idle
from banxway.services.email_sync.failures import LOGIN_FAILED
from banxway.services.email_sync.lease import LEASE_S, Lease
from banxway.services.email_sync.runner import PollRunner
from banxway.storage import email_accounts, mailbox_leases
from banxway.storage.database import Database, Row
from banxway.storage.mailbox_leases import When

_TICK_S = 60
_MOST_DUE = 10_000
_UNHELD_S = 90
"""A mailbox that wants IDLE and was not polled for so long past its time is polled meanwhile."""

_ENDPOINT_S = 15.0
_WORKER_S = 40.0
_ASKED_EVERY_S = 60


class EmailSync:
    """Keeps threads up to date with mailboxes."""

    def __init__(
        self,
        database: Database,
        *,
        runner: PollRunner,
        enqueue_mailbox: Callable[[MailboxDue, int], None],
        enqueue_idle: Callable[[IdleDue], None],
    ) -> None:
        self._database = database
        self._runner = runner
        self._enqueue_mailbox = enqueue_mailbox
        self._enqueue_idle = enqueue_idle

    def enqueue_due(self) -> int:
        """Enqueue every mailbox that falls due before the next tick, each for its moment; returns how many items.

        A mailbox with a shorter interval than the tick is enqueued once for each time it falls due. One that
        uses IDLE is enqueued for a holder unless somebody holds it; and for a poll, too, where no holder comes.
        """
        with self._database.system() as transaction:
            due = mailbox_leases.list_due(transaction, within_s=_TICK_S + 10, limit=_MOST_DUE)
        enqueued = 0
        for row in due:
            place = {"organization_id": row["organization_id"], "account_id": row["id"]}
            if row["is_pushed"] and not row["is_leased"]:
                self._enqueue_idle(IdleDue(**place))
                enqueued += 1
            if row["is_pushed"] and row["due_in_s"] > -_UNHELD_S:
                continue
            for delay_s in _moments(max(0.0, row["due_in_s"]), row["interval_s"]):
                self._enqueue_mailbox(MailboxDue(**place), delay_s)
                enqueued += 1
        return enqueued

    def poll_due(self, *, organization_id: UUID, account_id: UUID) -> None:
        """Poll a mailbox if it is due and nobody else does; an early or repeated call does nothing.

        A login or connection that fails is noted on the mailbox and backed off from, not raised. A poll whose
        time is up before it has everything enqueues the mailbox again at once.
        """
        self._runner.close_expired()
        lease = self._take_lease(organization_id, account_id, When.DUE)
        if lease is None:
            return
        try:
            outcome = self._runner.run(lease, budget_s=_WORKER_S, keeps_connection=True)
        except BanxwayError as error:
            _log_failure(account_id, error)
            return
        if outcome.more_waits:
            self._poll_again(organization_id, account_id)

    def hold_idle(self, *, organization_id: UUID, account_id: UUID) -> None:
        """Hold IDLE on a mailbox for up to 13 minutes, polling it on news and at its interval.

        Does nothing while somebody else polls or holds it, or while it is left alone after a failure. A server
        without IDLE is polled once, and by the tick for the day to come. What fails is noted as in `poll_due`.
        """
        self._runner.close_expired()
        lease = self._take_lease(organization_id, account_id, When.WELL)
        if lease is None:
            return
        try:
            is_over = idle.hold(self._runner, lease)
        except BanxwayError as error:
            _log_failure(account_id, error)
            return
        if is_over:
            self._enqueue_idle(IdleDue(organization_id=organization_id, account_id=account_id))

    def poll_now(self, *, actor: Actor, account_id: UUID) -> PollResult:
        """Poll a mailbox at once, comparing every UID, and return what arrived.

        A mailbox whose holder of IDLE has it is polled by the holder. Raises NotFound, Conflict while it is
        being polled, RateLimited within a minute of a refused login, or what went wrong.
        """
        with self._database.as_actor(actor) as transaction:
            found = email_accounts.find(transaction, account_id)
            if found is None:
                raise NotFound("Email account not found")
            if not found["imap_enabled"]:
                raise NotConfigured("IMAP polling is switched off for this mailbox: set imap_enabled to true")
            _refuse_hammering(found, mailbox_leases.seconds_since_failure(transaction, account_id))
            asked_at = mailbox_leases.request(transaction, account_id)
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            lease = self._take_lease(actor.organization_id, account_id, When.ANY)
            if lease is not None:
                result = self._runner.run(lease, budget_s=_ENDPOINT_S, is_thorough=True)
                return result.shown()
            if found["uses_idle"]:
                with self._database.organization(actor.organization_id) as transaction:
                    served = mailbox_leases.find_served(transaction, account_id, asked_at=asked_at)
                if served is not None:
                    return PollResult(**served)
            time.sleep(0.25)
        raise Conflict("This mailbox is being polled right now; try again in a moment")

    def compare(self, *, actor: Actor, account_id: UUID) -> MailboxComparison:
        """Compare what the server has with what is stored, folder by folder; changes nothing on either side.

        What is missing is taken in by the next comparison of a poll: at once by `poll_now`, else within an
        hour. Raises NotFound, or what kept the server from being asked.
        """
        with self._database.as_actor(actor) as transaction:
            account = email_accounts.find(transaction, account_id)
            if account is None:
                raise NotFound("Email account not found")
        return comparison.compare(self._database, account, self._runner.open_mailbox(account))

    def close(self) -> None:
        """Close every connection that is kept between polls."""
        self._runner.close()

    def _take_lease(self, organization_id: UUID, account_id: UUID, when: When) -> Lease | None:
        with self._database.organization(organization_id) as transaction:
            account = mailbox_leases.take(
                transaction,
                account_id=account_id,
                lease_s=LEASE_S,
                when=when,
                holder=self._runner.holder,
            )
        return Lease(self._database, account) if account else None

    def _poll_again(self, organization_id: UUID, account_id: UUID) -> None:
        try:
            self._enqueue_mailbox(MailboxDue(organization_id=organization_id, account_id=account_id), 0)
        except Unavailable:
            # It has fallen due in its row: the next tick enqueues it.
            return


def _refuse_hammering(account: Row, failed_s_ago: float | None) -> None:
    """Providers lock an account whose login is refused again and again, whoever presses the button."""
    if account["state"] == LOGIN_FAILED and failed_s_ago is not None and failed_s_ago < _ASKED_EVERY_S:
        raise RateLimited(
            f"The mail server refused this login a moment ago ({account['last_poll_error']}): change the login, "
            "or try again in a minute",
            retry_after_s=round(_ASKED_EVERY_S - failed_s_ago) or 1,
        )


def _log_failure(account_id: UUID, error: BanxwayError) -> None:
    get_logger().warning("poll failed", account_id=str(account_id), error=error.message, code=error.code)


def _moments(due_in_s: float, interval_s: float) -> Iterator[int]:
    """Yield the delays, in whole seconds, at which a mailbox falls due within the tick; at least one."""
    moment = due_in_s
    yield round(moment)
    while (moment := moment + interval_s) < _TICK_S:
        yield round(moment)
