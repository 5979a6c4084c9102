"""What tests of services begin with: the product's services over a real database, and rows already there.

A Product is one process of it, wired by the product's own app.py: real database, blobs in a folder, fakes
behind the providers, and lists where queues would be. `twin` is a second process of the same deployment.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from banxway.app import App
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.models.actors import Actor
from banxway.models.email_accounts.accounts import PollResult
from banxway.models.queue_items import CallbackReceived, DueMailbox, MailboxesDue, QueueItem, queues
from banxway.settings import Settings
from banxway.storage.email_accounts import AccountRow
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.product.fakes import FakeFrames, FakeProviders, RecordingQueue

BUSINESS = "+918047100100"
CUSTOMER = "+919876543210"
SUPPORT = "support@yourdomain.com"
CUSTOMER_MAIL = "asha@customer.example"
MASTER_KEY = "b" * 43 + "="


class Product:
    """One process of the product."""

    def __init__(
        self,
        database: TestDatabase,
        folder: Path,
        *,
        like: "Product | None" = None,
        clock: Clock = SYSTEM_CLOCK,
        **changes: Any,
    ) -> None:
        self.database = database
        self.folder = folder
        self.providers = like.providers if like else FakeProviders()
        self.frames = like.frames if like else FakeFrames()
        self.queues: dict[str, Any] = like.queues if like else {name: RecordingQueue() for name in queues()}
        self.app = App(_settings(database, folder, changes))
        self.app.infrastructure.clock = clock
        self.app.infrastructure.providers = self.providers.providers()
        self.app.infrastructure.frames = self.frames
        vars(self.app.infrastructure).update(enqueue=self._enqueue)

    def _enqueue(self, item: QueueItem, delay_s: int = 0) -> None:
        self.queues[item.queue](item, delay_s)

    def twin(self, *, clock: Clock = SYSTEM_CLOCK, **changes: Any) -> "Product":
        """Return another process of the same deployment; the caller closes it."""
        return Product(self.database, self.folder, like=self, clock=clock, **changes)

    def close(self) -> None:
        if "sync" in vars(self.app.email_sync):
            self.app.email_sync.sync.close()
        self.app.infrastructure.database.close()

    # ── rows ─────────────────────────────────────────────────────────────────────────────────

    def actor(self, organization: Organization, role: str = "agent") -> Actor:
        """Return a user as their row says."""
        actor = self.app.infrastructure.database.sign_in(str(getattr(organization, role)))
        self.app.infrastructure.database.release()
        return actor

    def add_whatsapp(self, organization: Organization, *, number: str = BUSINESS) -> UUID:
        """Add a WhatsApp integration with sealed credentials; returns its id."""
        return self._add_integration(organization, "exotel_whatsapp", {"whatsapp_number": number})

    def _add_integration(self, organization: Organization, kind: str, settings: dict[str, Any]) -> UUID:
        integration = uuid4()
        sealed = self.app.integrations.credentials.seal(
            {"account_sid": "acme1", "api_key": "key-of-acme", "api_token": "token-of-acme"},
            organization_id=organization.id,
            table="integration_credentials",
            row_id=integration,
        )
        self.database.rows(
            """INSERT INTO integration_credentials
                   (id, organization_id, integration_type, credentials_encrypted, is_verified)
               VALUES (%s, %s, %s, %s, true)""",
            (integration, organization.id, kind, sealed),
        )
        self.database.rows(
            "INSERT INTO integration_settings (organization_id, integration_id, settings) VALUES (%s, %s, %s)",
            (organization.id, integration, json.dumps(settings)),
        )
        return integration

    def add_mailbox(
        self,
        organization: Organization,
        email: str = SUPPORT,
        *,
        imap_password: str = "imap-secret",
        **columns: Any,
    ) -> UUID:
        """Add a mailbox with sealed passwords; its login name is its address. Returns its id."""
        account = uuid4()
        sealed = self.app.integrations.credentials.seal(
            {"smtp_password": "smtp-secret", "imap_password": imap_password},
            organization_id=organization.id,
            table="email_accounts",
            row_id=account,
        )
        values: dict[str, Any] = {
            "id": account,
            "organization_id": organization.id,
            "name": "Support",
            "email": email,
            "smtp_host": "smtp.example.com",
            "smtp_port": 587,
            "smtp_user": email,
            "imap_host": "imap.example.com",
            "imap_port": 993,
            "imap_user": email,
            "credentials_encrypted": sealed,
            "is_verified": True,
        } | columns
        self._insert("email_accounts", values)
        return account

    def add_thread(
        self, organization: Organization, *, phone: str | None = CUSTOMER, email: str | None = None
    ) -> UUID:
        """Add a customer with these addresses and a thread with them; returns the thread's id."""
        customer, thread = uuid4(), uuid4()
        self._insert("customers", {"id": customer, "organization_id": organization.id, "name": "Asha"})
        for kind, address in (("phone", phone), ("email", email)):
            if address:
                self._insert(
                    "customer_addresses",
                    {
                        "organization_id": organization.id,
                        "customer_id": customer,
                        "kind": kind,
                        "address": address,
                        "linked_by": "inbound",
                    },
                )
        self._insert(
            "threads",
            {
                "id": thread,
                "organization_id": organization.id,
                "customer_id": customer,
                "subject": "Parcel",
                "last_message_at": datetime.now(UTC),
            },
        )
        return thread

    def add_message(self, organization: Organization, thread: UUID, **columns: Any) -> UUID:
        """Add a message to a thread: an outbound WhatsApp message that waits, unless the arguments say otherwise."""
        message = uuid4()
        (row,) = self.database.rows("SELECT customer_id FROM threads WHERE id = %s", (thread,))
        values: dict[str, Any] = {
            "id": message,
            "organization_id": organization.id,
            "thread_id": thread,
            "customer_id": row["customer_id"],
            "channel": "WHATSAPP",
            "direction": "outbound",
            "status": "queued",
            "sender": BUSINESS,
            "recipient": CUSTOMER,
            "body_text": "On its way",
            "join_rule": "agent",
            "occurred_at": datetime.now(UTC),
        } | columns
        self._insert("messages", values)
        return message

    def add_inbound(self, organization: Organization, thread: UUID, **columns: Any) -> UUID:
        """Add a customer's WhatsApp message, or a mail where the channel says so, just arrived."""
        is_mail = columns.get("channel") == "EMAIL"
        arrived = {
            "direction": "inbound",
            "status": "received",
            "sender": CUSTOMER_MAIL if is_mail else CUSTOMER,
            "recipient": SUPPORT if is_mail else BUSINESS,
            "body_text": "Where is my parcel?",
            "join_rule": "new",
        }
        return self.add_message(organization, thread, **(arrived | columns))

    def add_template(self, organization: Organization, name: str = "shipping_update", **columns: Any) -> None:
        """Add a WhatsApp template, as if it had been synced."""
        values: dict[str, Any] = {
            "id": uuid4(),
            "organization_id": organization.id,
            "name": name,
            "language": "en",
            "status": "approved",
            "body": "Dear {{1}}, {{2}} has shipped.",
            "variables": 2,
        } | columns
        self._insert("whatsapp_templates", values)

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        places = ", ".join(["%s"] * len(values))
        self.database.rows(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", tuple(values.values())
        )

    def row(self, message: UUID) -> dict[str, Any]:
        """Return a message's row as superuser sees it."""
        return self.database.rows("SELECT * FROM messages WHERE id = %s", (message,))[0]

    def messages(self) -> list[dict[str, Any]]:
        """Return every message of every organization, oldest first."""
        return self.database.rows("SELECT * FROM messages ORDER BY occurred_at, created_at")

    def unfiled(self) -> int:
        """Count the mails that are stored and in no thread yet."""
        return len(self.database.rows("SELECT 1 AS one FROM mailbox_messages WHERE message_id IS NULL"))

    def inbound_texts(self) -> list[str]:
        """Return what was received, oldest first."""
        rows = self.database.rows(
            "SELECT body_text FROM messages WHERE direction = 'inbound' ORDER BY created_at, body_text"
        )
        return [row["body_text"] for row in rows]

    def make_due(self, message: UUID) -> None:
        """Let a message that waits for its next attempt wait no longer."""
        self.database.rows("UPDATE messages SET next_attempt_at = now() WHERE id = %s", (message,))

    def deliver(self, organization: Organization, message: UUID) -> None:
        """Let the deliverer look at a message."""
        self.app.messages.deliver.deliver(organization_id=organization.id, message_id=message)

    def apply(self, *items: CallbackReceived) -> None:
        """Apply callbacks of one organization, together; raises what failed."""
        self.app.webhooks.apply.apply_all(items)

    def subjects(self) -> list[str]:
        """Return the subjects of every message, sorted."""
        return sorted(message["subject"] for message in self.messages())

    def account(self, account: UUID) -> AccountRow:
        """Return a mailbox as it is stored."""
        return AccountRow(**self.database.rows("SELECT * FROM email_accounts WHERE id = %s", (account,))[0])

    def poll_now(self, actor: Actor, account: UUID) -> PollResult:
        """Poll a mailbox as somebody who asks for it does."""
        return self.app.email_sync.sync.poll_now(actor=actor, account_id=account)

    def poll(self, account: UUID) -> None:
        """Poll a mailbox as the queue's worker does, as if it were due and its connection's keeper had not come."""
        self.database.rows("UPDATE email_accounts SET next_poll_at = now() WHERE id = %s", (account,))
        (row,) = self.database.rows("SELECT organization_id FROM email_accounts WHERE id = %s", (account,))
        mailbox = DueMailbox(organization_id=row["organization_id"], account_id=account)
        self.app.email_sync.sync.poll_due(MailboxesDue(mailboxes=(mailbox,), patience=0))

    def audit(self, organization: Organization) -> list[dict[str, Any]]:
        """Return an organization's audit entries, in order."""
        return self.database.rows(
            "SELECT * FROM integration_audit_logs WHERE organization_id = %s ORDER BY sequence",
            (organization.id,),
        )


