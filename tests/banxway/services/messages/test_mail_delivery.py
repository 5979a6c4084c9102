"""Mails of the ledger meet a real SMTP dialogue: each answer leads to its action, and nobody gets a mail twice."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest

from banxway.models.integrations.credentials import MailServer
from banxway.models.status.notifications import SENDING_REFUSED, SENDING_STOPPED
from banxway.providers.base import Begin
from banxway.providers.mail.smtp import session as smtp_session
from banxway.providers.mail.smtp.sender import SmtpMailSender
from banxway.providers.mail.smtp.session import SmtpSession
from banxway.services.messages.channels.email import suspension
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import CUSTOMER_MAIL, add_mail, deliver, submit_by
from tests.support.product.builders import SUPPORT, Product, a_mail
from tests.support.product.fake_mailbox import FakeMailbox
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.smtp_server import PASSWORD, USERNAME, ScriptedSmtp
from tests.support.servers.tcp_server import dial_loopback
from tests.support.timing.clocks import SetClock
from tests.support.timing.waiting import PATIENCE_S, eventually

HOST = "mail.example.test"
Start = Callable[..., ScriptedSmtp]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("authority"))


class _Sender(SmtpMailSender):
    """Waits long for every answer but the last: only what comes after the mail may be a server's silence."""

    waits_for_the_last_answer_s = float(PATIENCE_S)

    def _submit(self, session: SmtpSession, content: bytes, begin: Begin) -> None:
        session._reply_timeout_s = self.waits_for_the_last_answer_s
        super()._submit(session, content, begin)
        session._reply_timeout_s = PATIENCE_S


@pytest.fixture
def start(product: Product, authority: TestAuthority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start an SMTP server, and let the product's mail leave through it."""
    monkeypatch.setattr(smtp_session, "_PROBE_S", PATIENCE_S)
    with ExitStack() as stack:

        def begin(**script: Any) -> ScriptedSmtp:
            server = stack.enter_context(ScriptedSmtp(authority.server_context(HOST), **script))
            sender = _Sender(
                MailServer(HOST, server.port, "starttls", USERNAME, PASSWORD),
                connect=dial_loopback(server.port),
                tls=authority.client_context(),
                connect_timeout_s=PATIENCE_S,
                reply_timeout_s=PATIENCE_S,
                longest_s=PATIENCE_S,
                clock=SetClock(),
            )
            if "HANG" in script.get("END", ""):
                sender.waits_for_the_last_answer_s = 0.3
            stack.callback(sender.close)
            submit_by(product, sender)
            return server

        yield begin


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization, email=CUSTOMER_MAIL)


@pytest.fixture
def queued(product: Product, organization: Organization, thread: UUID, account: UUID) -> UUID:
    """A mail that waits to be sent."""
    return add_mail(product, organization, thread, account)


def _account(product: Product) -> dict[str, Any]:
    (row,) = product.database.rows("SELECT * FROM email_accounts")
    return row


def _open_notifications(product: Product) -> list[tuple[str, str]]:
    rows = product.database.rows(
        "SELECT kind, sentence FROM notifications WHERE closed_at IS NULL ORDER BY kind"
    )
    return [(row["kind"], row["sentence"]) for row in rows]


# Every row of the reference's table (reference/mail.md, 9): the answer, and what becomes of the mail.


