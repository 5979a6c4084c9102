"""A mail server that never answers delays its own organization's mail, and nobody else's."""

import socket
from collections import Counter
from typing import Any

from tests.support.running.company import Company
from tests.support.running.founding import open_company
from tests.support.running.queues import RunnerQueues
from tests.support.running.sending import sender_at
from tests.support.servers.tcp_server import TcpServer
from tests.support.timing.waiting import eventually

MAILS = 25
IN_FLIGHT = 4


def _say_nothing(connection: socket.socket) -> None:
    """Accept a connection and never answer, until the client goes away."""
    while connection.recv(1024):
        continue


def test_mails_to_a_tarpit_delay_no_other_organization(company: Company) -> None:
    with (
        open_company(company.runner) as neighbour,
        sender_at(neighbour) as sender,
        TcpServer(_say_nothing) as tarpit,
    ):
        thread = _thread_by_mail(neighbour)
        mails = _wait_in_the_ledger(company, tarpit.port)
        queues = RunnerQueues(company.runner)
        for mail in mails:
            queues.send_due(company.id, mail, queue="MailQueue")
        eventually(lambda: _statuses(company, mails)["sending"] >= IN_FLIGHT)

        text = sender.post().json()["data"]["message_id"]
        mail = neighbour.agent.ask(f"/communications/threads/{thread}/messages", _mail())["message_id"]
        neighbour.await_status(text, "accepted", "sent", "delivered", "read")
        neighbour.await_status(mail, "sent")
        in_between = _statuses(company, mails)

        assert in_between["sending"] <= IN_FLIGHT
        assert set(in_between) <= {"queued", "sending"}
        _let_its_mail_leave(company, mails)


def _mail() -> dict[str, Any]:
    return {"channel": "EMAIL", "subject": "Parcel", "content_text": "It left today"}


def _thread_by_mail(company: Company) -> str:
    """Let a customer write a mail; returns its thread."""
    account = company.connect_mailbox(poll_interval_ms=300_000)
    company.write_mail("Parcel", "Where is it?")
    company.admin.ask(f"/settings/email-accounts/{account}/poll-now")
    (row,) = company.sql(
        "SELECT thread_id FROM messages WHERE organization_id = %s AND channel = 'EMAIL'", (company.id,)
    )
    return str(row["thread_id"])


def _wait_in_the_ledger(company: Company, port: int) -> list[str]:
    """Send one mail, let the mailbox's server be the tarpit, and let as many mails as that one wait as it takes."""
    thread = _thread_by_mail(company)
    pattern = company.agent.ask(f"/communications/threads/{thread}/messages", _mail())["message_id"]
    company.await_status(pattern, "sent")
    company.sql("UPDATE email_accounts SET smtp_port = %s WHERE organization_id = %s", (port, company.id))
    rows = company.sql(
        """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                 recipient, subject, body_text, content, email_account_id, mail_message_id, mail_to,
                                 join_rule, occurred_at)
           SELECT gen_random_uuid(), organization_id, thread_id, customer_id, channel, direction, 'queued', sender,
                  recipient, subject, body_text, content, email_account_id, gen_random_uuid() || '@tarpit.example',
                  mail_to, join_rule, now()
           FROM messages, generate_series(1, %s) WHERE id = %s RETURNING id""",
        (MAILS, pattern),
    )
    return [str(row["id"]) for row in rows]


def _statuses(company: Company, mails: list[str]) -> Counter[str]:
    rows = company.sql("SELECT status FROM messages WHERE id = ANY (%s::uuid[])", (mails,))
    return Counter(row["status"] for row in rows)


def _let_its_mail_leave(company: Company, mails: list[str]) -> None:
    """Repair the mailbox: every mail leaves, once, though their items ended when their claims were refused."""
    company.sql(
        "UPDATE email_accounts SET smtp_port = %s WHERE organization_id = %s",
        (company.login["smtp_port"], company.id),
    )

    def all_are_sent() -> bool:
        found = _statuses(company, mails)
        assert found["sending"] <= IN_FLIGHT
        return found == Counter(sent=MAILS)

    eventually(all_are_sent)
    left = [
        each["message_id"].strip("<>")
        for each in company.sandbox("/mail/outbox")["mails"]
        if each["message_id"].strip("<>").endswith("@tarpit.example")
    ]
    assert len(left) == len(set(left)) == MAILS
