"""One transaction that makes messages of mails: what is known already, what is our own, and what is new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from banxway.ids import NewId
from banxway.models.mail import FolderRole
from banxway.models.statuses import MessageStatus
from banxway.services import bounces, mail_rows
from banxway.services.filed_mail import FiledMail
from banxway.services.mail_automation import MailAutomation
from banxway.services.mail_reading import ReadMail
from banxway.services.mail_rows import NewMail
from banxway.services.mail_threading import MailThreading, Place, Placement
from banxway.storage import (
    changes,
    customers,
    email_accounts,
    filed_messages,
    mail_evidence,
    mailbox_messages,
    messages,
    threads,
)
from banxway.storage.changes import News
from banxway.storage.database import Database, Row, Transaction
from banxway.storage.filed_messages import AttachmentRow
from banxway.storage.threads import NewThread, ThreadNews

_LONGEST_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class BatchFiled:
    """What became of stored mails: how many arrived, how many threads they started, what is to be enqueued.

    `new_messages` does not count what we sent ourselves; `has_news` says whether anybody is to be told anything.
    `queued` are messages that rules and responders put into the ledger.
    """

    new_messages: int = 0
    new_threads: int = 0
    queued: tuple[UUID, ...] = ()
    has_news: bool = False

    def __add__(self, other: "BatchFiled") -> "BatchFiled":
        return BatchFiled(
            self.new_messages + other.new_messages,
            self.new_threads + other.new_threads,
            (*self.queued, *other.queued),
            self.has_news or other.has_news,
        )


@dataclass(slots=True)
class _Batch:
    """The mails of one transaction, sorted by what they are, and what is to be told of them."""

    account: Row
    own: frozenset[str]
    now: datetime
    new: list[NewMail] = field(default_factory=list)
    repeated: list[tuple[Row, Row]] = field(default_factory=list)
    proven_sent: list[tuple[Row, Row]] = field(default_factory=list)
    copies: list[tuple[Row, UUID]] = field(default_factory=list)
    ours_after_all: list[tuple[NewMail, Row]] = field(default_factory=list)
    filed: list[tuple[Row, UUID]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)


class MailBatches:
    """Files batches of mails."""

    def __init__(self, database: Database, *, automation: MailAutomation, new_id: NewId) -> None:
        self._database = database
        self._automation = automation
        self._new_id = new_id
        self._threading = MailThreading(new_id=new_id)

    def file(self, account: Row, mails: Sequence[ReadMail], *, is_acted_upon: bool = True) -> BatchFiled:
        """File mails in one transaction, all or none; `is_acted_upon` lets rules and responders see them."""
        organization_id = account["organization_id"]
        with self._database.organization(organization_id) as transaction:
            now = filed_messages.lock_placing(transaction, organization_id)
            own = frozenset(email_accounts.ids_by_address(transaction))
            batch = self._sort(transaction, account, mails, own=own, now=now)
            placement = self._place(transaction, batch)
            filed = self._insert(transaction, batch, placement)
            _note_known(transaction, batch)
            mailbox_messages.mark_all_filed(transaction, account_id=account["id"], filed=batch.filed)
            batch.news += bounces.settle(transaction, filed)
            arrived = [mail for mail in filed if mail.message.direction == "inbound"]
            acted = arrived if is_acted_upon else []
            queued = self._automation.apply(transaction, account=account, mails=acted) if acted else []
            changes.record_all(transaction, organization_id=organization_id, news=batch.news)
        return BatchFiled(
            new_messages=len(arrived),
            new_threads=sum(mail.started_thread for mail in filed),
            queued=tuple(queued),
            has_news=bool(batch.news or queued),
        )

    def _sort(
        self,
        transaction: Transaction,
        account: Row,
        mails: Sequence[ReadMail],
        *,
        own: frozenset[str],
        now: datetime,
    ) -> _Batch:
        batch = _Batch(account, own, now)
        known = filed_messages.find_by_identities(transaction, {mail.identity for mail in mails})
        ours = filed_messages.find_own(transaction, mail_rows.ids_named_by(mails))
        added: dict[str, NewMail] = {}
        # What lies in Sent comes first, so that a mail from one of our mailboxes to another is our own.
        for mail in sorted(mails, key=lambda mail: mail.stored.get("role") != FolderRole.SENT):
            of_ours = ours.get(mail.mail.message_id or "")
            new = mail_rows.new_mail(self._new_id(), mail, account, own=own, ours=ours, now=now)
            if of_ours and new.is_ours:
                batch.proven_sent.append((mail.stored, of_ours))
            elif of_ours and _is_copy(mail, of_ours):
                batch.copies.append((mail.stored, of_ours["id"]))
            elif mail.identity in known:
                row = known[mail.identity]
                batch.repeated.append((mail.stored, row))
                if new.is_ours and row["direction"] == "inbound":
                    batch.ours_after_all.append((new, row))
            elif mail.identity in added:
                batch.filed.append((mail.stored, added[mail.identity].id))
            else:
                added[mail.identity] = new
        in_order = {mail.identity: added[mail.identity] for mail in mails if mail.identity in added}
        batch.new = list(in_order.values())
        batch.filed += [(new.read.stored, new.id) for new in batch.new]
        batch.filed += [(stored, row["id"]) for stored, row in (*batch.repeated, *batch.proven_sent)]
        batch.filed += batch.copies
        return batch

    def _place(self, transaction: Transaction, batch: _Batch) -> Placement:
        nodes = [mail_rows.node_of_new(new, batch.own) for new in batch.new]
        nodes += [mail_rows.node_of_known(new, row, batch.own) for new, row in batch.ours_after_all]
        filed_messages.turn_outbound(
            transaction, [(row["id"], new.correspondent.email) for new, row in batch.ours_after_all]
        )
        placement = self._threading.place(transaction, nodes, own=batch.own)
        for lost, kept in placement.merged:
            batch.news += [News("thread.merged", lost, None), News("thread.merged", kept, None)]
        return placement

    def _insert(self, transaction: Transaction, batch: _Batch, placement: Placement) -> list[FiledMail]:
        organization_id = batch.account["organization_id"]
        who = customers.find_or_add_all(
            transaction,
            organization_id=organization_id,
            kind="email",
            names={
                new.correspondent.email: new.correspondent.name or new.correspondent.email
                for new in batch.new
            },
            new_id=self._new_id,
        )
        starting = [
            _thread(new, placement.places[new.id], who[new.correspondent.email])
            for new in batch.new
            if placement.places[new.id].is_new
        ]
        threads.add_all(transaction, starting)
        self._move(transaction, batch, placement)
        filed = [
            FiledMail(
                message=mail_rows.message_row(
                    new,
                    placement.places[new.id],
                    customer_id=who[new.correspondent.email],
                    now=batch.now,
                ),
                mail=new.read.mail,
                stored=new.read.stored,
                thread_id=placement.places[new.id].thread_id,
                started_thread=placement.places[new.id].is_new,
            )
            for new in batch.new
        ]
        filed_messages.add_all(transaction, [mail.message for mail in filed])
        filed_messages.add_attachments(transaction, list(self._attachments(batch.new)))
        threads.note_messages(transaction, _thread_news(batch.new, placement))
        batch.news += [News("message.created", mail.thread_id, mail.message.id) for mail in filed]
        return filed

    def _move(self, transaction: Transaction, batch: _Batch, placement: Placement) -> None:
        """Move known mails to the threads that they prove to belong to; one may start a thread of its own."""
        if not placement.moved:
            return
        first = {place.thread_id: message_id for message_id, place in placement.moved if place.is_new}
        rows = messages.find_all(transaction, list(first.values()))
        threads.add_all(transaction, [_thread_of_known(rows[first[one]], one) for one in first])
        mail_evidence.move_all(
            transaction,
            [(one, place.thread_id, place.rule, place.evidence) for one, place in placement.moved],
        )
        touched = dict.fromkeys(place.thread_id for _, place in placement.moved)
        batch.news += [News("thread.updated", thread_id, None) for thread_id in touched]

    def _attachments(self, mails: Iterable[NewMail]) -> Iterable[AttachmentRow]:
        for new in mails:
            pairs = zip(new.read.mail.attachments, new.read.attachment_keys, strict=True)
            for position, (attachment, key) in enumerate(pairs):
                yield AttachmentRow(
                    id=self._new_id(),
                    organization_id=new.account["organization_id"],
                    message_id=new.id,
                    filename=attachment.filename,
                    content_type=attachment.content_type,
                    size_bytes=len(attachment.content),
                    blob_key=key,
                    content_id=attachment.content_id,
                    is_inline=attachment.is_inline,
                    position=position,
                )


def _note_known(transaction: Transaction, batch: _Batch) -> None:
    """Note what a mail's coming again says: that it was sent, was read, went into the spam folder or left it."""
    for _, row in batch.proven_sent:
        if messages.settle(transaction, message_id=row["id"], outcome=MessageStatus.SENT):
            batch.news.append(News("message.status", row["thread_id"], row["id"]))
    seen = [row["id"] for stored, row in batch.repeated if stored.get("is_seen")]
    junk = [row["id"] for stored, row in batch.repeated if stored.get("role") == FolderRole.JUNK]
    shown = [
        row["id"]
        for stored, row in batch.repeated
        if row["is_spam"] and stored.get("role") not in (FolderRole.JUNK, FolderRole.TRASH)
    ]
    if seen:
        filed_messages.note_seen(transaction, seen)
    changed = []
    if junk:
        changed += filed_messages.note_spam(transaction, junk, account_id=batch.account["id"])
    if shown:
        changed += filed_messages.note_not_spam(transaction, shown)
    batch.news += [News("thread.updated", thread_id, None) for thread_id in dict.fromkeys(changed)]


