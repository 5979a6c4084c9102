"""Plays an agent with two threads, one by mail and one on WhatsApp, who asks for previews and sends.

Cases are written as dicts; in their texts `<name>` stands for the id that the desk's `ids` has under that name.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.support.databases.postgres import Organization
from tests.support.databases.tables import everything_in
from tests.support.product.app import Answer, Bundle
from tests.support.product.fakes import a_template
from tests.support.product.stories import configure, customer_wrote, mail_arrived

THREADS = "/api/v1/communications/threads"
TEMPLATES = [
    a_template(body="{{1}} left {{2}}."),
    a_template(
        "framed",
        body="Dear {{1}},\nyour parcel {{2}} waits.",
        components=[
            {"type": "FOOTER", "text": "Reply STOP to opt out"},
            {"type": "HEADER", "format": "TEXT", "text": "Parcel news"},
            {"type": "BODY", "text": "Dear {{1}},\nyour parcel {{2}} waits."},
        ],
    ),
    a_template("hindi", language="hi", body="Namaste"),
    a_template("pending_one", status="pending"),
    a_template("named", body="Hello {{customer_name}}"),
    a_template("pictured", body="Hello", components=[{"type": "HEADER", "format": "IMAGE"}]),
    a_template("long", body="x" * 1000 + "{{1}}"),
]


class Desk:
    """What one agent may ask."""

    def __init__(self, bundle: Bundle, organization: Organization) -> None:
        self.bundle = bundle
        self.organization = organization
        mail = mail_arrived(bundle, organization)
        chat = customer_wrote(bundle, organization)
        configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
        bundle.providers.whatsapp.templates = TEMPLATES
        bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)
        self.ids = {"chat": chat, "mail": mail}
        for name in ("chat", "mail"):
            shown = bundle.get(f"{THREADS}/{self.ids[name]}", organization.agent).data
            self.ids[f"message on {name}"] = shown["messages"][0]["id"]

    def upload(
        self, name: str, filename: str, size_bytes: int = 9, *, arrives: bytes | None = b"%PDF-1.7\n"
    ) -> None:
        """Announce a file, and let what `arrives` reach the store, if anything does; its id is then in `ids`."""
        body = {"filename": filename, "content_type": "application/pdf", "size_bytes": size_bytes}
        announced = self.bundle.post("/api/v1/communications/uploads", self.organization.agent, body).data
        self.ids[name] = announced["upload_id"]
        if arrives is not None:
            self.bundle.app.infrastructure.blob_transfers.keep(
                self.organization.id, UUID(self.ids[name]), arrives
            )

    def add_email_template(self, **content: str) -> None:
        """Add a mail template; its id is then in `ids`."""
        path = "/api/v1/settings/email-templates"
        body = {"name": "Dispatch", "subject": "Parcel {{number}}", **content}
        self.ids["template"] = self.bundle.post(path, self.organization.admin, body).data["id"]

    def preview(self, thread: str, body: dict[str, Any]) -> Answer:
        """Ask what sending a body on the thread of this name would do."""
        path = f"{THREADS}/{self.ids[thread]}/messages/preview"
        return self.bundle.post(path, self.organization.agent, self._body(thread, body))

    def send(self, thread: str, body: dict[str, Any]) -> Answer:
        """Send the same body, on the route that takes it."""
        path = f"{THREADS}/{self.ids[thread]}/messages"
        if "template_name" in body and "channel" not in body:
            path = "/api/v1/communications/messages/send-template"
        return self.bundle.post(path, self.organization.agent, self._body(thread, body))

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Fail if anything is stored, queued or handed to a provider until the block ends."""
        self._queued()
        before = self._stored()
        yield
        assert self._stored() == before
        assert self._queued() == []

    def _stored(self) -> list[Any]:
        providers, folder = self.bundle.providers, self.bundle.settings.require("blob_folder")
        return [
            everything_in(self.bundle.database),
            sorted(str(path) for path in Path(folder).rglob("*") if path.is_file()),
            [len(providers.whatsapp.sent), len(providers.mail_sender.sent)],
        ]

    def _queued(self) -> list[dict[str, Any]]:
        return [item for name in ("message", "mailbox", "change") for item in self.bundle.queued(name)]

    def _body(self, thread: str, body: dict[str, Any]) -> dict[str, Any]:
        is_template = "template_name" in body and "channel" not in body
        whole = {"thread_id": self.ids[thread], **body} if is_template else body
        text = json.dumps(whole)
        for name, value in self.ids.items():
            text = text.replace(f"<{name}>", value)
        filled: dict[str, Any] = json.loads(text)
        return filled
