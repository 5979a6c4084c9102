"""Stored mail on its way into threads: parse, find the customer, find the thread, file once.

A mail that cannot be read, or was too large to fetch, is filed all the same, as a visible stub that says
why. Nothing here blocks the mail behind it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from banxway.errors import DecryptionFailed, NotFound
from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.mail import Address, MailOrigin, ParsedMail
from banxway.models.statuses import MessageStatus
from banxway.services import timeline
from banxway.storage import customers, mailbox_messages, messages, threads
from banxway.storage.blobs import BlobStore
from banxway.storage.database import Database, Row, Transaction
from banxway.storage.messages import MessageRow

# PostgreSQL text can hold 1 GB, and nobody reads more than this in a timeline; the raw mail keeps it all.
_LONGEST_TEXT = 1_000_000
_NOBODY = Address(email="unknown@invalid", name="Unknown sender")


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a stored mail."""

    is_new: bool
    started_thread: bool


@dataclass(frozen=True, slots=True)
class _Place:
    thread_id: UUID
    customer_id: UUID
    rule: str
    evidence: str
    is_new: bool = False


class MailFiling:
    """Files stored mail."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        parse: Callable[[bytes], ParsedMail],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._parse = parse
        self._new_id = new_id

    def file(self, *, account: Row, stored: Row) -> Filed:
        """Make a message of a stored mail, in one transaction. The same mail again joins the first."""
        organization_id = account["organization_id"]
        mail, identity = self._read(account, stored)
        # Contents go to the blob store before the rows that name them; one left over by a crash is found by
        # its hash again.
        keys = [self._blobs().put(organization_id, attachment.content) for attachment in mail.attachments]
        with self._database.organization(organization_id) as transaction:
            known = messages.find_by_identity(transaction, channel="EMAIL", identity=identity)
            if known is not None:
                mailbox_messages.mark_filed(
                    transaction, account_id=account["id"], row=stored, message_id=known
                )
                return Filed(is_new=False, started_thread=False)
            return self._add(transaction, account, stored, mail, identity, keys)

    def _read(self, account: Row, stored: Row) -> tuple[ParsedMail, str]:
        if not stored["raw_blob"]:
            megabytes = f"{stored['size_bytes'] / 1_000_000:.0f} MB"
            return _stub(
                account,
                stored,
                f"A mail of {megabytes}",
                f"Larger than the 50 MB limit ({megabytes}), not fetched",
            )
        try:
            raw = self._blobs().get(account["organization_id"], stored["raw_blob"])
        except (NotFound, DecryptionFailed) as error:
            return _stub(account, stored, "A mail whose stored bytes cannot be read", error.message)
        try:
            mail = self._parse(raw)
        except Exception as error:  # noqa: BLE001  # it promises never to raise; else one mail would stop all behind it
            get_logger().error(
                "a mail could not be parsed", blob=stored["raw_blob"], error=type(error).__name__
            )
            return _stub(account, stored, "A mail that cannot be read here", "Reading it failed")
        return mail, _identity_of(mail, raw)

    def _add(
        self,
        transaction: Transaction,
        account: Row,
        stored: Row,
        mail: ParsedMail,
        identity: str,
        keys: list[str],
    ) -> Filed:
        organization_id = account["organization_id"]
        arrived_at = stored["internal_date"] or stored["created_at"]
        place = self._place(transaction, organization_id, mail, arrived_at)
        row = self._row(account, stored, mail, identity, place, arrived_at)
        people = {row.sender, account["email"], *(address.email for address in (*mail.to, *mail.cc))}
        if not timeline.append(transaction, row, participants=people):
            # A twin was filed between our look and our insert; the next look joins this copy to it.
            return Filed(is_new=False, started_thread=False)
        self._attach(transaction, row, mail, keys)
        mailbox_messages.mark_filed(transaction, account_id=account["id"], row=stored, message_id=row.id)
        return Filed(is_new=True, started_thread=place.is_new)

    def _attach(self, transaction: Transaction, row: MessageRow, mail: ParsedMail, keys: list[str]) -> None:
        for position, (attachment, key) in enumerate(zip(mail.attachments, keys, strict=True)):
            messages.add_attachment(
                transaction,
                attachment_id=self._new_id(),
                organization_id=row.organization_id,
                message_id=row.id,
                filename=_storable(attachment.filename),
                content_type=attachment.content_type,
                size_bytes=len(attachment.content),
                blob_key=key,
                content_id=attachment.content_id,
                is_inline=attachment.is_inline,
                position=position,
            )

    def _place(
        self, transaction: Transaction, organization_id: UUID, mail: ParsedMail, at: datetime
    ) -> _Place:
        """Find the thread by evidence: what the mail refers to, written by somebody who took part.

        Neither the subject nor the sender's address alone joins anything: both are typed by the sender.
        """
        sender = mail.sender or _NOBODY
        references = [*mail.references, *([mail.in_reply_to] if mail.in_reply_to else [])]
        customer_id = customers.find_or_add(
            transaction,
            new_id=self._new_id(),
            organization_id=organization_id,
            kind="email",
            address=sender.email,
            name=_storable(sender.name) or sender.email,
        )
        customers.lock(transaction, customer_id)
        joined = threads.find_by_mail_ids(
            transaction, message_id=mail.message_id, references=references, participant=sender.email
        )
        if joined:
            return _Place(joined["thread_id"], joined["customer_id"], "references", joined["evidence"])
        thread_id = self._new_id()
        threads.add(
            transaction,
            thread_id=thread_id,
            organization_id=organization_id,
            customer_id=customer_id,
            subject=_storable(mail.subject)[:500],
            started_at=at,
        )
        return _Place(thread_id, customer_id, "new", "", is_new=True)

    def _row(
        self, account: Row, stored: Row, mail: ParsedMail, identity: str, place: _Place, arrived_at: datetime
    ) -> MessageRow:
        problems = list(mail.problems)
        text = _storable(mail.text)
        if len(text) > _LONGEST_TEXT:
            problems.append("The text is cut here; the stored original holds all of it")
        return MessageRow(
            id=self._new_id(),
            organization_id=account["organization_id"],
            thread_id=place.thread_id,
            customer_id=place.customer_id,
            channel="EMAIL",
            direction="inbound",
            status=MessageStatus.RECEIVED,
            sender=(mail.sender or _NOBODY).email,
            recipient=account["email"],
            subject=_storable(mail.subject),
            body_text=text[:_LONGEST_TEXT],
            body_html=_storable(mail.html)[:_LONGEST_TEXT] if mail.html else None,
            email_account_id=account["id"],
            mail_message_id=mail.message_id,
            mail_in_reply_to=mail.in_reply_to,
            mail_references=[
                *dict.fromkeys((*mail.references, *([mail.in_reply_to] if mail.in_reply_to else [])))
            ],
            mail_origin=mail.origin,
            raw_blob=stored["raw_blob"],
            problems=problems,
            identity=identity,
            occurred_at=arrived_at,
            join_rule=place.rule,
            join_evidence=place.evidence,
        )


def _identity_of(mail: ParsedMail, raw: bytes) -> str:
    """Tell a mail from every other, alike in each mailbox that it was delivered to.

    Message-IDs are missing or reused often enough that they cannot do it alone: so the readable content
    counts too, which no relay changes. Without an id only equal bytes are the same mail.
    """
    if not mail.message_id:
        return "raw:" + hashlib.sha256(raw).hexdigest()
    digest = hashlib.sha256()
    sender = mail.sender.email if mail.sender else ""
    sent_at = mail.sent_at.isoformat() if mail.sent_at else ""
    for part in (mail.message_id, sender, sent_at, mail.subject, mail.text):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    for attachment in mail.attachments:
        digest.update(attachment.sha256.encode())
    return "mail:" + digest.hexdigest()


def _stub(account: Row, stored: Row, subject: str, problem: str) -> tuple[ParsedMail, str]:
    """Make something visible of a mail that cannot be read here."""
    mail = ParsedMail(
        message_id=None,
        in_reply_to=None,
        references=(),
        subject=subject,
        sender=None,
        reply_to=None,
        to=(),
        cc=(),
        sent_at=None,
        text="",
        html=None,
        attachments=(),
        origin=MailOrigin.HUMAN,
        problems=(f"{problem}: read it in the mailbox itself",),
    )
    return mail, f"stub:{account['id']}:{stored['folder']}:{stored['uid_validity']}:{stored['uid']}"


def _storable(text: str) -> str:
    """Drop what PostgreSQL text cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