def _is_copy(mail: ReadMail, ours: Row) -> bool:
    """Say whether a mail that came in is one that we sent, as it reached another mailbox of ours.

    A Message-ID is known to whoever received it, so the words must be the same, too.
    """
    sender = mail.mail.sender.email if mail.mail.sender else ""
    return bool(
        sender == ours["sender"]
        and mail.mail.subject.split() == ours["subject"].split()
        and mail.mail.text.split() == ours["body_text"].split()
    )


def _thread(new: NewMail, place: Place, customer_id: UUID) -> NewThread:
    return NewThread(
        id=place.thread_id,
        organization_id=new.account["organization_id"],
        customer_id=customer_id,
        subject=new.read.mail.subject[:_LONGEST_SUBJECT],
        last_message_at=new.at,
        assigned_to_user_id=new.account["assigned_to_user_id"],
        is_spam=new.is_spam,
        related_thread_id=place.related_thread_id,
    )


def _thread_of_known(row: Row, thread_id: UUID) -> NewThread:
    return NewThread(
        id=thread_id,
        organization_id=row["organization_id"],
        customer_id=row["customer_id"],
        subject=row["subject"][:_LONGEST_SUBJECT],
        last_message_at=row["occurred_at"],
        is_spam=row["is_spam"],
    )


def _thread_news(mails: Sequence[NewMail], placement: Placement) -> list[ThreadNews]:
    by_thread: dict[UUID, list[NewMail]] = {}
    for new in mails:
        by_thread.setdefault(placement.places[new.id].thread_id, []).append(new)
    return [
        ThreadNews(
            thread_id=thread_id,
            at=max(new.at for new in added),
            reopens=any(not (new.is_spam or new.is_quiet) for new in added),
            clears_spam=any(not new.is_spam for new in added),
        )
        for thread_id, added in by_thread.items()
    ]
