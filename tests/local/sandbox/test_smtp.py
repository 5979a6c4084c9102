"""SMTP at the sandbox mailbox: who may send what, what arrives, and Zoho's refusals on demand."""

import imaplib
import smtplib
import ssl
from typing import Any

import pytest
import requests

from local.sandbox import Sandbox
from tests.support.running.sandbox import SUPPORT, SandboxClient
from tests.support.timing.waiting import PATIENCE_S

MAIL = b"From: asha@customer.example\r\nTo: support@banxway.local\r\nSubject: Hi\r\n\r\nHello\r\n"
OURS = (
    b"From: Support <support@banxway.local>\r\nTo: asha@customer.example\r\nSubject: Re: Hi\r\n\r\nHere\r\n"
)


def fetch_only(imap: imaplib.IMAP4_SSL, folder: str = "INBOX") -> bytes:
    """Return the bytes of the folder's one message."""
    _, counts = imap.select(folder, readonly=True)
    assert counts == [b"1"]
    _, parts = imap.uid("FETCH", "1:*", "(BODY.PEEK[])")
    return bytes(parts[0][1])


def test_a_customers_mail_is_visible_by_imap(smtp: smtplib.SMTP, imap: imaplib.IMAP4_SSL) -> None:
    smtp.sendmail("asha@customer.example", [SUPPORT[0]], MAIL)

    assert fetch_only(imap) == MAIL


def test_tls_is_demanded_before_a_password(running: Sandbox) -> None:
    with smtplib.SMTP(running.smtp.host, running.smtp.port, timeout=PATIENCE_S) as plain:
        plain.ehlo()

        assert not plain.has_extn("auth")
        assert plain.docmd("AUTH", "PLAIN AGEAYg==")[0] == 538


def test_the_certificate_is_valid_only_with_the_sandboxs_authority(
    running: Sandbox, trusted: ssl.SSLContext
) -> None:
    with smtplib.SMTP(running.smtp.host, running.smtp.port, timeout=PATIENCE_S) as stranger:
        with pytest.raises(ssl.SSLCertVerificationError):
            stranger.starttls(context=ssl.create_default_context())
        stranger.close()
    with smtplib.SMTP_SSL(
        running.smtps.host, running.smtps.port, context=trusted, timeout=PATIENCE_S
    ) as implicit:
        implicit.login(*SUPPORT)

        assert implicit.noop()[0] == 250


