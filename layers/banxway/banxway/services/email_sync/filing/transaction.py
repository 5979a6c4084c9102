"""Makes messages of a batch of mails in one transaction: known mails, our own, and new ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.ids import NewId
from banxway.models.channels import EMAIL
from banxway.models.mail import FolderRole
from banxway.services.email_sync.filing import bounces
from banxway.services.email_sync.filing import row as mail_rows
from banxway.services.email_sync.filing.automation import MailAutomation
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.services.email_sync.filing.reader import ReadMail
from banxway.services.email_sync.filing.row import NewMail
from banxway.services.email_sync.filing.sorting import Batch, MailSorting, record_known
from banxway.services.email_sync.threading.assignment import (
    MailThreading,
    ThreadAssignment,
    ThreadAssignments,
)
from banxway.services.email_sync.threading.nodes import MailNode
from banxway.services.email_sync.threading.rows import node_of
from banxway.storage import email_accounts
from banxway.storage import team as users
from banxway.storage.customers import customers
from banxway.storage.database import Database, Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import inbound_hours, mailbox_messages
from banxway.storage.messages import filed as filed_messages
from banxway.storage.messages import ledger, messages
from banxway.storage.messages.filed import NewAttachmentRow
from banxway.storage.messages.rows import MessageRow
from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange
from banxway.storage.threads import mail_links as mail_evidence
from banxway.storage.threads import threads
from banxway.storage.threads.threads import LONGEST_SUBJECT, NewThread, ThreadActivity


@dataclass(frozen=True, slots=True)
class BatchFiled:
    """What became of stored mails: how many arrived, how many threads they started, and what to enqueue.

    `new_messages` does not count mails that we sent; `has_changes` is whether browsers must be notified. `queued` are
    messages that rules and responders put into the ledger.
    """

    new_messages: int = 0
    new_threads: int = 0
    queued: tuple[UUID, ...] = ()
    has_changes: bool = False

    def __add__(self, other: "BatchFiled") -> "BatchFiled":
        return BatchFiled(
            self.new_messages + other.new_messages,
            self.new_threads + other.new_threads,
            (*self.queued, *other.queued),
            self.has_changes or other.has_changes,
        )


class MailBatches:
    """Files batches of mails."""

    def __init__(self, database: Database, *, automation: MailAutomation, new_id: NewId) -> None:
        self._database = database
        self._automation = automation
        self._new_id = new_id
        self._threading = MailThreading(new_id=new_id)
        self._sorting = MailSorting(new_id=new_id)

    def file(
        self, account: AccountRow, mails: Sequence[ReadMail], *, is_acted_upon: bool = True
    ) -> BatchFiled:
        """File mails in one transaction, all or none; `is_acted_upon` runs rules and responders on them."""
        organization_id = account.organization_id
        with self._database.organization(organization_id) as transaction:
            now = filed_messages.lock_filing(transaction, organization_id)
            own = frozenset(email_accounts.ids_by_address(transaction))
            batch = self._sorting.sort(transaction, account, mails, own=own, now=now)
            assignments = self._assign_threads(transaction, batch)
            filed = self._insert(transaction, batch, assignments)
            record_known(transaction, batch)
            mailbox_messages.mark_all_filed(transaction, account_id=account.id, filed=batch.filed)
            batch.pending += bounces.settle(transaction, filed)
            arrived = [mail for mail in filed if mail.message.direction == "inbound"]
            acted = arrived if is_acted_upon else []
            queued = self._automation.apply(transaction, account=account, mails=acted) if acted else []
            inbound_hours.record(
                transaction,
                organization_id=organization_id,
                subject=str(account.id),
                instants=_arrivals(mails, own),
                now=now,
            )
            changes.record_all(transaction, organization_id=organization_id, pending=batch.pending)
        return BatchFiled(
            new_messages=len(arrived),
            new_threads=sum(mail.started_thread for mail in filed),
            queued=tuple(queued),
            has_changes=bool(batch.pending or queued),
        )

    def _assign_threads(self, transaction: Transaction, batch: Batch) -> ThreadAssignments:
        nodes = [mail_rows.node_of_new(new) for new in batch.new]
        nodes += [mail_rows.node_of_known(new, row) for new, row in batch.ours_after_all]
        ledger.mark_as_ours(
            transaction, [(row.id, mail_rows.addressee(new)) for new, row in batch.ours_after_all]
        )
        nodes += self._known_by_more(transaction, batch)
        assignments = self._threading.assign(transaction, nodes, own=batch.own)
        for lost, kept in assignments.merged:
            batch.pending += [
                PendingChange("thread.merged", lost, None),
                PendingChange("thread.merged", kept, None),
            ]
        return assignments

    def _known_by_more(self, transaction: Transaction, batch: Batch) -> list[MailNode]:
        """Return our own mails that have just become known by another id: answers to that id may be here already."""
        filed_messages.add_aliases(transaction, batch.account.organization_id, batch.aliases)
        rows = mail_evidence.list_mails(transaction, {message_id for _, message_id in batch.aliases})
        return [node_of(row, batch.own) for row in rows]

    def _insert(
        self, transaction: Transaction, batch: Batch, assignments: ThreadAssignments
    ) -> list[FiledMail]:
        who = self._customers(transaction, batch, assignments)
        starting = [
            _thread(new, assignments.by_message[new.id], who[new.correspondent.key])
            for new in batch.new
            if assignments.by_message[new.id].is_new
        ]
        threads.add_all(transaction, starting)
        self._move(transaction, batch, assignments)
        members = users.addresses(transaction)
        filed = [_filed(new, assignments, who, members, batch.now) for new in batch.new]
        filed_messages.add_all(transaction, [mail.message for mail in filed])
        filed_messages.add_attachments(transaction, list(self._attachments(batch.new)))
        threads.record_messages(transaction, _thread_news(batch.new, assignments))
        threads.name_by_first_message(transaction, assignments.touched)
        batch.pending += [PendingChange("message.created", mail.thread_id, mail.message.id) for mail in filed]
        return filed

    def _customers(
        self, transaction: Transaction, batch: Batch, assignments: ThreadAssignments
    ) -> dict[tuple[str, str], UUID]:
        customers.link_claimed(
            transaction,
            authors=[
                (assignments.by_message[new.id].thread_id, new.sender)
                for new in batch.new
                if not new.is_ours and not assignments.by_message[new.id].is_new
            ],
        )
        return customers.find_or_add_all(
            transaction,
            organization_id=batch.account.organization_id,
            kind=EMAIL.address_kind,
            addresses=[new.correspondent for new in batch.new],
            new_id=self._new_id,
        )

    def _move(self, transaction: Transaction, batch: Batch, assignments: ThreadAssignments) -> None:
        """Move known mails to the threads that they prove to belong to, creating those that are new."""
        if not assignments.moved:
            return
        first = {to.thread_id: message_id for message_id, to in assignments.moved if to.is_new}
        rows = messages.find_all(transaction, list(first.values()))
        threads.add_all(transaction, [_thread_of_known(rows[first[one]], one) for one in first])
        mail_evidence.move_all(
            transaction,
            [(one, to.thread_id, to.rule, to.evidence) for one, to in assignments.moved],
        )
        touched = dict.fromkeys(to.thread_id for _, to in assignments.moved)
        batch.pending += [PendingChange("thread.updated", thread_id, None) for thread_id in touched]

    def _attachments(self, mails: Iterable[NewMail]) -> Iterable[NewAttachmentRow]:
        for new in mails:
            pairs = zip(new.read.mail.attachments, new.read.attachment_keys, strict=True)
            for position, (attachment, key) in enumerate(pairs):
                yield NewAttachmentRow(
                    id=self._new_id(),
                    organization_id=new.account.organization_id,
                    message_id=new.id,
                    filename=attachment.filename,
                    content_type=attachment.content_type,
                    size_bytes=len(attachment.content),
                    blob_key=key,
                    content_id=attachment.content_id,
                    is_inline=attachment.is_inline,
                    position=position,
                )


def _arrivals(mails: Iterable[ReadMail], own: Collection[str]) -> list[datetime]:
    """Return when the mails that others wrote to the mailbox arrived."""
    return [
        mail.stored.internal_date or mail.stored.created_at
        for mail in mails
        if mail.stored.role not in (FolderRole.SENT, FolderRole.DRAFTS)
        and not (mail.mail.sender and mail.mail.sender.email in own)
    ]


def _filed(
    new: NewMail,
    assignments: ThreadAssignments,
    who: Mapping[tuple[str, str], UUID],
    members: frozenset[str],
    now: datetime,
) -> FiledMail:
    assignment = assignments.by_message[new.id]
    return FiledMail(
        message=mail_rows.message_row(
            new,
            assignment,
            customer_id=who[new.correspondent.key],
            members=members,
            placed_at=assignments.placed_at[new.id],
            now=now,
        ),
        mail=new.read.mail,
        stored=new.read.stored,
        thread_id=assignment.thread_id,
        started_thread=assignment.is_new,
    )


def _thread(new: NewMail, assignment: ThreadAssignment, customer_id: UUID) -> NewThread:
    return NewThread(
        id=assignment.thread_id,
        organization_id=new.account.organization_id,
        customer_id=customer_id,
        subject=new.read.mail.subject[:LONGEST_SUBJECT],
        last_message_at=new.at,
        assigned_to_user_id=new.account.assigned_to_user_id,
        is_spam=new.is_spam,
        related_thread_id=assignment.related_thread_id,
    )


def _thread_of_known(row: MessageRow, thread_id: UUID) -> NewThread:
    return NewThread(
        id=thread_id,
        organization_id=row.organization_id,
        customer_id=row.customer_id,
        subject=row.subject[:LONGEST_SUBJECT],
        last_message_at=row.occurred_at,
        is_spam=row.is_spam,
    )


def _thread_news(mails: Sequence[NewMail], assignments: ThreadAssignments) -> list[ThreadActivity]:
    by_thread: dict[UUID, list[NewMail]] = {}
    for new in mails:
        by_thread.setdefault(assignments.by_message[new.id].thread_id, []).append(new)
    return [
        ThreadActivity(
            thread_id=thread_id,
            at=max(new.at for new in added),
            reopens=any(not (new.is_spam or new.is_quiet) for new in added),
            clears_spam=any(not new.is_spam for new in added),
        )
        for thread_id, added in by_thread.items()
    ]
