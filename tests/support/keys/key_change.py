"""Runs a company whose master key changes while it sends and receives, and searches what it has stored."""

import base64
import re
from pathlib import Path

from tests.support.databases.tables import everything_in
from tests.support.product.app import Bundle
from tests.support.product.stories import (
    add_mailbox,
    configure,
    customer_wrote,
    incoming,
    post_callback,
    whatsapp_body,
)

OLD_KEY, NEW_KEY = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
ROTATING = {"encryption_master_key": NEW_KEY, "encryption_previous_master_key": OLD_KEY}
TOKEN, PASSWORD = "canary-token-7d1f0c", "canary-password-93ab55"
MAIL = b"Subject: canary-mail-5c8e21\r\n\r\n"


class ChangingCompany:
    """An organization that is set up under the old key, and what it does while the key changes."""

    def __init__(self, bundle: Bundle, *, blobs: int) -> None:
        self.bundle = bundle
        self.organization = bundle.database.add_organization()
        self.thread = customer_wrote(bundle, self.organization)
        # Twice, so that the former credentials retire in a table of their own.
        saved = configure(bundle, self.organization.admin, "exotel_whatsapp", api_token=TOKEN)
        self.callback_url = saved["callback_url"]
        configure(bundle, self.organization.admin, "exotel_phone", api_token=TOKEN)
        add_mailbox(bundle, self.organization.admin, smtp_password=PASSWORD, imap_password=PASSWORD)
        for number in range(blobs):
            bundle.app.infrastructure.blobs.put(self.organization.id, MAIL + str(number).encode())
        self.sent: list[int] = []
        self.received = 1

    def send(self, product: Bundle) -> None:
        answer = product.post(
            f"/api/v1/communications/threads/{self.thread}/messages",
            self.organization.agent,
            {"channel": "WHATSAPP", "content": "On its way"},
        )
        self.sent.append(answer.status)
        product.work("message", "mail")

    def receive(self, product: Bundle) -> None:
        body = whatsapp_body(incoming(f"Question {self.received}"))
        assert post_callback(product, self.callback_url, body).status == 200
        self.received += 1
        product.work("webhook")

    def outcomes(self) -> dict[str, int]:
        """Count the messages by their status."""
        rows = self.bundle.database.rows("SELECT status, count(*) AS found FROM messages GROUP BY status")
        return {row["status"]: row["found"] for row in rows}

    def places_of(self, secret: str | bytes) -> list[str]:
        """Name the tables and files that contain something, in the clear or in what looks like base64."""
        wanted = secret if isinstance(secret, bytes) else secret.encode()
        return [place for place, content in (*self._stored(), *self._files()) if wanted in content]

    def _stored(self) -> list[tuple[str, bytes]]:
        """Return the whole database as bytes, row by row, and once more with all that looks like base64 decoded."""
        found = []
        for table, line in everything_in(self.bundle.database):
            found.append((table, line.encode()))
            for text in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", line):
                whole = text[: len(text) - len(text) % 4]
                found.append((table, base64.b64decode(whole)))
        return found

    def _files(self) -> list[tuple[str, bytes]]:
        folder = Path(self.bundle.settings.require("blob_folder"))
        return [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
