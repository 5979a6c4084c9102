"""Parses stored mails: their content, the identity that distinguishes each, and the keys of its attachments.

A mail that cannot be read, or could not be fetched, becomes a visible stub that says why.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from banxway.errors import DecryptionFailed, NotFound
from banxway.log import get_logger
from banxway.models.mail import LARGEST_MAIL, MailOrigin, ParsedMail
from banxway.storage.blobs.store import BlobStore
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.mailbox_messages import UnfiledMail


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A stored mail and what was parsed of it.

    `identity` is equal for copies of one mail. `attachment_keys` name the stored contents of its attachments, in
    order.
    """

    stored: UnfiledMail
    mail: ParsedMail
    identity: str
    attachment_keys: tuple[str, ...] = ()


class MailReading:
    """Reads stored mail."""

    def __init__(
        self,
        *,
        blobs: Callable[[], BlobStore],
        parse: Callable[[bytes], ParsedMail],
        parse_header: Callable[[bytes], ParsedMail],
    ) -> None:
        self._blobs = blobs
        self._parse = parse
        self._parse_header = parse_header

    def read(self, account: AccountRow, stored: Sequence[UnfiledMail]) -> list[ReadMail]:
        """Parse mails and store their attachments, before any row names them; never raises because of a mail."""
        mails = [self._read(account, row) for row in stored]
        contents = [attachment.content for read in mails for attachment in read.mail.attachments]
        keys = iter(self._blobs().put_many(account.organization_id, contents) if contents else ())
        return [
            replace(read, attachment_keys=tuple(next(keys) for _ in read.mail.attachments)) for read in mails
        ]

    def _read(self, account: AccountRow, stored: UnfiledMail) -> ReadMail:
        if not stored.raw_blob:
            return self._unfetched(account, stored)
        try:
            raw = stored.raw or self._blobs().get(account.organization_id, stored.raw_blob)
        except (NotFound, DecryptionFailed) as error:
            return stub(
                account, stored, subject="A mail whose stored bytes cannot be read", problem=error.message
            )
        try:
            mail = self._parse(raw)
        except Exception as error:  # noqa: BLE001  # it promises never to raise; else one mail would stop all behind it
            get_logger().error("a mail could not be parsed", blob=stored.raw_blob, error=type(error).__name__)
            return unreadable(account, stored)
        if (announced := stored.announced_bytes) is not None:
            problem = (
                f"The mail server announced {announced} bytes and gave {len(raw)}, each time it was asked: part of "
                "the mail may be missing; read it in the mailbox itself"
            )
            mail = replace(mail, problems=(problem, *mail.problems))
        return ReadMail(stored, mail, _identity_of(mail, raw))

    def _unfetched(self, account: AccountRow, stored: UnfiledMail) -> ReadMail:
        size = _shown_size(stored.size_bytes)
        header_blob = stored.header_blob
        try:
            raw = self._blobs().get(account.organization_id, header_blob) if header_blob else b""
            mail = self._parse_header(raw) if raw else None
        except Exception as error:  # noqa: BLE001  # the stub without its header is visible, too
            get_logger().error("a header could not be read", blob=header_blob, error=type(error).__name__)
            mail = None
        if stored.size_bytes > LARGEST_MAIL:
            problem = f"Larger than the 50 MB limit ({size}), not fetched"
        elif stored.announced_bytes is not None:
            problem = f"The mail server announced {stored.announced_bytes} bytes and gave none"
        else:
            problem = f"The mail server breaks off whenever this mail ({size}) is fetched"
        if mail is None:
            return stub(account, stored, subject=f"A mail of {size}", problem=problem)
        # A header names one mail of one mailbox, whatever UID it has today.
        identity = f"header:{account.id}:{hashlib.sha256(raw).hexdigest()}"
        shown = replace(
            mail,
            subject=mail.subject or f"A mail of {size}",
            problems=(f"{problem}: read it in the mailbox itself", *mail.problems),
        )
        return ReadMail(stored, shown, identity)


def unreadable(account: AccountRow, stored: UnfiledMail) -> ReadMail:
    """Return the stub of a mail that could be neither parsed nor filed."""
    return stub(account, stored, subject="A mail that cannot be read here", problem="Reading it failed")


def stub(account: AccountRow, stored: UnfiledMail, *, subject: str, problem: str) -> ReadMail:
    """Return a stub that shows a mail that cannot be read here, with the problem."""
    mail = ParsedMail(
        message_id=None,
        in_reply_to=None,
        references=(),
        subject=subject,
        sender=None,
        reply_to=(),
        to=(),
        cc=(),
        sent_at=None,
        text="",
        html=None,
        attachments=(),
        origin=MailOrigin.HUMAN,
        problems=(f"{problem}: read it in the mailbox itself",),
    )
    source = stored.raw_blob or f"{stored.folder}:{stored.uid_validity}:{stored.uid}"
    identity = f"stub:{account.id}:{source}"
    return ReadMail(stored, mail, identity)


def _shown_size(size_bytes: int) -> str:
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1_000))} KB"
    return f"{size_bytes / 1_000_000:.0f} MB"


def _identity_of(mail: ParsedMail, raw: bytes) -> str:
    """Return the identity of a mail: equal in each mailbox that it was delivered to, different for any other mail.

    Message-IDs are missing or reused too often to suffice: the readable content counts too, since no relay changes
    it. Without a Message-ID only equal bytes are the same mail.
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
