"""The guide's Test 10: a customer's mail comes in, an agent answers on WhatsApp, everybody sees what became of it."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from websockets.sync.client import ClientConnection, connect

from tests.support.running.company import TEMPLATE, Company, Person
from tests.support.timing.waiting import PATIENCE_S, eventually


class Frames:
    """What an open WebSocket announces: after each frame, what changed since the last number that is known."""

    def __init__(self, connection: ClientConnection, person: Person) -> None:
        self._connection = connection
        self._person = person
        self._unseen: list[dict[str, Any]] = []
        self.known = person.read("/communications/changes")["latest"]

    def of(self, message_id: object, kind: str) -> dict[str, Any]:
        """Return the next change of a message, however many others come before it."""
        while True:
            while self._unseen:
                change = self._unseen.pop(0)
                if change["kind"] == kind and change["message_id"] == str(message_id):
                    return change
            frame = json.loads(self._connection.recv(timeout=PATIENCE_S))
            assert frame == {"type": "changes", "latest": frame["latest"]}
            self._unseen += self._changes_since(frame["latest"])

    def _changes_since(self, latest: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while self.known < latest:
            page = self._person.read(f"/communications/changes?since={self.known}")
            found += page["changes"]
            self.known = page["changes"][-1]["sequence"]
        return found


@contextmanager
def listening(person: Person) -> Iterator[Frames]:
    """Open a WebSocket as the console does: with a single-use ticket."""
    ticket = person.ask("/realtime/ticket")
    address = f"{ticket['websocket_url']}?ticket={ticket['ticket']}"
    with connect(address, proxy=None, open_timeout=PATIENCE_S, ping_interval=None) as connection:
        yield Frames(connection, person)


def set_up_exotel(company: Company) -> None:
    """Test and save phone and WhatsApp as an admin does, the mistakes first."""
    sid_key_token, phone = company.exotel.credentials, {"virtual_number": company.exotel.virtual_number}
    wrong_token = {**sid_key_token, **phone, "api_token": "mistyped"}
    assert company.admin.post("/settings/integrations/exotel_phone/test", wrong_token).status_code == 422
    assert company.admin.post("/settings/integrations/exotel_phone", wrong_token).status_code == 422
    assert company.admin.get("/settings/integrations/exotel_phone").status_code == 404

    company.admin.ask("/settings/integrations/exotel_phone/test", {**sid_key_token, **phone})
    saved = company.admin.ask("/settings/integrations/exotel_phone", {**sid_key_token, **phone})
    assert saved["status"] == "Active"
    numbers = company.agent.read("/settings/phone-numbers")
    assert [number["phone_number"] for number in numbers] == [company.exotel.virtual_number]

    stranger = {**sid_key_token, "whatsapp_number": "+919999999999"}
    assert company.admin.post("/settings/integrations/exotel_whatsapp/test", stranger).status_code == 422
    assert company.connect_whatsapp()["status"] == "Active"


def set_up_mailbox(company: Company) -> str:
    """Test and add the mailbox as an admin does, the mistake first; returns its id."""
    mistyped = {**company.login, "smtp_password": "mistyped"}
    assert company.admin.post("/settings/email-accounts/test", mistyped).json()["success"] is False
    assert company.admin.post("/settings/email-accounts", {**mistyped, "name": "Inbox"}).status_code == 422
    assert company.admin.read("/settings/email-accounts") == []
    check = company.admin.ask("/settings/email-accounts/test", company.login)
    assert check["smtp"]["success"] is True
    assert check["imap"]["success"] is True
    return company.connect_mailbox(poll_interval_ms=10_000)


def poll(company: Company, account_id: str) -> dict[str, Any]:
    return dict(company.admin.ask(f"/settings/email-accounts/{account_id}/poll-now"))


def the_only_thread(company: Company) -> dict[str, Any]:
    (thread,) = company.agent.read("/communications/threads")
    return dict(thread)


def test_a_customers_mail_is_answered_on_whatsapp_and_all_of_it_is_one_thread(company: Company):
    set_up_exotel(company)
    account_id = set_up_mailbox(company)

    with listening(company.agent) as frames:
        asked = company.write_mail("Where is my parcel?", "Hello, where is BX-2024-1234?")
        polled = poll(company, account_id)
        assert (polled["new_messages"], polled["new_threads"]) == (1, 1)
        thread_id = the_only_thread(company)["id"]
        (mail,) = company.thread_messages(thread_id)
        assert mail["body_text"].strip() == "Hello, where is BX-2024-1234?"
        assert frames.of(mail["id"], "message.created")["thread_id"] == thread_id

        refusal = free_text(company, thread_id)
        assert refusal.status_code == 422
        assert refusal.json()["code"] == "template_required"

        with company.phone_in_hand():
            template = send_template(company, thread_id)
            for code, word in ((30001, "sent"), (30002, "delivered"), (30003, "read")):
                company.report(template, code)
                await_status_by_frames(company, frames, template, word)

        company.write_whatsapp("Thank you, that was quick")
        answer = eventually(lambda: newest(company, thread_id, "inbound", "WHATSAPP"))
        frames.of(answer["id"], "message.created")
        text = free_text(company, thread_id)
        assert text.status_code == 200
        await_status_by_frames(company, frames, text.json()["data"]["message_id"], "read")

    company.write_mail("Re: Where is my parcel?", "It has arrived.", answers=asked)
    assert poll(company, account_id)["new_threads"] == 0
    company.agent.ask(
        f"/communications/threads/{thread_id}/messages",
        {"channel": "EMAIL", "subject": "Re: Where is my parcel?", "content_html": "<p>Glad to hear!</p>"},
    )
    assert Counter(
        (message["channel"], message["direction"], message["status"])
        for message in company.thread_messages(thread_id)
    ) == {
        ("EMAIL", "inbound", "received"): 2,
        ("EMAIL", "outbound", "sent"): 1,
        ("WHATSAPP", "inbound", "received"): 1,
        ("WHATSAPP", "outbound", "read"): 2,
    }
    assert the_only_thread(company)["message_count"] == 6
    (sent,) = company.sandbox(f"/mail/outbox?to={company.customer_email}")["mails"]
    assert sent["references"].split()[0] == asked


def free_text(company: Company, thread_id: str) -> Any:
    body = {"channel": "WHATSAPP", "content": "It is on its way.", "to": company.customer_number}
    return company.agent.post(f"/communications/threads/{thread_id}/messages", body)


def send_template(company: Company, thread_id: str) -> str:
    body = {"thread_id": thread_id, "to": company.customer_number, **TEMPLATE}
    sent = company.agent.ask("/communications/messages/send-template", body, key=str(uuid4()))
    eventually(lambda: company.arrivals(sent["message_id"]))
    company.await_status(sent["message_id"], "accepted")
    assert len(company.arrivals(sent["message_id"])) == 1
    return str(sent["message_id"])


def newest(company: Company, thread_id: str, direction: str, channel: str) -> dict[str, Any] | None:
    found = [
        message
        for message in company.thread_messages(thread_id)
        if (message["direction"], message["channel"]) == (direction, channel)
    ]
    return found[-1] if found else None


def await_status_by_frames(company: Company, frames: Frames, message_id: str, wanted: str) -> None:
    """Look at the thread when the socket says that the message changed, until it shows the status."""
    shown = ""
    while shown != wanted:
        thread_id = frames.of(message_id, "message.status")["thread_id"]
        shown = {each["id"]: each["status"] for each in company.thread_messages(thread_id)}[message_id]


def test_the_timers_poll_finds_mail_and_tells_the_browser(company: Company):
    company.connect_mailbox()

    with listening(company.agent) as frames:
        company.write_mail("Polled by the timer", "Nobody asked for a poll.")
        company.runner.run_timer("EmailSyncEnqueueDue")
        eventually(lambda: company.agent.read("/communications/threads"))

        (mail,) = company.thread_messages(the_only_thread(company)["id"])
        frames.of(mail["id"], "message.created")
        assert mail["subject"] == "Polled by the timer"


def test_the_same_mail_polled_again_does_not_appear_again(company: Company):
    account_id = company.connect_mailbox()
    raw = (
        f"From: {company.customer_email}\r\nTo: us\r\nSubject: Once\r\nMessage-ID: <once@x>\r\n\r\nHello\r\n"
    )
    company.deliver_mail(raw.encode())

    assert poll(company, account_id)["new_messages"] == 1
    assert poll(company, account_id)["new_messages"] == 0
    company.deliver_mail(raw.encode())
    assert poll(company, account_id)["new_messages"] == 0
    company.sandbox("/mail/renumber", {"email": company.mailbox["email"], "folder": "INBOX"})
    assert poll(company, account_id)["new_messages"] == 0

    assert the_only_thread(company)["message_count"] == 1


def test_a_dropped_socket_loses_nothing(company: Company):
    account_id = company.connect_mailbox()
    with listening(company.agent) as frames:
        company.write_mail("First", "seen live")
        poll(company, account_id)
        (first,) = company.thread_messages(the_only_thread(company)["id"])
        last_seen = frames.of(first["id"], "message.created")["sequence"]

    company.write_mail("Second", "nobody listens")
    company.write_mail("Third", "nobody listens")
    poll(company, account_id)
    missed = company.agent.read(f"/communications/changes?since={last_seen}")

    threads = {thread["subject"]: thread["id"] for thread in company.agent.read("/communications/threads")}
    # The first poll also turned the mailbox's state.
    created = [change for change in missed["changes"] if change["kind"] != "mailbox.updated"]
    assert [(change["kind"], change["thread_id"]) for change in created] == [
        ("message.created", threads["Second"]),
        ("message.created", threads["Third"]),
    ]
    assert missed["complete"] is True
    assert missed["latest"] == last_seen + len(missed["changes"])
    with listening(company.agent) as frames:
        company.write_mail("Fourth", "live again")
        poll(company, account_id)
        newest_change = company.agent.read(f"/communications/changes?since={missed['latest']}")["changes"]
        assert (
            frames.of(newest_change[0]["message_id"], "message.created")["sequence"] == missed["latest"] + 1
        )
