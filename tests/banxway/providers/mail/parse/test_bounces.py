"""A delivery report of any server names the mail and its failed recipients; no other mail is taken for a report."""

import pytest

from banxway.models.mail import FailedRecipient, MailOrigin
from banxway.providers.mail.parse.parser import read
from tests.support.torture.case import multipart

DAEMON = (
    b"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\n"
    b"To: desk@example.com\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
)
EXPLANATION = b"Content-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
RETURNED = b"Message-ID: <sent.1@example.com>\r\nFrom: desk@example.com\r\nSubject: offer\r\n"


def report(*blocks: bytes, returned: bytes = b"Content-Type: message/rfc822\r\n\r\n" + RETURNED) -> bytes:
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
    parts = (EXPLANATION, status + b"\r\n".join(blocks), returned)
    return DAEMON + multipart("report; report-type=delivery-status", *parts)


ANN = (
    b"Final-Recipient: rfc822; Ann@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n here\r\n"
)
BOB = b"Final-Recipient: rfc822;bob@customer.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
CARL = b"Final-Recipient: rfc822;carl@customer.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
ANN_FAILED = FailedRecipient("ann@customer.example", "failed", "5.1.1", "550 5.1.1 no such user here")


def test_a_report_names_the_mail_and_what_became_of_it_for_each_recipient() -> None:
    bounce = read(report(ANN, BOB, CARL)).bounce

    assert bounce is not None
    assert bounce.original_message_id == "sent.1@example.com"
    assert bounce.recipients == (
        ANN_FAILED,
        FailedRecipient("bob@customer.example", "delayed", "4.4.1", "4.4.1"),
        FailedRecipient("carl@customer.example", "delivered", "2.0.0", "2.0.0"),
    )


@pytest.mark.parametrize(
    "kind",
    ["text/rfc822-headers", "message/rfc822", "message/global-headers", "message/rfc822-headers"],
)
def test_the_mail_is_known_by_what_is_returned_of_it(kind: str) -> None:
    returned = f"Content-Type: {kind}\r\n\r\n".encode() + RETURNED

    bounce = read(report(ANN, returned=returned)).bounce

    assert bounce is not None
    assert bounce.original_message_id == "sent.1@example.com"


def test_a_report_that_returns_nothing_is_known_by_what_it_answers() -> None:
    raw = report(ANN, returned=EXPLANATION).replace(
        b"To:", b"References: <a@x> <sent.1@example.com>\r\nTo:", 1
    )

    bounce = read(raw).bounce

    assert bounce is not None
    assert bounce.original_message_id == "sent.1@example.com"


def test_the_address_we_wrote_to_is_preferred_over_where_it_was_forwarded() -> None:
    bounce = read(report(b"Original-Recipient: rfc822;first@customer.example\r\n" + ANN)).bounce

    assert bounce is not None
    assert bounce.recipients[0].address == "first@customer.example"


def test_recipients_without_blank_lines_between_them_are_separated() -> None:
    bounce = read(report(ANN.rstrip() + b"\r\n" + BOB)).bounce

    assert bounce is not None
    assert [found.address for found in bounce.recipients] == ["ann@customer.example", "bob@customer.example"]


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "delayed"])
def test_a_report_that_nothing_failed_names_its_mail_and_no_failure(action: str) -> None:
    mail = read(report(CARL.replace(b"delivered", action.encode())))

    assert mail.bounce is not None
    assert mail.bounce.original_message_id == "sent.1@example.com"
    assert [one.action for one in mail.bounce.recipients] == [action]


def test_a_report_that_says_nothing_known_is_none() -> None:
    assert read(report(CARL.replace(b"delivered", b"considered"))).bounce is None


def test_a_report_that_a_gateway_wrapped_is_known_by_what_it_returns_itself() -> None:
    own = b"Message-ID: <report@mx.example.net>\r\n"
    head = b"From: postmaster@mx.example.net\r\nTo: desk@example.com\r\nSubject: Delivery Status Notification\r\n"
    wrapped = b"Content-Type: message/rfc822\r\n\r\n" + own + report(ANN).replace(DAEMON, head)

    bounce = read(own + head + multipart("mixed", wrapped, boundary="out")).bounce

    assert bounce is not None
    assert bounce.original_message_id == "sent.1@example.com"
    assert [one.address for one in bounce.recipients] == ["ann@customer.example"]


