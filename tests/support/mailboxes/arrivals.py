"""Mails that arrive at a mailbox, handed to filing as the synchronization hands them over."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from banxway.services.email_sync.filing.transaction import BatchFiled
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.mailbox_messages import UnfiledMail
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
ASHA = "asha@customer.example"
RAVI = "ravi@customer.example"
BINA = "bina@elsewhere.example"
MALLORY = "mallory@evil.example"


@dataclass(frozen=True)
class Letter:
    """One mail. `day` is when the server got it; `proven` what the server says of its sender (None: nothing)."""

    text: str
    sender: str = ASHA
    to: Sequence[str] = (SUPPORT,)
    cc: Sequence[str] = ()
    subject: str = "Parcel 4711"
    mail_id: str | None = None
    references: Sequence[str] = ()
    day: float = 0.0
    proven: bool | None = None
    role: str = "inbox"
    is_seen: bool = False
    headers: Sequence[str] = field(default=())
    body: str | None = None

    @property
    def raw(self) -> bytes:
        """The mail as it lies on the server."""
        lines = [f"From: {self.sender}", f"To: {', '.join(self.to)}", f"Subject: {self.subject}"]
        if self.cc:
            lines.append(f"Cc: {', '.join(self.cc)}")
        if self.mail_id:
            lines.append(f"Message-ID: <{self.mail_id}>")
        if self.references:
            lines.append("References: " + " ".join(f"<{one}>" for one in self.references))
        if self.proven is not None:
            verdict = "pass" if self.proven else "fail"
            domain = self.sender.rpartition("@")[2].strip(">")
            lines.insert(0, f"Authentication-Results: mx.example; dmarc={verdict} header.from={domain}")
        lines += [*self.headers]
        if self.body is None:
            lines += ["Content-Type: text/plain; charset=utf-8", "", self.text, ""]
        else:
            lines += [self.body]
        return "\r\n".join(lines).encode()


class Arrivals:
    """A mailbox of an organization, and what is made of what arrives there."""

    def __init__(self, product: Product, organization: Organization, email: str = SUPPORT) -> None:
        self.product = product
        self.organization = organization
        self.email = email
        self.account_id = product.add_mailbox(organization, email)
        self._uid = 0

    def file(self, *letters: Letter, at_once: int = 200) -> BatchFiled:
        """File mails in this order, in batches of a size."""
        filed = BatchFiled()
        for first in range(0, len(letters), at_once):
            rows = [self._stored(letter) for letter in letters[first : first + at_once]]
            filed += self.product.app.email_sync.filing.file_batch(self.account, rows)
        return filed

    @property
    def account(self) -> AccountRow:
        """The mailbox."""
        return self.product.account(self.account_id)

    def _stored(self, letter: Letter) -> UnfiledMail:
        self._uid += 1
        # The rows of mailbox_messages themselves are the synchronization's; filing is handed what they say.
        return UnfiledMail(
            organization_id=self.organization.id,
            account_id=self.account_id,
            folder=letter.role.title(),
            uid_validity=1,
            uid=self._uid,
            size_bytes=len(letter.raw),
            raw_blob=f"{self.organization.id}/{hashlib.sha256(letter.raw).hexdigest()}",
            header_blob=None,
            raw=letter.raw,
            role=letter.role,
            internal_date=START + timedelta(days=letter.day),
            is_seen=letter.is_seen,
            created_at=START,
            announced_bytes=None,
        )

    def messages(self) -> list[dict[str, Any]]:
        """Every mail of the organization, in the order of arrival at the server."""
        return self.product.database.rows(
            "SELECT * FROM messages WHERE organization_id = %s ORDER BY occurred_at, created_at",
            (self.organization.id,),
        )

    def message(self, text: str) -> dict[str, Any]:
        """The mail of this text."""
        (found,) = [message for message in self.messages() if message["body_text"].strip() == text]
        return found

    def threads(self) -> list[set[str]]:
        """The texts of the mails of each thread, the thread with the earliest mail first."""
        found: dict[UUID, set[str]] = {}
        for message in self.messages():
            found.setdefault(message["thread_id"], set()).add(message["body_text"].strip())
        return list(found.values())

    def thread(self, thread_id: UUID) -> dict[str, Any]:
        """A thread's row."""
        (row,) = self.product.database.rows("SELECT * FROM threads WHERE id = %s", (thread_id,))
        return row

    def news(self) -> list[tuple[str, UUID | None]]:
        """The changes that browsers follow, in order: kind and thread."""
        rows = self.product.database.rows(
            "SELECT kind, thread_id FROM changes WHERE organization_id = %s ORDER BY sequence",
            (self.organization.id,),
        )
        return [(row["kind"], row["thread_id"]) for row in rows]


def partition(threads: Iterable[Iterable[str]]) -> set[frozenset[str]]:
    """Threads without regard to their order."""
    return {frozenset(thread) for thread in threads}