def test_a_wrong_password_is_answered_as_zoho_does(smtp: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        smtp.login(SUPPORT[0], "wrong")

    assert (refused.value.smtp_code, refused.value.smtp_error) == (535, b"Authentication Failed")


def test_submitted_mail_is_kept_in_sent_and_shown_to_the_customer(
    smtp: smtplib.SMTP, imap: imaplib.IMAP4_SSL, client: SandboxClient
) -> None:
    smtp.login(*SUPPORT)

    smtp.sendmail(SUPPORT[0], ["asha@customer.example"], OURS)

    assert fetch_only(imap, "Sent") == OURS
    mail = client.control("GET", "/mail/outbox?to=asha@customer.example")["mails"][0]
    raw = requests.get(f"{client.sandbox.exotel_url}/_sandbox/mail/outbox/{mail['id']}", timeout=PATIENCE_S)
    assert (mail["account"], mail["subject"], mail["text"]) == (SUPPORT[0], "Re: Hi", "Here\r\n")
    assert raw.content == OURS


def test_mail_between_two_mailboxes_arrives(smtp: smtplib.SMTP, client: SandboxClient) -> None:
    smtp.login(*SUPPORT)

    smtp.sendmail(SUPPORT[0], ["Sales@other.local"], OURS)

    folders = client.control("GET", "/mail/mailboxes")["mailboxes"][1]["folders"]
    assert folders == {"INBOX": 1, "Drafts": 0, "Sent": 0, "Spam": 0, "Trash": 0}


@pytest.mark.parametrize(
    ("envelope", "header"),
    [("other@banxway.local", "support@banxway.local"), ("support@banxway.local", "other@banxway.local")],
    ids=["envelope", "From"],
)
def test_a_false_sender_is_refused_after_the_mail(smtp: smtplib.SMTP, envelope: str, header: str) -> None:
    smtp.login(*SUPPORT)

    with pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.sendmail(envelope, ["asha@customer.example"], f"From: {header}\r\n\r\nx\r\n".encode())

    assert (refused.value.smtp_code, refused.value.smtp_error) == (
        553,
        b"Relaying disallowed as other@banxway.local",
    )


@pytest.mark.parametrize(
    ("recipient", "code"),
    [("nobody@banxway.local", 550), ("asha@customer.example", 530)],
    ids=["unknown here", "elsewhere"],
)
def test_a_stranger_can_only_write_to_a_mailbox_of_ours(
    smtp: smtplib.SMTP, recipient: str, code: int
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.sendmail("asha@customer.example", [recipient], MAIL)

    assert refused.value.recipients[recipient][0] == code


ODD_MAILS = {
    "every byte": MAIL + bytes(each for each in range(256) if each not in (10, 13)) + b"\r\n",
    "bare charsets": "Subject: Grüße\r\n\r\nпривет".encode("koi8-r", "replace") + b"\r\n",
    "dots": MAIL + b".\r\n..\r\n.hidden\r\nend.\r\n",
    "only a dot": b".\r\n",
    "empty": b"",
    "lone line feeds": b"Subject: x\n\na\n.\nb\r\n",
    "lone carriage returns": b"Subject: x\r\rbody\r\r\n",
    "a line of 200 kB": MAIL + b"x" * 200_000 + b"\r\n",
}


@pytest.mark.parametrize("raw", ODD_MAILS.values(), ids=ODD_MAILS.keys())
def test_unusual_bytes_arrive_exactly_as_sent(
    smtp: smtplib.SMTP, imap: imaplib.IMAP4_SSL, raw: bytes
) -> None:
    smtp.ehlo_or_helo_if_needed()
    smtp.mail("asha@customer.example")
    smtp.rcpt(SUPPORT[0])
    assert smtp.docmd("DATA")[0] == 354
    stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]

    smtp.send(stuffed + b".\r\n")

    assert smtp.getreply() == (250, b"Message received")
    assert fetch_only(imap) == raw


def test_a_mail_of_30_mb_arrives_whole(smtp: smtplib.SMTP, imap: imaplib.IMAP4_SSL) -> None:
    large = MAIL + (b"y" * 76 + b"\r\n") * (30 * 1024 * 1024 // 78)

    smtp.sendmail("asha@customer.example", [SUPPORT[0]], large)

    assert fetch_only(imap) == large


def test_a_mail_beyond_60_mb_is_refused_announced_or_not(smtp: smtplib.SMTP) -> None:
    smtp.ehlo()
    announced = smtp.mail("asha@customer.example", ["size=70000000"])
    smtp.mail("asha@customer.example")
    smtp.rcpt(SUPPORT[0])

    unannounced = smtp.data(MAIL + (b"z" * 998 + b"\r\n") * 64_000)

    assert (announced[0], unannounced[0]) == (552, 552)
    assert smtp.noop()[0] == 250


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("authentication_failed", 535),
        ("authentication_required", 530),
        ("relaying_disallowed", 553),
        ("unusual_activity", 550),
        ("sender_blocked", 554),
        ("virus", 552),
        ("user_unknown", 550),
        ("dmarc", 550),
        ("destination_rejected", 541),
        ("policy_restricted", 452),
        ("temporary_error", 452),
        ("service_unavailable", 421),
    ],
)
def test_each_of_zohos_answers_can_be_had_once(
    smtp: smtplib.SMTP, client: SandboxClient, name: str, code: int
) -> None:
    client.control("POST", "/mail/faults", {"zoho": name})

    with pytest.raises(smtplib.SMTPException) as refused:
        deliver(smtp)

    error: Any = refused.value
    found = next(iter(error.recipients.values()))[0] if hasattr(error, "recipients") else error.smtp_code
    assert found == code
    assert client.control("GET", "/mail/faults")["faults"] == []
    assert client.control("GET", "/mail/outbox")["mails"] == []


def deliver(smtp: smtplib.SMTP) -> None:
    """Log in and send a mail."""
    smtp.login(*SUPPORT)
    smtp.sendmail(SUPPORT[0], ["asha@customer.example"], OURS)


@pytest.mark.parametrize(("kind", "sent"), [("close", 0), ("accept_then_close", 1)])
def test_a_connection_can_be_lost_after_the_mail(
    smtp: smtplib.SMTP, client: SandboxClient, kind: str, sent: int
) -> None:
    client.control("POST", "/mail/faults", {"stage": "data", "kind": kind})

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        deliver(smtp)

    assert len(client.control("GET", "/mail/outbox")["mails"]) == sent


def test_a_mail_fault_that_cannot_be_is_refused(client: SandboxClient) -> None:
    answer = requests.post(
        f"{client.sandbox.exotel_url}/_sandbox/mail/faults", json={"zoho": "earthquake"}, timeout=PATIENCE_S
    )

    assert (answer.status_code, "zoho must be one of" in answer.json()["error"]) == (400, True)