def test_a_report_in_base64_is_read() -> None:
    import base64

    status = b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    parts = (EXPLANATION, status + base64.encodebytes(b"Reporting-MTA: dns;x\r\n\r\n" + ANN))

    bounce = read(DAEMON + multipart("report; report-type=delivery-status", *parts)).bounce

    assert bounce is not None
    assert bounce.recipients == (ANN_FAILED,)


HEADER = (
    "Received:from mail.example by mx.example\n\twith SMTP id 1; Wed, 1 Jan 2025 00:00:00 -0800\n"
    "Message-ID:<sent.1@example.com>\nFrom:desk@example.com\nReply-To: other@example.com\n"
    "To:<ann@customer.example>\nSubject:Quote\n"
)
COPY = "Message-ID: <sent.1@example.com>\nFrom: desk@example.com\nTo: other@customer.example\n\nHello\n"
DIALECTS = {
    "qmail": (
        "Hi. This is the mail program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<ann@customer.example>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n\n"
        "--- Below this line is a copy of the message.\n\n" + COPY
    ),
    "Exim": (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) "
        "failed:\n\n  ann@customer.example\n    host mx.customer.example [192.0.2.7]\n    SMTP error from "
        "remote mail server: 550 5.1.1 unknown user\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n" + COPY
    ),
    "old Gmail": (
        "Delivery to the following recipient failed permanently:\n\n     ann@customer.example\n\nTechnical details "
        "of permanent failure:\n550 5.1.1 unknown user\n\n----- Original message -----\n\n" + COPY
    ),
    "sendmail": (
        "   ----- The following addresses had permanent fatal errors -----\n<ann@customer.example>\n    (reason: 550 "
        "5.1.1 unknown user)\n\n   ----- Original message follows -----\n\n" + COPY
    ),
    "Exchange of 2003": (
        "Your message\n\n  Subject: offer\n  Sent: Monday\n\ndid not reach the following recipient(s):\n\n"
        "ann@customer.example on Mon, 1 Jan 2024 10:00:00 +0100\n    The e-mail account does not exist. <mx.example "
        "#5.1.1>\n\n--- Original message ---\n" + COPY
    ),
    "an error code on the line": (
        "This message was created automatically by mail delivery software.\n A message that you sent could not be "
        "delivered to one or more of its recipients. This is a permanent error.\n\nann@customer.example, ERROR CODE "
        ":550 - 5.1.1 unknown user\n\n--- Original message ---\n" + COPY
    ),
    "bullets": (
        "Delivery has failed to these recipients or groups:\n\n* ann@customer.example (ann@customer.example)\n"
        "5.1.1 unknown user\n\nOriginal message headers:\n" + COPY
    ),
    "in the middle of a sentence": (
        "The mailbox of the user ann@customer.example is over its quota (552 5.1.1), so that nothing reached it.\n"
        "System contact: postmaster@customer.example\n\n--- Original message ---\n" + COPY
    ),
    "in brackets": (
        "The server refused your message.\n\n\tRecipient: [SMTP:ann@customer.example]\n\tReason: 550 5.1.1 mailbox "
        "unavailable\n\nMessage headers follow:\n\n" + COPY
    ),
    "Zoho": (
        "This message was created automatically by mail delivery software.\nA message that you sent could not be "
        "delivered to one or more of its recipients. This is a permanent error.\n\nann@customer.example Invalid "
        "Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <ann@customer.example>... User Unknown\n\n\n" + HEADER
    ),
    "DragonFly": (
        "This is the DragonFly Mail Agent v0.13 at mx.example.\n\nThere was an error delivering your mail to "
        "<ann@customer.example>.\n\nmx.customer.example [192.0.2.1] did not like our RCPT TO:\n550 5.1.1 no such "
        "user\n\nMessage headers follow.\n\n" + HEADER
    ),
    "mail.ru": (
        "Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.\n\nК сожалению, Ваше письмо "
        "не может быть доставлено одному или нескольким получателям:\n\n  ann@customer.example\n    SMTP error: 550 "
        "5.1.1 User Unknown\n\n------ This is a copy of the message, including all the headers. ------\n\n" + HEADER
    ),
    "Yahoo": (
        "Sorry, we were unable to deliver your message to the following address.\n\n<ann@customer.example>:\n550: "
        "5.1.1 unknown user\n\n---------- Forwarded message ----------\n\n" + HEADER
    ),
    "an unknown user, and other addresses below": (
        "Unknown user: ann@customer.example (5.1.1)\n\n\nOriginal message follows.\n\n" + HEADER
    ),
    "a postmaster to be asked": (
        "The message to ann@customer.example was rejected (5.1.1).\nAsk postmaster@mx.example, desk@example.com."
        "\n\n" + HEADER
    ),
    "no line that introduces what is returned": (
        "Delivery failed.\n\nann@customer.example\n550 5.1.1 unknown user\n\n> " + HEADER.replace("\n", "\n> ")
    ),
    "fields of a program": (
        "An error was detected.\n\nError-for:  ann@customer.example\nError-Text: Mailer said: 554 5.1.1 looping\n\n"
        "---- Original message ----\n" + COPY
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS.keys())
def test_a_failure_reported_in_words_names_mail_recipient_and_code(text: str) -> None:
    mail = read(DAEMON + b"\r\n" + text.encode())

    assert mail.origin is MailOrigin.BOUNCE
    assert mail.bounce is not None
    assert mail.bounce.original_message_id == "sent.1@example.com"
    assert [(one.address, one.action, one.status) for one in mail.bounce.recipients] == [
        ("ann@customer.example", "failed", "5.1.1")
    ]


