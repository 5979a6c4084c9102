"""Only a mail without any mark of a machine may be answered automatically."""

import pytest

from banxway.models.mail import MailOrigin
from banxway.providers.mail.parse.parser import read

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
    "an out-of-office subject beside a usual header": ("Precedence: normal\r\nSubject: Out of office", HUMAN),
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
    "an empty Return-Path": ("Return-Path: <>", GENERATED),
    "an empty Return-Path with a space": ("Return-Path: < >", GENERATED),
    "failed recipients": ("X-Failed-Recipients: a@example.com", BOUNCE),
    "an absence note of Exchange": (
        "Return-Path: <>\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
        "X-MS-Exchange-Inbox-Rules-Loop: ann@example.com",
        AUTO_REPLY,
    ),
    "an absence note of Outlook's rules": (
        "X-Auto-Response-Suppress: All\r\nAuto-Submitted: auto-generated\r\nSubject: Automatic reply: Quote",
        AUTO_REPLY,
    ),
    "an absence note in German": (
        "Auto-Submitted: auto-generated\r\nSubject: Automatische Antwort: Angebot",
        AUTO_REPLY,
    ),
    "an absence note with a null path": ("Return-Path: <>\r\nSubject: Out of office: x", AUTO_REPLY),
    "an absence note of iCloud": ("X-Apple-Action: VACATION\r\nSubject: Away", AUTO_REPLY),
    "an absence note of Yahoo": ("Subject: Yahoo! Auto Response", AUTO_REPLY),
    "a subject that speaks of Yahoo": ("Subject: Re: Yahoo! Auto Response", HUMAN),
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
        "MAILER-DAEMON <>",
        "Some System <>",
        "MAILER-DAEMON",
        "Mail Delivery Subsystem <MAILER-DAEMON>",
    ],
)
def test_a_daemon_is_never_a_person(sender: str) -> None:
    assert read(f"From: {sender}\r\n\r\nUndeliverable".encode()).origin is MailOrigin.BOUNCE


FAILURE = "A message that you sent could not be delivered to one or more of its recipients.\r\n"


def test_a_null_path_and_words_of_failure_are_a_bounce() -> None:
    raw = f"Return-Path: <>\r\nFrom: ndr@x.example\r\n\r\n{FAILURE}"

    assert read(raw.encode()).origin is MailOrigin.BOUNCE


@pytest.mark.parametrize(
    ("headers", "text", "origin"),
    [
        ("Subject: New certificates", "Our mail server has new certificates since Monday.", HUMAN),
        (
            "Subject: Re: Error\r\nIn-Reply-To: <a@x>",
            "Your mail could not be delivered last week: why?",
            HUMAN,
        ),
        ("Subject: Undeliverable: Quote", "ann@x.example", BOUNCE),
        ("Subject: Quote\r\nReturn-Path: <>", "x", BOUNCE),
        ("Subject: Quote\r\nAuto-Submitted: auto-generated", "x", BOUNCE),
        ("Subject: Quote", FAILURE, BOUNCE),
    ],
)
def test_a_postmaster_who_writes_as_a_person_is_one(headers: str, text: str, origin: MailOrigin) -> None:
    raw = f"From: Ann <postmaster@x.example>\r\n{headers}\r\n\r\n{text}"

    assert read(raw.encode()).origin is origin


def test_a_mail_that_cannot_be_read_is_never_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    from banxway.providers.mail.parse import parser

    monkeypatch.setattr(parser, "read", lambda raw, **_: 1 / 0)

    assert parser.parse(b"Subject: x\r\n\r\ny").origin is not MailOrigin.HUMAN