@pytest.mark.parametrize(
    ("verb", "answer", "status", "is_stopped", "reported"),
    [
        ("AUTH", "535 Authentication Failed", "failed", True, "sending_stopped"),
        ("MAIL", "530 5.5.1 Authentication Required", "failed", False, "sending_refused"),
        ("END", "553 Relaying disallowed as x@y.example", "failed", False, "sending_refused"),
        ("MAIL", "550 5.4.6 Unusual sending activity detected", "queued", True, "sending_stopped"),
        ("END", "554 5.1.8 Sender Address Blocked", "queued", True, "sending_stopped"),
        ("END", "552 5.7.1 virus detected by Zoho Mail", "failed", False, None),
        ("RCPT", "550 5.1.1 User unknown", "failed", False, None),
        ("END", "550 5.7.1 rejected per DMARC policy", "failed", False, "sending_refused"),
        ("RCPT", "541 5.4.1 Mail rejected by destination domain", "failed", False, None),
        ("RCPT", "452 4.7.1 delivery restricted by policy", "failed", False, None),
        ("END", "452 4.3.1 Temporary System Error", "queued", False, None),
        ("RCPT", "421 4.7.0 closing", "queued", False, None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_each_answer_leads_to_the_stated_action(
    product: Product,
    organization: Organization,
    queued: UUID,
    start: Start,
    verb: str,
    answer: str,
    status: str,
    is_stopped: bool,
    reported: str | None,
) -> None:
    server = start(**{verb: answer})

    deliver(product, organization, queued)

    row, account = product.row(queued), _account(product)
    assert row["status"] == status
    assert row["took_nothing"] == (status == "failed")
    assert (account["sending_stopped_at"] is not None) == is_stopped
    assert [kind for kind, _ in _open_notifications(product)] == ([reported] if reported else [])
    if status == "failed" or is_stopped:
        assert answer[:3] in (account["sending_stopped_reason"] or row["failure_reason"] + answer)
        assert row["failure_advice"]
    assert server.mails == [] or verb == "END"


def test_a_refused_login_is_tried_once_and_not_again_until_the_login_is_changed(
    product: Product, organization: Organization, thread: UUID, account: UUID, start: Start
) -> None:
    """Providers lock an account that keeps trying."""
    server = start(AUTH="535 Authentication Failed")
    messages = [add_mail(product, organization, thread, account) for _ in range(5)]

    for _ in range(3):
        for message in messages:
            deliver(product, organization, message)

    assert sum(command.startswith("AUTH") for command in server.commands) == 1
    statuses = [product.row(message)["status"] for message in messages]
    assert statuses == ["failed", "queued", "queued", "queued", "queued"]
    assert all(product.row(message)["attempts"] == 0 for message in messages[1:])
    ((_, sentence),) = _open_notifications(product)
    assert "Invalid login: 535" in sentence
    assert SUPPORT in sentence


def test_a_blocked_account_holds_its_mails_until_a_person_lets_them_go(
    product: Product,
    organization: Organization,
    thread: UUID,
    account: UUID,
    start: Start,
) -> None:
    server = start(MAIL=["550 5.4.6 Unusual sending activity detected", "250 ok"])
    messages = [add_mail(product, organization, thread, account) for _ in range(3)]
    for message in messages:
        deliver(product, organization, message)
    rows = [product.row(message) for message in messages]
    assert [(row["status"], row["attempts"]) for row in rows] == [("queued", 0)] * 3
    assert all("5.4.6" in row["failure_reason"] for row in rows)
    assert all("when an admin resumes sending" in row["failure_advice"] for row in rows)
    assert sum(command.lower().startswith("mail") for command in server.commands) == 1
    assert product.app.maintenance.sweep.sweep().reenqueued == 0

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        suspension.resume(transaction, product.app.status.notifications, account)
    assert product.app.maintenance.sweep.sweep().reenqueued == 3
    for message in messages:
        product.deliver(organization, message)

    assert [product.row(message)["status"] for message in messages] == ["sent"] * 3
    assert [product.row(message)["failure_reason"] for message in messages] == [None] * 3
    assert len(server.mails) == 3
    assert _open_notifications(product) == []


def test_that_a_mail_waits_and_why_is_pushed_to_listeners(
    product: Product, organization: Organization, queued: UUID, start: Start
) -> None:
    start(MAIL="550 5.4.6 Unusual sending activity detected")

    deliver(product, organization, queued)

    row = product.row(queued)
    news = product.database.rows("SELECT thread_id, message_id FROM changes WHERE kind = 'message.status'")
    assert (row["status"], row["failure_reason"] is None) == ("queued", False)
    assert news == [{"thread_id": row["thread_id"], "message_id": queued}]


def test_letting_a_mailbox_send_again_closes_everything_that_was_said_of_it_and_of_no_other(
    product: Product, organization: Organization, account: UUID
) -> None:
    other = product.add_mailbox(organization, "other@yourdomain.com")
    for mailbox in (account, other):
        for kind in (SENDING_STOPPED, SENDING_REFUSED):
            product.database.rows(
                """INSERT INTO notifications (id, organization_id, kind, subject, sentence)
                   VALUES (gen_random_uuid(), %s, %s, %s, 'It is stopped')""",
                (organization.id, kind, str(mailbox)),
            )
    product.database.rows(
        "UPDATE email_accounts SET sending_stopped_at = now(), sending_stopped_reason = 'r'"
    )

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        suspension.resume(transaction, product.app.status.notifications, account)

    still_open = product.database.rows("SELECT DISTINCT subject FROM notifications WHERE closed_at IS NULL")
    stopped = product.database.rows("SELECT id FROM email_accounts WHERE sending_stopped_at IS NOT NULL")
    assert still_open == [{"subject": str(other)}]
    assert stopped == [{"id": other}]


@pytest.mark.parametrize(
    ("verb", "answer", "remedy"),
    [
        ("AUTH", "535 Authentication Failed", "Enter a login that works"),
        ("MAIL", "550 5.4.6 Unusual sending activity detected", "Unblock the account at the mail provider"),
    ],
    ids=["refused login", "blocked account"],
)
def test_an_admin_is_reported_once_what_to_do_about_a_stopped_mailbox(
    product: Product,
    organization: Organization,
    thread: UUID,
    account: UUID,
    start: Start,
    verb: str,
    answer: str,
    remedy: str,
) -> None:
    start(**{verb: answer})
    for _ in range(2):
        deliver(product, organization, add_mail(product, organization, thread, account))
        product.database.rows("UPDATE email_accounts SET is_verified = true")

    ((kind, sentence),) = _open_notifications(product)
    assert kind == SENDING_STOPPED
    assert remedy in sentence
    assert SUPPORT in sentence


def test_a_temporary_refusal_is_tried_five_times_and_then_failed(
    product: Product, organization: Organization, queued: UUID, start: Start
) -> None:
    server = start(MAIL="452 4.3.1 Temporary System Error")

    for _ in range(8):
        deliver(product, organization, queued)

    row = product.row(queued)
    assert (row["status"], row["attempts"], row["provider_code"]) == ("failed", 5, "4.3.1")
    assert sum(command.lower().startswith("mail") for command in server.commands) == 5


def test_a_temporary_refusal_of_mail_is_waited_out_for_minutes(
    product: Product, organization: Organization, queued: UUID, start: Start
) -> None:
    """Greylisting alone lasts five minutes."""
    start(MAIL="452 4.3.1 Temporary System Error")
    product.app.messages.deliver._random = lambda: 0.5

    for _ in range(4):
        deliver(product, organization, queued)

    # Three quarters of 10, 50, 250 and 1250 s, rounded up, and no more than a queue takes.
    assert product.queues["mail"].delays == [8, 38, 188, 900]


def test_one_refused_recipient_of_several_fails_the_mail_by_name_and_nobody_gets_it(
    product: Product, organization: Organization, thread: UUID, account: UUID, start: Start
) -> None:
    server = start(**{"rcpt to:<ravi@customer.example>": "550 5.1.1 User unknown"})
    message = add_mail(
        product, organization, thread, account, mail_cc=["ravi@customer.example", "mina@customer.example"]
    )

    deliver(product, organization, message)

    row = product.row(message)
    assert (row["status"], server.mails) == ("failed", [])
    assert row["failure_reason"].startswith("ravi@customer.example: 550")


# Fault 41: what is lost between the last dot and its answer.


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ({"END": ["RESET", "250 taken"]}, "unknown"),
        ({"END": ["CLOSE", "250 taken"]}, "unknown"),
        ({"END": ["HANG", "250 taken"]}, "unknown"),
        ({"END": ["garbage", "250 taken"]}, "unknown"),
        ({"END": ["451 4.3.0 not now", "250 taken"]}, "sent"),
        ({"DATA": ["451 4.3.0 not now", "354 go"]}, "sent"),
        ({"DATA": ["RESET", "354 go"]}, "sent"),
    ],
    ids=["reset", "closed", "silence", "nonsense", "4xx after the dot", "4xx at DATA", "cut at DATA"],
)
def test_a_lost_answer_after_the_last_dot_is_settled_by_the_sent_folder_and_never_sent_twice(
    product: Product,
    organization: Organization,
    account: UUID,
    mailbox: FakeMailbox,
    queued: UUID,
    start: Start,
    script: dict[str, list[str]],
    status: str,
) -> None:
    server = start(**script)

    for _ in range(4):
        deliver(product, organization, queued)
        product.app.maintenance.sweep.sweep()

    # Anybody who was tired of waiting may be ahead of the server, which has the mail all the same.
    eventually(lambda: server.taken)
    assert (len(server.taken), product.row(queued)["status"]) == (1, status)
    if status == "unknown":
        mailbox.deliver(a_mail(message_id=product.row(queued)["mail_message_id"]), folder="Sent")
        (row,) = product.database.rows("SELECT id FROM email_accounts")
        assert (
            product.app.email_sync.sent_evidence.settle(account=product.account(row["id"]), mailbox=mailbox)
            == 1
        )
        deliver(product, organization, queued)
    assert (len(server.taken), product.row(queued)["status"]) == (1, "sent")


# Consecutive mails, automatic mails.


def test_consecutive_mails_of_a_mailbox_share_a_connection_until_the_invocation_ends(
    product: Product, organization: Organization, thread: UUID, account: UUID, start: Start
) -> None:
    server = start()

    for _ in range(3):
        deliver(product, organization, add_mail(product, organization, thread, account))
    product.app.end_invocation()
    assert server.commands[-1].upper() == "QUIT"
    deliver(product, organization, add_mail(product, organization, thread, account))

    assert (len(server.mails), server.connections) == (4, 2)


def test_another_mailbox_gets_a_connection_of_its_own(
    product: Product, organization: Organization, thread: UUID, account: UUID
) -> None:
    other = product.add_mailbox(organization, "other@yourdomain.com")

    for mailbox in (account, other, account):
        deliver(product, organization, add_mail(product, organization, thread, mailbox))

    logins = [server.username for server in product.providers.mail_servers]
    assert logins == [SUPPORT, "other@yourdomain.com", SUPPORT]
    assert product.providers.mail_sender.closed == 2


@pytest.mark.parametrize(
    ("kind", "submitted", "precedence"),
    [("vacation", b"auto-replied", b"auto_reply"), ("forward", b"auto-generated", b"bulk")],
)
def test_an_automatic_mail_of_the_ledger_carries_its_marks(
    product: Product,
    organization: Organization,
    thread: UUID,
    account: UUID,
    start: Start,
    kind: str,
    submitted: bytes,
    precedence: bytes,
) -> None:
    server = start()
    content = '{"sender_name": "Support", "priority": "normal", "headers": {}, "loop_mark": "banxway-abc"}'
    message = add_mail(product, organization, thread, account, automatic=kind, content=content)

    deliver(product, organization, message)

    (raw,) = server.mails
    assert b"\r\nAuto-Submitted: " + submitted + b"\r\n" in raw
    assert b"\r\nPrecedence: " + precedence + b"\r\n" in raw
    assert b"\r\nX-Auto-Response-Suppress: All\r\n" in raw
    assert b"\r\nX-Loop: banxway-abc\r\n" in raw


def test_a_mailbox_that_may_no_longer_send_fails_its_mails(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.database.rows("UPDATE email_accounts SET smtp_enabled = false")

    deliver(product, organization, queued)

    row = product.row(queued)
    assert (row["status"], row["took_nothing"]) == ("failed", True)
    assert product.providers.mail_sender.sent == []