def test_a_header_that_names_the_failed_recipients_is_believed() -> None:
    head = DAEMON + b"X-Failed-Recipients: ann@customer.example,\r\n bob@customer.example\r\n\r\n"

    bounce = read(head + DIALECTS["Exim"].encode()).bounce

    assert bounce is not None
    assert [one.address for one in bounce.recipients] == ["ann@customer.example", "bob@customer.example"]


@pytest.mark.parametrize(
    "text",
    [
        "This is a warning message only.\nDelivery to the following recipient has been delayed:\n\n"
        "     ann@customer.example\n\nMessage will be retried for 2 more days\n",
        "A message that you sent has not yet been delivered to one or more of its recipients.\n\n"
        "  ann@customer.example\n    Delay reason: connection timed out\n",
    ],
    ids=["warning", "Exim"],
)
def test_a_delay_is_no_failure(text: str) -> None:
    bounce = read(DAEMON + b"\r\n" + text.encode()).bounce

    assert bounce is not None
    assert [(one.address, one.action) for one in bounce.recipients] == [("ann@customer.example", "delayed")]


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your mail to ann@customer.example.",
        "Your message could not be delivered.",
        "--- Original message ---\nIt could not be delivered to\nann@customer.example\n",
        "Your message was successfully delivered to ann@customer.example; no error occurred.",
        "",
    ],
    ids=["no failure", "no address", "only in the returned mail", "a success", "empty"],
)
def test_words_that_leave_doubt_are_no_report(text: str) -> None:
    assert read(DAEMON + b"\r\n" + text.encode()).bounce is None


def test_a_person_who_writes_about_a_failure_sends_no_report() -> None:
    head = b"From: ann@customer.example\r\nTo: desk@example.com\r\nSubject: help\r\n\r\n"

    mail = read(head + DIALECTS["Exim"].encode())

    assert mail.origin is MailOrigin.HUMAN
    assert mail.bounce is None


@pytest.mark.parametrize(("to", "named"), [("ann@customer.example", 1), ("ann@a.example, bob@b.example", 0)])
def test_a_failure_that_names_nobody_is_of_the_recipient_of_what_it_returns(to: str, named: int) -> None:
    returned = b"Content-Type: message/rfc822\r\n\r\n" + RETURNED + f"To: {to}\r\n".encode()
    bounce = read(DAEMON + multipart("mixed", EXPLANATION, returned)).bounce

    assert bounce is not None
    assert bounce.original_message_id == "sent.1@example.com"
    assert [one.address for one in bounce.recipients] == [to] * named


def test_a_server_that_writes_under_a_usual_name_is_known_by_what_it_returns() -> None:
    head = b"From: ndr@x.example\r\nTo: desk@example.com\r\nSubject: Mail delivery failed: returning\r\n\r\n"

    mail = read(head + DIALECTS["Zoho"].encode())

    assert (mail.origin, mail.bounce is not None) == (MailOrigin.BOUNCE, True)


def test_the_reason_ends_where_the_returned_mail_begins() -> None:
    bounce = read(DAEMON + b"\r\n" + DIALECTS["Zoho"].encode()).bounce

    assert bounce is not None
    assert bounce.recipients[0].diagnostic.endswith("User Unknown")


def test_a_report_is_shown_whole() -> None:
    mail = read(DAEMON + b"\r\n" + DIALECTS["Zoho"].encode())

    assert mail.reply_text == mail.text.strip()


def test_ten_thousand_recipients_are_cut_at_five_hundred() -> None:
    bounce = read(report(*[ANN] * 10_000)).bounce

    assert bounce is not None
    assert len(bounce.recipients) == 500
