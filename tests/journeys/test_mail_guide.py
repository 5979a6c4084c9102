"""The guide's tests 5, 6 and 7 over HTTP, against a real Dovecot and a real SMTP server that announce what Zoho does.

Once straight, and once over a way that breaks every line into pieces and cuts connections off; in a soak it takes
75 ms in each direction, too.
"""

import email
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from tests.support.gates.chance import in_soak
from tests.support.running import guide
from tests.support.running.company import Company
from tests.support.running.runner import Runner
from tests.support.running.sandbox_certificate import HOST, SandboxCertificate
from tests.support.running.workers import DELIVERER, Workers
from tests.support.servers.dovecot import Dovecot
from tests.support.servers.mail_relay import MailRelay
from tests.support.servers.tcp_server import refused_port
from tests.support.servers.zoho_smtp import ZohoSmtp
from tests.support.timing.waiting import PATIENCE_S, eventually

PASSWORD = "abcd1234efgh5678"
ACCOUNTS = "/settings/email-accounts"
DELAY_S = in_soak(0.075, else_=0.005)
FOLDERS = 6  # INBOX, Drafts, Sent, Spam, Trash, Templates


@dataclass(frozen=True)
class Servers:
    """Both mail servers, and the way to them."""

    dovecot: Dovecot
    smtp: ZohoSmtp
    ports: dict[str, Any]
    imap_way: MailRelay | None

    def login(self, company: Company) -> dict[str, Any]:
        """The guide's body, with the company's own values; where it says 587 and 993, the ports of the way."""
        address = company.mailbox["email"]
        users = dict.fromkeys(("email", "smtp_user", "imap_user"), address)
        passwords = dict.fromkeys(("smtp_password", "imap_password"), PASSWORD)
        hosts = dict.fromkeys(("smtp_host", "imap_host"), HOST)
        body = dict(guide.TEST_5.body or {}) | users | passwords | hosts | self.ports
        assert body.keys() == (guide.TEST_5.body or {}).keys() | {"smtp_secure"}
        return body

    def submit(self, sender: str, mail: EmailMessage, tls: ssl.SSLContext) -> None:
        """Send a mail as any mail program does."""
        with smtplib.SMTP(HOST, self.smtp.starttls_port, timeout=PATIENCE_S) as connection:
            connection.starttls(context=tls)
            connection.login(sender, PASSWORD)
            connection.send_message(mail)

    def inbox(self, user: str, folder: str = "INBOX") -> list[EmailMessage]:
        """Return what lies in a folder, as another mail program reads it."""
        with self.dovecot.client(user) as client:
            client.select(folder, readonly=True)
            uids = client.uid("SEARCH", "ALL")[1][0].split()
            fetched = [client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in uids]
        return [email.message_from_bytes(raw, policy=default) for raw in fetched]  # type: ignore[misc]


@pytest.fixture(scope="module")
def certificate(runner: Runner) -> SandboxCertificate:
    return SandboxCertificate(runner)


@pytest.fixture(params=["straight", "long, broken and cut"])
def servers(
    request: pytest.FixtureRequest, certificate: SandboxCertificate, company: Company
) -> Iterator[Servers]:
    """The mail servers with mailboxes for the company and its customer."""
    tls = certificate.server_context()
    with (
        Dovecot.running(certificate) as dovecot,  # type: ignore[arg-type]  # of an authority it only asks this
        ZohoSmtp(dovecot, tls) as smtp,
        MailRelay(smtp.clear_port, tls=tls, delay_s=DELAY_S, piece_bytes=3) as smtp_way,
        MailRelay(dovecot.plain_port, tls=tls, delay_s=DELAY_S, piece_bytes=40) as imap_way,
    ):
        for user in (company.mailbox["email"], company.customer_email):
            smtp.add_user(user, PASSWORD)
        if request.param == "straight":
            ports = {"smtp_port": smtp.starttls_port, "imap_port": dovecot.port, "smtp_secure": False}
            yield Servers(dovecot, smtp, ports, None)
        else:
            ports = {"smtp_port": smtp_way.port, "imap_port": imap_way.port, "smtp_secure": True}
            yield Servers(dovecot, smtp, ports, imap_way)


def test_the_guides_tests_5_6_and_7_against_real_mail_servers(
    company: Company, servers: Servers, certificate: SandboxCertificate
):
    login = servers.login(company)
    check_test_5(company, servers, login)
    account_id = add_as_step_4_does(company, login)

    asked = customer_mails(company, servers, certificate, count=5)
    if servers.imap_way:
        servers.imap_way.cuts.append(5_000)
    poll_until(company, account_id, messages=5)
    thread_id = thread_of(company, "Where is my parcel 0?")

    sent = check_test_6(company, servers, thread_id, asked)
    customer_answers(company, servers, certificate, sent)
    check_test_7(company, account_id)
    assert servers.dovecot.most_connections_at_once(company.mailbox["email"]) <= 3

    directions = [(message["direction"], message["status"]) for message in company.thread_messages(thread_id)]
    assert directions == [("inbound", "received"), ("outbound", "sent"), ("inbound", "received")]
    assert len(servers.smtp.mails) == 5 + 2
    remove_again(company, account_id)


