"""Files mails without a poll or a mailbox, over real rows, for tests of what then happens automatically."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid4

from banxway.models.messages.statuses import MessageStatus
from banxway.providers.mail.parse import parser
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.mailbox_messages import UnfiledMail
from banxway.storage.messages import filed as filed_messages
from banxway.storage.messages import messages
from banxway.storage.messages.filed import NewAttachmentRow
from banxway.storage.messages.rows import NewMessageRow
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product
from tests.support.product.stored import row_of

ASHA = "asha@customer.example"


def a_letter(
    text: str = "Where is my parcel?",
    *,
    subject: str = "Parcel",
    sender: str = f"Asha <{ASHA}>",
    to: str = SUPPORT,
    headers: Sequence[str] = (),
    sent: timedelta = timedelta(0),
) -> bytes:
    """One mail of a person, written now or some time ago, with an id of its own."""
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {format_datetime(datetime.now(UTC) - sent)}",
        f"Message-ID: <{uuid4()}@customer.example>",
        *headers,
        *([] if any(line.lower().startswith("content-type") for line in headers) else [_PLAIN]),
        "",
        text,
    ]
    return "\r\n".join(lines).encode()


_PLAIN = "Content-Type: text/plain; charset=utf-8"


class Post:
    """Files mails into one mailbox of an organization and lets the automation act on them."""

    def __init__(self, product: Product, organization: Organization, account: UUID) -> None:
        self.product = product
        self.organization = organization
        self.account = account

    def arrives(
        self,
        *raws: bytes,
        ago: timedelta = timedelta(0),
        role: str = "inbox",
        assigned_to: UUID | None = None,
        starts_threads: bool = True,
    ) -> list[UUID]:
        """File mails that arrived now, or some time ago, in one batch; return the queued messages' ids."""
        app = self.product.app
        with app.infrastructure.database.organization(self.organization.id) as transaction:
            account = self.product.account(self.account)
            mails = [
                replace(self._filed(transaction, account, raw, ago, role), started_thread=starts_threads)
                for raw in raws
            ]
            if assigned_to:
                transaction.execute(
                    "UPDATE threads SET assigned_to_user_id = %s WHERE id = ANY(%s)",
                    (assigned_to, [mail.thread_id for mail in mails]),
                )
            return app.email_sync.automation.apply(transaction, account=account, mails=mails)

    def _filed(
        self, transaction: Any, account: AccountRow, raw: bytes, ago: timedelta, role: str
    ) -> FiledMail:
        parsed = parser.parse(raw)
        sender = parsed.sender.email if parsed.sender else "unknown@invalid"
        thread = self.product.add_thread(self.organization, phone=None)
        (row,) = self.product.database.rows("SELECT customer_id FROM threads WHERE id = %s", (thread,))
        message = NewMessageRow(
            id=uuid4(),
            organization_id=self.organization.id,
            thread_id=thread,
            customer_id=row["customer_id"],
            channel="EMAIL",
            direction="outbound" if role == "sent" else "inbound",
            status=MessageStatus.RECEIVED,
            sender=sender,
            recipient=account.email,
            occurred_at=datetime.now(UTC) - ago,
            join_rule="new",
            subject=parsed.subject,
            body_text=parsed.text,
            body_html=parsed.html,
            email_account_id=account.id,
            mail_message_id=parsed.message_id,
            mail_references=list(parsed.references),
            mail_origin=parsed.origin,
            mail_to=[address.email for address in parsed.to],
            mail_cc=[address.email for address in parsed.cc],
            raw_blob=self.product.app.infrastructure.blobs.put(self.organization.id, raw),
        )
        messages.add(transaction, message)
        attachments = [
            NewAttachmentRow(
                id=uuid4(),
                organization_id=self.organization.id,
                message_id=message.id,
                filename=attachment.filename,
                content_type=attachment.content_type,
                size_bytes=len(attachment.content),
                blob_key=f"{self.organization.id}/{attachment.sha256}",
                content_id=attachment.content_id,
                is_inline=attachment.is_inline,
                position=position,
            )
            for position, attachment in enumerate(parsed.attachments)
        ]
        filed_messages.add_attachments(transaction, attachments)
        return FiledMail(message, parsed, row_of(UnfiledMail, role=role), thread, started_thread=True)

    # ── what was set ─────────────────────────────────────────────────────────────────────────

    def is_away(self, account: UUID | None = None, **columns: Any) -> None:
        """Switch a mailbox's vacation responder on, as if that had been an hour ago."""
        values = {
            "account_id": account or self.account,
            "organization_id": self.organization.id,
            "is_active": True,
            "content_text": "We are away until Monday.",
            "activated_at": datetime.now(UTC) - timedelta(hours=1),
        } | columns
        places = ", ".join(["%s"] * len(values))
        self.product.database.rows(
            f"INSERT INTO vacation_responders ({', '.join(values)}) VALUES ({places})", tuple(values.values())
        )

    def has_rule(self, *actions: dict[str, Any], name: str = "Rule", **changes: Any) -> UUID:
        """Save a rule as a manager would, as if that had been an hour ago; without conditions it always fires."""
        from banxway.models.email_rules.rules import NewEmailRule

        actor = self.product.actor(self.organization, "manager")
        rule = NewEmailRule(**({"name": name, "actions": list(actions)} | changes))
        saved = self.product.app.email_rules.rules.create(actor=actor, rule=rule)
        self.product.database.rows(
            "UPDATE email_rules SET activated_at = now() - interval '1 hour' WHERE id = %s", (saved.id,)
        )
        return saved.id

    # ── what came of it ──────────────────────────────────────────────────────────────────────

    def automatic(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the automatic mails that were queued, oldest first."""
        return self.product.database.rows(
            """SELECT * FROM messages WHERE automatic IS NOT NULL AND (%s::text IS NULL OR automatic = %s)
               AND organization_id = %s ORDER BY created_at""",
            (kind, kind, self.organization.id),
        )

    def traces(self) -> list[dict[str, Any]]:
        """Return the traces of rules, oldest first."""
        return self.product.database.rows(
            "SELECT * FROM email_rule_traces WHERE organization_id = %s ORDER BY created_at",
            (self.organization.id,),
        )

    def threads(self) -> list[dict[str, Any]]:
        """Return the threads, oldest first."""
        return self.product.database.rows(
            "SELECT * FROM threads WHERE organization_id = %s ORDER BY created_at", (self.organization.id,)
        )
