"""Only a mail that nothing marks as a machine's may be answered automatically."""

import pytest

from banxway.models.mail import MailOrigin
from banxway.providers.mail.parser import read

HUMAN, AUTO_REPLY, BOUNCE, BULK, GENERATED = MailOrigin
DSN = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"

CASES = {
    "nothing said": ("", HUMAN),
    "Auto-Submitted no": ("Auto-Submitted: no", HUMAN),
    "Auto-Submitted No with a comment": ("Auto-Submitted: No (a person)", HUMAN),
    "suppression of receipts only": ("X-Auto-Response-Suppress: DR, RN, NRN", HUMAN),
    "suppression of nothing": ("X-Auto-Response-Suppress: None", HUMAN),
    "a Return-Path": ("Return-Path: <ann@example.com>", HUMAN),
    "Precedence normal": ("Precedence: normal", HUMAN),
    "X-Autoreply no": ("X-Autoreply: no", HUMAN),
    "an out-of-office subject alone": ("Subject: Out of office", HUMAN),
    "auto-replied": ("Auto-Submitted: auto-replied", AUTO_REPLY),
    "auto-replied with parameters": ("Auto-Submitted: Auto-Replied; owner=x", AUTO_REPLY),
    "auto-replied with an empty Return-Path": ("Auto-Submitted: auto-replied\r\nReturn-Path: <>", AUTO_REPLY),
    "X-Autoreply": ("X-Autoreply: yes", AUTO_REPLY),
    "X-Autorespond": ("X-Autorespond: anything", AUTO_REPLY),
    "X-Autoresponder": ("X-Autoresponder: 1", AUTO_REPLY),
    "Precedence auto_reply": ("Precedence: auto_reply", AUTO_REPLY),
    "delivered to an autoresponder": ("Delivered-To: Autoresponder", AUTO_REPLY),
    "a delivery report": (DSN, BOUNCE),
    "a delivery report said to be auto-replied": (f"Auto-Submitted: auto-replied\r\n{DSN}", BOUNCE),
    "a delivery report that a gateway wrapped": (
        f"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n{DSN}\r\n--out\r\n\r\nDisclaimer\r\n--out--",
        BOUNCE,
    ),
    "an empty Return-Path": ("Return-Path: <>", BOUNCE),
    "an empty Return-Path with a space": ("Return-Path: < >", BOUNCE),
    "failed recipients": ("X-Failed-Recipients: a@example.com", BOUNCE),
    "List-Id": ("List-Id: <a.example.com>", BULK),
    "List-Unsubscribe": ("List-Unsubscribe: <mailto:a@example.com>", BULK),
    "Precedence bulk": ("Precedence: bulk", BULK),
    "Precedence junk in capitals": ("Precedence: JUNK", BULK),
    "Feedback-ID": ("Feedback-ID: 1:2:3:x", BULK),
    "auto-generated": ("Auto-Submitted: auto-generated", GENERATED),
    "an extension of Auto-Submitted": ("Auto-Submitted: auto-notified", GENERATED),
    "suppression of out-of-office": ("X-Auto-Response-Suppress: DR, OOF", GENERATED),
    "suppression of everything": ("X-Auto-Response-Suppress: All", GENERATED),
    "X-Loop": ("X-Loop: yes", GENERATED),
    "a read receipt": (DSN.replace("delivery-status", "disposition-notification"), GENERATED),
}


@pytest.mark.parametrize(("headers", "origin"), CASES.values(), ids=CASES.keys())
def test_headers_say_who_made_a_mail(headers: str, origin: MailOrigin) -> None:
    raw = f"From: Ann <ann@example.com>\r\nTo: desk@example.net\r\n{headers}\r\n\r\nHello"

    assert read(raw.encode()).origin is origin


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@mx.example.com",
        "Mail System <mailer-daemon@x.example>",
        "postmaster@x.example",
        "MAILER-DAEMON",
        "Mail Delivery Subsystem <MAILER-DAEMON>",
    ],
)
def test_a_daemon_is_never_a_person(sender: str) -> None:
    assert read(f"From: {sender}\r\n\r\nUndeliverable".encode()).origin is MailOrigin.BOUNCE


def test_a_mail_that_cannot_be_read_is_never_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    from banxway.providers.mail import parser

    monkeypatch.setattr(parser, "read", lambda raw, **_: 1 / 0)

    assert parser.parse(b"Subject: x\r\n\r\ny").origin is not MailOrigin.HUMAN