@pytest.mark.parametrize("servers", ["straight"], indirect=True)
def test_a_lost_answer_is_settled_by_the_copy_in_sent(
    company: Company, servers: Servers, certificate: SandboxCertificate
):
    """Fault 41 over HTTP: the 250 after DATA is lost; a poll finds the mail in Sent, and nothing goes twice."""
    account_id = add_as_step_4_does(company, servers.login(company))
    customer_mails(company, servers, certificate, count=1)
    poll_until(company, account_id, messages=1)
    thread_id = thread_of(company, "Where is my parcel 0?")
    servers.smtp.answers_to_lose = 1

    body = {**(guide.TEST_6.body or {}), "to": company.customer_email}
    company.agent.post(f"/communications/threads/{thread_id}/messages", body)
    (sent,) = [m for m in company.thread_messages(thread_id) if m["direction"] == "outbound"]
    message_id = sent["id"]
    eventually(lambda: servers.smtp.answers_to_lose == 0)
    workers = Workers(company.runner)
    eventually(lambda: workers.are_idle(DELIVERER))
    assert company.row(message_id)["status"] == "unknown"
    eventually(lambda: is_settled(company, account_id, message_id))

    submitted = [
        recipients for sender, recipients, _ in servers.smtp.mails if sender != company.customer_email
    ]
    assert submitted == [[company.customer_email]]
    assert len(servers.inbox(company.customer_email)) == 1
    assert len(company.thread_messages(thread_id)) == 2


def check_test_5(company: Company, servers: Servers, login: dict[str, Any]) -> None:
    """Both halves apart, each with the guide's own words."""
    smtp = {"success": True, "host": HOST, "port": login["smtp_port"], "secure": login["smtp_secure"]}
    imap = {"success": True, "host": HOST, "port": login["imap_port"], "secure": True}
    imap |= {"mailbox_count": FOLDERS, "unread_count": 0}

    answer = company.admin.post(f"{ACCOUNTS}/test", login)
    assert answer.json() == {"success": True, "data": {"smtp": smtp, "imap": imap}}
    assert answer.status_code == 200

    failures: list[tuple[dict[str, Any], str, str]] = [
        ({"smtp_password": "mistyped"}, "smtp", "Invalid login: 535 Authentication Failed"),
        ({"imap_password": "mistyped"}, "imap", "Invalid login: "),
    ]
    if not servers.imap_way:
        mismatch, closed = "TLS Error: wrong version number (port mismatch? use ", refused_port()
        failures += [
            ({"smtp_port": closed}, "smtp", "Connection refused"),
            ({"imap_port": closed}, "imap", "Connection refused"),
            ({"smtp_secure": True}, "smtp", f"{mismatch}587 for STARTTLS, 465 for SSL)"),
            ({"imap_port": servers.dovecot.plain_port}, "imap", f"{mismatch}143 for STARTTLS, 993 for SSL)"),
        ]
    for mistake, failing, words in failures:
        answer = company.admin.post(f"{ACCOUNTS}/test", {**login, **mistake})
        halves = answer.json()["data"]
        assert (answer.status_code, answer.json()["success"]) == (422, False)
        assert [half for half in halves if not halves[half]["success"]] == [failing], mistake
        assert halves[failing]["error"].startswith(words), halves
    assert company.admin.read(ACCOUNTS) == []


def add_as_step_4_does(company: Company, login: dict[str, Any]) -> str:
    """Add the mailbox with the guide's options, the mistake first, and change its polling as the guide does."""
    body = {**(guide.STEP_4_SAVE.body or {}), **login, "poll_interval_ms": 300_000}
    refused = company.admin.post(ACCOUNTS, {**body, "imap_password": "mistyped"})
    assert (refused.status_code, refused.json()["details"]["field"]) == (422, "imap_password")
    account = company.admin.ask(ACCOUNTS, body)
    assert (account["is_default"], account["provider"]) == (True, "custom")
    changed = company.admin.patch(
        f"{ACCOUNTS}/{account['id']}", {"poll_interval_ms": 60_000, "imap_enabled": True}
    )
    assert changed.json()["data"]["poll_interval_ms"] == 60_000
    return str(account["id"])


