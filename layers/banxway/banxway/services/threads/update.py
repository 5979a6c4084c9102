"""Changes threads for agents: their state, their customer, and which messages belong to them."""

from typing import Any
from uuid import UUID

from banxway.errors import Conflict, ValidationFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.channels import EMAIL
from banxway.models.threads.threads import Thread, ThreadChange, ThreadCustomer, ThreadSplit
from banxway.services.email_sync.threading.descent import descendants
from banxway.services.email_sync.threading.rows import node_of
from banxway.services.messages.recipients import require_others
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.threads.read import show
from banxway.storage import email_accounts
from banxway.storage import team as users
from banxway.storage.customers import customers
from banxway.storage.customers import suggested as suggested_customers
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import filed as filed_messages
from banxway.storage.messages import messages
from banxway.storage.messages.rows import MessageRow
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange
from banxway.storage.threads import mail_links as mail_evidence
from banxway.storage.threads import thread_messages, threads
from banxway.storage.threads.threads import LONGEST_SUBJECT, NewThread, ThreadRow
from banxway.storage.visibility import whole_conversations


class ThreadChanges:
    """Changes threads, and records and notifies each change."""

    def __init__(self, database: Database, *, notices: ChangeNotices, new_id: NewId) -> None:
        self._database = database
        self._notices = notices
        self._new_id = new_id

    def update(self, *, actor: Actor, thread_id: UUID, change: ThreadChange) -> Thread:
        """Change a thread's status, assignee, tags or spam mark; return the changed thread.

        Raises NotFound, ValidationFailed for an assignee who is not an active member.
        """
        columns = change.model_dump(include=change.model_fields_set)
        with self._database.as_actor(actor) as transaction:
            thread = threads.get(transaction, thread_id)
            _require_member(transaction, columns)
            if "tags" in columns:
                columns["tags"] = list(dict.fromkeys(columns["tags"]))
            if any(getattr(thread, name) != value for name, value in columns.items()):
                threads.change(transaction, thread.id, columns)
                self._record(transaction, actor, [thread.id])
            shown = show(transaction, threads.get(transaction, thread.id))
        self._notices.notify(actor.organization_id)
        return shown

    def set_customer(self, *, actor: Actor, thread_id: UUID, content: ThreadCustomer) -> Thread:
        """Set the customer of a thread, adding one for an unknown address; return the thread.

        If a forwarded message of the thread names the address as its author, answers to that message go to the
        address from now on. Repeating it changes nothing. Raises NotFound, ValidationFailed for an address of our
        own.
        """
        with self._database.as_actor(actor) as transaction:
            thread = threads.get(transaction, thread_id)
            require_others(transaction, channel=EMAIL.name, field="email", addresses=[content.email])
            customer_id = customers.find_or_add(
                transaction,
                new_id=self._new_id(),
                organization_id=actor.organization_id,
                kind=EMAIL.address_kind,
                address=content.email,
                name=content.name or content.email,
                linked_by="agent",
            )
            threads.change(transaction, thread.id, {"customer_id": customer_id})
            suggested_customers.accept(
                transaction, thread_id=thread.id, email=content.email, customer_id=customer_id
            )
            self._record(transaction, actor, [thread.id])
            shown = show(transaction, threads.get(transaction, thread.id))
        self._notices.notify(actor.organization_id)
        return shown

    def split(self, *, actor: Actor, thread_id: UUID, content: ThreadSplit) -> Thread:
        """Undo a join: move a message and its answers into a new thread, and return that thread.

        No evidence joins the two threads again. Raises NotFound, ValidationFailed if the message is not in the
        thread, Conflict if nothing would be left of the thread.
        """
        with self._database.as_actor(actor) as transaction:
            filed_messages.lock_filing(transaction, actor.organization_id)
            thread = threads.get(transaction, thread_id)
            first = messages.find(transaction, content.message_id)
            if first is None or first.thread_id != thread.id:
                raise ValidationFailed("message_id must be a message of this thread", field="message_id")
            with whole_conversations(transaction):
                new_thread = self._split(transaction, thread, first)
            self._record(transaction, actor, [thread.id, new_thread])
            shown = show(transaction, threads.get(transaction, new_thread))
        self._notices.notify(actor.organization_id)
        return shown

    def _split(self, transaction: Transaction, thread: ThreadRow, first: MessageRow) -> UUID:
        own = frozenset(email_accounts.ids_by_address(transaction))
        rows = mail_evidence.list_in_threads(transaction, [thread.id])
        moved = {first.id, *descendants(first.id, [node_of(row, own) for row in rows])}
        if thread_messages.count_in_thread(transaction, thread.id) == len(moved):
            raise Conflict("Nothing would be left of this thread: split at a later message")
        new_thread = self._new_id()
        threads.add_all(
            transaction,
            [
                NewThread(
                    id=new_thread,
                    organization_id=thread.organization_id,
                    customer_id=first.customer_id,
                    subject=first.subject[:LONGEST_SUBJECT],
                    last_message_at=first.occurred_at,
                    assigned_to_user_id=thread.assigned_to_user_id,
                    related_thread_id=thread.id,
                )
            ],
        )
        mail_evidence.keep_apart(
            transaction, organization_id=thread.organization_id, one=thread.id, other=new_thread
        )
        mail_evidence.move_split(transaction, first.id, moved, into=new_thread, out_of=thread.id)
        for one in (thread.id, new_thread):
            threads.refresh_last_message_at(transaction, one)
        threads.name_by_first_message(transaction, (thread.id, new_thread))
        return new_thread

    def _record(self, transaction: Transaction, actor: Actor, thread_ids: list[UUID]) -> None:
        changes.record_all(
            transaction,
            organization_id=actor.organization_id,
            pending=[PendingChange("thread.updated", thread_id, None) for thread_id in thread_ids],
        )


def _require_member(transaction: Transaction, columns: dict[str, Any]) -> None:
    user_id = columns.get("assigned_to_user_id")
    if user_id is None:
        return
    user = users.find(transaction, user_id)
    if user is None or not user.is_active:
        raise ValidationFailed(
            "assigned_to_user_id must be an active member of this organization", field="assigned_to_user_id"
        )
