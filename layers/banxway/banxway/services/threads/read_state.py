"""Marks threads as read: here, and on the mail server if the mailbox is set to do so."""

from collections.abc import Callable
from uuid import UUID

from banxway.errors import Unavailable
from banxway.models.actors import Actor
from banxway.models.queue_items import MailboxesDue
from banxway.models.threads.threads import ThreadRead
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage.database import Database
from banxway.storage.email_sync import leases, read_state
from banxway.storage.realtime import changes
from banxway.storage.threads import threads


class ReadMarks:
    """Records what agents have read."""

    def __init__(
        self,
        database: Database,
        *,
        enqueue_mailboxes: Callable[[MailboxesDue, int], None],
        notices: ChangeNotices,
    ) -> None:
        self._database = database
        self._enqueue_mailboxes = enqueue_mailboxes
        self._notices = notices

    def mark_read(self, *, actor: Actor, thread_id: UUID) -> ThreadRead:
        """Mark a thread's inbound messages as read; repeating it changes nothing. Raises NotFound.

        Mailboxes with `marks_seen` are polled at once, and the poll sets the Seen flag there; nothing else sets it.
        """
        with self._database.as_actor(actor) as transaction:
            thread_id = threads.get(transaction, thread_id).id
            pending = read_state.read_thread(transaction, thread_id)
            mailboxes = read_state.want_seen(transaction, thread_id)
            for account_id in mailboxes:
                leases.request_poll(transaction, account_id)
            changes.record_all(transaction, organization_id=actor.organization_id, pending=pending)
        self._poll_soon(actor.organization_id, mailboxes)
        if pending:
            self._notices.notify(actor.organization_id)
        return ThreadRead(thread_id=thread_id, newly_read=len(pending))

    def _poll_soon(self, organization_id: UUID, mailboxes: list[UUID]) -> None:
        try:
            for account_id in mailboxes:
                self._enqueue_mailboxes(MailboxesDue.of(organization_id, account_id), 0)
        except Unavailable:
            # The mailbox is due in its row, and the next tick enqueues it.
            return