def customer_mails(
    company: Company, servers: Servers, certificate: SandboxCertificate, *, count: int
) -> list[str]:
    """Let the customer write `count` mails about different things; returns their Message-IDs."""
    written = []
    for number in range(count):
        mail = EmailMessage()
        mail["From"], mail["To"] = company.customer_email, company.mailbox["email"]
        mail["Subject"] = f"Where is my parcel {number}?"
        mail["Message-ID"] = f"<{number}.{account_name(company)}@customer.example>"
        mail.set_content(f"Hello, where is BX-{number}?\n" + "It is late. " * 200)
        servers.submit(company.customer_email, mail, certificate.client_context())
        written.append(str(mail["Message-ID"]))
    return written


def account_name(company: Company) -> str:
    return company.mailbox["email"].partition("@")[2]


def poll_until(company: Company, account_id: str, *, messages: int) -> None:
    """Poll until `messages` mails are there, each once; a connection that was cut off is an answer like any other."""

    def are_all_there() -> bool:
        answer = company.admin.post(f"{ACCOUNTS}/{account_id}/poll-now")
        assert answer.status_code in (200, 409, 503, 504), answer.text
        threads = company.agent.read("/communications/threads")
        return sum(thread["message_count"] for thread in threads) >= messages

    eventually(are_all_there)
    threads = company.agent.read("/communications/threads")
    assert sum(thread["message_count"] for thread in threads) == messages


def thread_of(company: Company, subject: str) -> str:
    threads = company.agent.read("/communications/threads")
    return str(next(thread["id"] for thread in threads if thread["subject"] == subject))


def check_test_6(company: Company, servers: Servers, thread_id: str, asked: list[str]) -> EmailMessage:
    """Send the guide's mail into the thread; it arrives once, whole, signed, and threaded."""
    body = {**(guide.TEST_6.body or {}), "to": company.customer_email}
    sent = company.agent.ask(f"/communications/threads/{thread_id}/messages", body)
    assert sent.keys() == (guide.TEST_6.answer or {})["data"].keys()
    assert company.await_status(sent["message_id"], "sent") == "sent"

    (mail,) = servers.inbox(company.customer_email)
    assert (mail["From"].addresses[0].addr_spec, mail["To"]) == (
        company.mailbox["email"],
        company.customer_email,
    )
    assert (mail["Subject"], mail["Message-ID"]) == (body["subject"], sent["smtp_message_id"])
    assert asked[0] in mail["References"]
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "<strong>test email</strong>" in html.get_content()
    assert "Best regards,<br>Support Team" in html.get_content()
    assert "This is a test email from Banxway platform." in text.get_content()
    assert "Best regards," in text.get_content()
    (copy,) = servers.inbox(company.mailbox["email"], "Sent")
    assert copy["Message-ID"] == mail["Message-ID"]
    return mail


def customer_answers(
    company: Company, servers: Servers, certificate: SandboxCertificate, sent: EmailMessage
) -> None:
    answer = EmailMessage()
    answer["From"], answer["To"] = company.customer_email, company.mailbox["email"]
    answer["Subject"] = f"Re: {sent['Subject']}"
    answer["In-Reply-To"] = sent["Message-ID"]
    answer["References"] = f"{sent['References']} {sent['Message-ID']}"
    answer.set_content("It has arrived, thank you.")
    servers.submit(company.customer_email, answer, certificate.client_context())


def check_test_7(company: Company, account_id: str) -> None:
    """Poll by hand: the answer has the guide's shape, and the customer's mail is in its thread, not in a new one."""
    threads = len(company.agent.read("/communications/threads"))
    found = company.admin.ask(f"{ACCOUNTS}/{account_id}/poll-now")
    assert found.keys() == (guide.TEST_7.answer or {})["data"].keys()
    assert (found["new_messages"], found["new_threads"]) == (1, 0)
    assert company.admin.read(f"{ACCOUNTS}/{account_id}")["last_polled_at"] >= found["last_polled_at"]
    assert len(company.agent.read("/communications/threads")) == threads


def is_settled(company: Company, account_id: str, message_id: str) -> bool:
    company.admin.post(f"{ACCOUNTS}/{account_id}/poll-now")
    return bool(company.row(message_id)["status"] == "sent")


def remove_again(company: Company, account_id: str) -> None:
    """What was received stays; the mailbox is gone."""
    folders = company.agent.read(f"{ACCOUNTS}/{account_id}/folders")
    assert {each["name"] for each in folders if each["is_synced"]} == {"INBOX", "Sent", "Spam"}
    assert company.admin.delete(f"{ACCOUNTS}/{account_id}").status_code == 200
    assert company.admin.get(f"{ACCOUNTS}/{account_id}").status_code == 404
    assert len(company.agent.read("/communications/threads")) == 5