def _settings(database: TestDatabase, folder: Path, changes: dict[str, Any]) -> Settings:
    values: dict[str, Any] = {
        "environment": "local",
        "database_url": database.app_url,
        "owner_database_url": database.owner_url,
        "encryption_master_key": MASTER_KEY,
        "webhook_secret": "only tests sign callback references with this sentence",
        "webhook_base_url": "https://api.test",
        "blob_folder": str(folder / "blobs"),
        "blob_url": "https://blobs.test",
        "websocket_url": "wss://live.test/live",
        "send_wait_seconds": 0.0,
    }
    return Settings(**(values | changes))


# Callbacks, as Exotel writes them (reference/exotel.md, 6.4 and 6.5).


def a_report(sid: str, code: int | str, name: str = "", **values: Any) -> dict[str, Any]:
    """One delivery report."""
    report = {
        "callback_type": "dlr",
        "sid": sid,
        "to": CUSTOMER,
        "exo_status_code": code,
        "exo_detailed_status": name,
        "description": f"said {code}",
        "timestamp": "2026-01-15T15:00:00+05:30",
    }
    return report | values


def an_incoming(text: str, *, sid: str | None, sender: str = CUSTOMER, **values: Any) -> dict[str, Any]:
    """One message of a customer; without a sid if it is None."""
    item: dict[str, Any] = {
        "callback_type": "icm",
        "from": sender,
        "to": BUSINESS,
        "profile_name": "Asha",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "content": {"type": "text", "text": {"body": text}},
    }
    return item | ({"sid": sid} if sid else {}) | values


