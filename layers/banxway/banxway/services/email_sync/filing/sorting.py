"""Sorts stored mails into new mails, mails filed before, and our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from banxway.ids import NewId
from banxway.models.mail import FolderRole
from banxway.models.messages.statuses import MessageStatus
from banxway.services.customers.relays import MailRelays
from banxway.services.email_sync.filing import row as mail_rows
from banxway.services.email_sync.filing.reader import ReadMail
from banxway.services.email_sync.filing.row import NewMail
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.mailbox_messages import UnfiledMail
from banxway.storage.messages import filed as filed_messages
from banxway.storage.messages import ledger
from banxway.storage.messages.filed import KnownMail, OwnMail
from banxway.storage.realtime.changes import PendingChange


@dataclass(slots=True)
class Batch:
    """The mails of one transaction, sorted by what they are, and the changes to record.

    `own` are the addresses of our mailboxes. `ours_after_all` are messages stored as inbound that prove to be ours.
    `filed` is what each stored mail became: the id of a message.
    """

    account: AccountRow
    own: frozenset[str]
    now: datetime
    new: list[NewMail] = field(default_factory=list)
    repeated: list[tuple[UnfiledMail, KnownMail]] = field(default_factory=list)
    proven_sent: list[tuple[UnfiledMail, OwnMail]] = field(default_factory=list)
    copies: list[tuple[UnfiledMail, UUID]] = field(default_factory=list)
    ours_after_all: list[tuple[NewMail, KnownMail]] = field(default_factory=list)
    filed: list[tuple[UnfiledMail, UUID]] = field(default_factory=list)
    pending: list[PendingChange] = field(default_factory=list)
    aliases: list[tuple[str, UUID]] = field(default_factory=list)

    _added: dict[str, NewMail] = field(default_factory=dict)

    def add(self, new: NewMail, *, of_ours: OwnMail | None, known: KnownMail | None) -> None:
        """Add one mail: `of_ours` is our own message that it is or names, `known` the message that it already is."""
        mail = new.read
        if of_ours and new.is_ours:
            self.proven_sent.append((mail.stored, of_ours))
            self._note_alias(mail.mail.message_id, of_ours)
        elif of_ours and _is_copy(mail, of_ours):
            self.copies.append((mail.stored, of_ours.id))
        elif known:
            self.repeated.append((mail.stored, known))
            if new.is_ours and known.direction == "inbound":
                self.ours_after_all.append((new, known))
        elif mail.identity in self._added:
            self.filed.append((mail.stored, self._added[mail.identity].id))
        else:
            self._added[mail.identity] = new

    def finish(self, mails: Sequence[ReadMail]) -> None:
        """Put the new mails into the order of `mails`, and list the message that every stored mail became."""
        identities = dict.fromkeys(mail.identity for mail in mails)
        self.new = [self._added[identity] for identity in identities if identity in self._added]
        self.filed += [(new.read.stored, new.id) for new in self.new]
        self.filed += [(stored, known.id) for stored, known in self.repeated]
        self.filed += [(stored, ours.id) for stored, ours in self.proven_sent]
        self.filed += self.copies

    def _note_alias(self, mail_id: str | None, row: OwnMail) -> None:
        if mail_id and mail_id != row.mail_message_id:
            self.aliases.append((mail_id, row.id))


class MailSorting:
    """Sorts batches of mails."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id
        self._relays = MailRelays(new_id=new_id)

    def sort(
        self,
        transaction: Transaction,
        account: AccountRow,
        mails: Sequence[ReadMail],
        *,
        own: frozenset[str],
        now: datetime,
    ) -> Batch:
        """Return the mails sorted by what the database knows of them; writes only what it learns of relays."""
        batch = Batch(account, own, now)
        known = filed_messages.find_by_identities(transaction, {mail.identity for mail in mails})
        ours = filed_messages.find_own(transaction, mail_rows.ids_named_by(mails))
        marked = filed_messages.find_own_by_id(transaction, filter(None, map(mail_rows.mark_of, mails)))
        relays = self._relays.learn(transaction, account.organization_id, mails, own)
        # Mails in Sent come first, so that a mail from one of our mailboxes to another counts as our own.
        for mail in sorted(mails, key=lambda mail: mail.stored.role != FolderRole.SENT):
            of_ours = ours.get(mail.mail.message_id or "") or _marked(mail, marked)
            new = mail_rows.new_mail(
                self._new_id(), mail, account, own=own, relays=relays, ours=ours, now=now
            )
            batch.add(new, of_ours=of_ours, known=known.get(mail.identity))
        batch.finish(mails)
        return batch


def record_known(transaction: Transaction, batch: Batch) -> None:
    """Record what another copy of a known mail shows: that it was sent, was read, entered Junk or left it."""
    for _, row in batch.proven_sent:
        if ledger.settle(transaction, message_id=row.id, outcome=MessageStatus.SENT):
            batch.pending.append(PendingChange("message.status", row.thread_id, row.id))
    seen = [row.id for stored, row in batch.repeated if stored.is_seen]
    junk = [row.id for stored, row in batch.repeated if stored.role == FolderRole.JUNK]
    shown = [
        row.id
        for stored, row in batch.repeated
        if row.is_spam and stored.role not in (FolderRole.JUNK, FolderRole.TRASH)
    ]
    if seen:
        filed_messages.mark_seen(transaction, seen)
    changed = []
    if junk:
        changed += filed_messages.mark_spam(transaction, junk, account_id=batch.account.id)
    if shown:
        changed += filed_messages.mark_not_spam(transaction, shown)
    batch.pending += [
        PendingChange("thread.updated", thread_id, None) for thread_id in dict.fromkeys(changed)
    ]


def _marked(mail: ReadMail, marked: Mapping[UUID, OwnMail]) -> OwnMail | None:
    """Return our message that a copy in Sent names in our own header, since its Message-ID was replaced; or None.

    Anybody may write that header; only mail in the Sent folder is ours.
    """
    mark = mail_rows.mark_of(mail)
    return marked.get(mark) if mark and mail.stored.role == FolderRole.SENT else None


def _is_copy(mail: ReadMail, ours: OwnMail) -> bool:
    """Return whether an inbound mail is one that we sent to another mailbox of ours.

    Every recipient knows a Message-ID, so sender, subject and text must be equal, too.
    """
    sender = mail.mail.sender.email if mail.mail.sender else ""
    return bool(
        sender == ours.sender
        and mail.mail.subject.split() == ours.subject.split()
        and mail.mail.text.split() == ours.body_text.split()
    )
