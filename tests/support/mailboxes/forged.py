"""Mails from senders that somebody made up, filed by the thousand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from banxway.models.mail import Address, MailOrigin, ParsedMail
from banxway.models.messages.statuses import MessageStatus
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage.email_sync.mailbox_messages import UnfiledMail
from banxway.storage.messages.rows import NewMessageRow
from tests.support.mailboxes.filed import Post
from tests.support.product.builders import SUPPORT
from tests.support.product.stored import row_of

Sender = tuple[str, str | None]
"""Who wrote a mail, as it says, and its envelope's sender."""


def flood(post: Post, senders: Sequence[Sender]) -> None:
    """Let a mail arrive from each, in batches as a poll files them."""
    app = post.product.app
    thread = post.product.add_thread(post.organization, phone=None)
    (row,) = post.product.database.rows("SELECT customer_id FROM threads WHERE id = %s", (thread,))
    for start in range(0, len(senders), 200):
        mails = [
            _forged(post, row["customer_id"], thread, author, envelope)
            for author, envelope in senders[start : start + 200]
        ]
        with app.infrastructure.database.organization(post.organization.id) as transaction:
            account = post.product.account(post.account)
            app.email_sync.automation.apply(transaction, account=account, mails=mails)


def victims(count: int) -> list[Sender]:
    """Return forged mails: half with a forged author, half with a forged envelope. Each victim is named twice."""
    half = count // 2
    by_author: list[Sender] = [
        (f"victim{number % (half // 2)}@site{number % (half // 10)}.example", None) for number in range(half)
    ]
    by_envelope: list[Sender] = [
        (
            f"{uuid4().hex[:8]}@other{number % 900}.example",
            f"victim{number % (half // 2)}@target{number % 7}.example",
        )
        for number in range(half)
    ]
    return by_author + by_envelope


def _forged(post: Post, customer: UUID, thread: UUID, author: str, envelope: str | None) -> FiledMail:
    now = datetime.now(UTC)
    message = NewMessageRow(
        id=uuid4(), organization_id=post.organization.id, thread_id=thread, customer_id=customer,
        channel="EMAIL", direction="inbound", status=MessageStatus.RECEIVED, sender=author,
        recipient=SUPPORT, occurred_at=now, join_rule="new", subject="Hello", email_account_id=post.account,
    )  # fmt: skip
    mail = ParsedMail(
        message_id=f"{uuid4()}@forged.example", in_reply_to=None, references=(), subject="Hello",
        sender=Address(author), reply_to=None, to=(Address(SUPPORT),), cc=(), sent_at=now, text="Hello",
        html=None, attachments=(), origin=MailOrigin.HUMAN, return_path=envelope,
    )  # fmt: skip
    return FiledMail(
        message, mail, row_of(UnfiledMail, role="inbox"), message.thread_id, started_thread=False
    )
