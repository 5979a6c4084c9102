"""A company's mailbox, from the mail that comes by SMTP to the mail that leaves by SMTP."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.running.company import Company


class Inbox:
    """The company's mailbox: mails of a folder come in, and what agents answer goes out."""

    def __init__(self, company: Company, folder: Path) -> None:
        self.company = company
        self._folder = folder
        self._account = company.connect_mailbox(poll_interval_ms=300_000)
        self._apart = uuid4().hex[:8]

    def receive(self, name: str, **places: str) -> dict[str, Any]:
        """Let one mail come in, with some of its words replaced; returns the thread that it is in."""
        before = {each["id"] for each in self._messages()}
        self._deliver(name, places)
        self.poll()
        (new,) = [each for each in self._messages() if each["id"] not in before]
        return self.thread(new["thread_id"])

    def receive_together(self, *names: str) -> list[dict[str, Any]]:
        """Let several mails come in before one poll; returns the threads that they made."""
        for name in names:
            self._deliver(name, {})
        self.poll()
        return [self.thread(each) for each in {each["thread_id"] for each in self._messages()}]

    def poll(self) -> None:
        self.company.admin.ask(f"/settings/email-accounts/{self._account}/poll-now")

    def _deliver(self, name: str, places: Mapping[str, str]) -> None:
        raw = (self._folder / f"{name}.eml").read_text(encoding="utf-8")
        # Journeys share a running bundle: what other tests wrote to the same people must not come into this one.
        raw = raw.replace(".example", f".{self._apart}.example")
        for place, value in {"support@banxway.local": self.company.mailbox["email"], **places}.items():
            assert place in raw, place
            raw = raw.replace(place, value)
        self.company.deliver_mail("\r\n".join(raw.splitlines()).encode() + b"\r\n")

    def thread(self, thread_id: str) -> dict[str, Any]:
        return dict(self.company.agent.read(f"/communications/threads/{thread_id}"))

    def answer(self, thread_id: str, **fields: Any) -> dict[str, Any]:
        """Answer a thread and return what SMTP received: its envelope and what it says."""
        path = f"/communications/threads/{thread_id}/messages"
        body = {"channel": "EMAIL", "content_text": f"Answer {uuid4()}", **fields}
        preview = self.company.agent.ask(f"{path}/preview", body)
        sent = self.company.agent.ask(path, body)
        self.company.await_status(sent["message_id"], "sent", "accepted")
        (mail,) = [
            each
            for each in self.company.sandbox("/mail/outbox")["mails"]
            if each["message_id"].strip("<>") == sent["smtp_message_id"].strip("<>")
        ]
        assert [one["address"] for one in preview["recipients"]] == mail["recipients"]
        return dict(mail)

    def at(self, address: str) -> str:
        """An address as it is written in this test's mails."""
        return address.replace(".example", f".{self._apart}.example")

    def _messages(self) -> list[dict[str, Any]]:
        return self.company.sql(
            "SELECT id, thread_id FROM messages WHERE organization_id = %s", (self.company.id,)
        )