def received(
    organization: Organization,
    *items: dict[str, Any],
    about: UUID | None = None,
    integration: UUID | None = None,
    generation: int = 1,
    body: bytes | None = None,
    **values: Any,
) -> CallbackReceived:
    """One callback as its receiver queued it, at a message's own URL or at an integration's."""
    import base64

    raw = json.dumps({"whatsapp": {"messages": list(items)}}).encode() if body is None else body
    subject: dict[str, Any] = (
        {"subject": "unit", "subject_id": about or uuid4()}
        if integration is None
        else {"subject": "integration", "subject_id": integration, "generation": generation}
    )
    fields: dict[str, Any] = {
        "kind": "whatsapp",
        "organization_id": organization.id,
        "content_type": "application/json",
        "body": base64.b64encode(raw).decode(),
        "readable": True,
        "received_at": datetime.now(UTC),
    }
    return CallbackReceived(**(fields | subject | values))


# Mail.


def a_mail(
    text: str = "Where is it?",
    *,
    subject: str = "Parcel",
    sender: str = "Asha <asha@customer.example>",
    to: str = SUPPORT,
    message_id: str | None = "first@customer.example",
    references: Sequence[str] = (),
    headers: Sequence[str] = (),
) -> bytes:
    """One mail as it lies in a mailbox."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", "Date: Thu, 15 Jan 2026 15:00:00 +0530"]
    if message_id:
        lines.append(f"Message-ID: <{message_id}>")
    if references:
        lines.append("References: " + " ".join(f"<{one}>" for one in references))
        lines.append(f"In-Reply-To: <{references[-1]}>")
    lines += [*headers, "Content-Type: text/plain; charset=utf-8", "", text, ""]
    return "\r\n".join(lines).encode()


def fingerprint(row: dict[str, Any], *, without: Sequence[str] = ("updated_at",)) -> str:
    """Return a hash of everything a row says."""
    said = sorted((name, str(value)) for name, value in row.items() if name not in without)
    return hashlib.sha256(repr(said).encode()).hexdigest()
