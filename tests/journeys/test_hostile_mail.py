"""Mail as the world sends it: each is visible in a thread, readable or with its reason, and none blocks the next."""

import base64
from dataclasses import dataclass
from typing import Any

from tests.support.running.company import Company
from tests.support.timing.waiting import eventually

MEGABYTE = 1_000_000
PLAIN = b"Content-Type: text/plain"


@dataclass(frozen=True)
class Hostile:
    """One mail as raw bytes (headers beyond From, To and Message-ID, then the body), and what must be seen."""

    name: str
    raw: bytes
    subject: str
    text: str
    files: tuple[str, ...] = ()
    problem: str = ""


def encoded(text: str, charset: str) -> bytes:
    """Write a header's text as an encoded word."""
    return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(text.encode(charset)))


def of_charset(charset: str, text: str, *, subject: str) -> Hostile:
    head = b"Subject: %s\r\n%s; charset=%s\r\n\r\n" % (encoded(subject, charset), PLAIN, charset.encode())
    return Hostile(charset, head + text.encode(charset), subject, text)


def with_file(name: str, disposition: bytes, content: bytes, *, text: str, files: tuple[str, ...]) -> Hostile:
    """A mail of two parts: a text and an attachment in base64."""
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    raw = (
        b"Subject: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; %s\r\n\r\n%s\r\n--b--\r\n"
    ) % (name.encode(), text.encode(), disposition, lines)
    return Hostile(name, raw, name, text, files)


MAILS = [
    of_charset("utf-8", "कहाँ है मेरा पार्सल? 📦", subject="पार्सल"),
    of_charset("iso-2022-jp", "荷物はどこですか。", subject="荷物について"),
    of_charset("gb18030", "我的包裹在哪里？㐀", subject="包裹"),
    Hostile(
        "windows-1252 that says it is latin 1",
        b"Subject: Mislabelled\r\n" + PLAIN + b"; charset=ISO-8859-1\r\n\r\nThe \x93price\x94 is \x80 20\r\n",
        "Mislabelled",
        "The “price” is € 20",
    ),
    Hostile(
        "broken base64",
        b"Subject: Broken base64\r\n"
        + PLAIN
        + b"; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(b"Where is my parcel, please?")[:-3]
        + b"!*\r\n",
        "Broken base64",
        "Where is my parcel",
    ),
    Hostile(
        "no charset",
        b"Subject: No charset\r\n\r\n" + "Grüße aus München\r\n".encode(),
        "No charset",
        "Grüße aus München",
    ),
    with_file(
        "RFC 2231 name",
        b"filename*=UTF-8''%E0%A4%9A%E0%A4%BE%E0%A4%B2%E0%A4%BE%E0%A4%A8.pdf",
        b"%PDF-1.4",
        text="See the invoice",
        files=("चालान.pdf",),
    ),
    with_file(
        "Encoded word name",
        b'filename="%s"' % encoded("発送 状.pdf", "iso-2022-jp"),
        b"%PDF-1.4",
        text="See the note",
        files=("発送 状.pdf",),
    ),
    with_file(
        "Thirty megabytes",
        b"filename=scan.pdf",
        bytes(22 * MEGABYTE),
        text="The scan is large",
        files=("scan.pdf",),
    ),
    Hostile(
        "over fifty megabytes",
        b"Subject: Too large\r\n\r\n" + b"0123456789abcdef\r\n" * (52 * MEGABYTE // 18),
        "Too large",
        "",
        problem="Larger than the 50 MB limit (52 MB), not fetched",
    ),
    Hostile("the plain mail behind them", b"Subject: Last\r\n\r\nJust text\r\n", "Last", "Just text"),
]


def deliver(company: Company, number: int, mail: Hostile) -> None:
    head = (
        f"From: {company.customer_email}\r\nTo: {company.mailbox['email']}\r\n"
        f"Message-ID: <hostile-{number}@customer.example>\r\n"
    )
    company.deliver_mail(head.encode() + mail.raw)


def visible_threads(company: Company) -> dict[str, str]:
    return {thread["subject"]: thread["id"] for thread in company.agent.read("/communications/threads")}


def the_message(company: Company, thread_id: str) -> dict[str, Any]:
    (message,) = company.thread_messages(thread_id)
    return dict(message)


def test_every_mail_is_readable_in_its_thread_or_says_why_not(company: Company):
    account_id = company.connect_mailbox()
    for number, mail in enumerate(MAILS):
        deliver(company, number, mail)

    def poll_until_the_last_is_visible() -> dict[str, str] | None:
        answer = company.admin.post(f"/settings/email-accounts/{account_id}/poll-now")
        assert answer.status_code in (200, 409, 503, 504), (
            answer.text
        )  # a slow machine may need several polls
        found = visible_threads(company)
        return found if MAILS[-1].subject in found else None

    threads = eventually(poll_until_the_last_is_visible)

    assert set(threads) == {mail.subject for mail in MAILS}
    shown = {mail.name: the_message(company, threads[mail.subject]) for mail in MAILS}
    assert {mail.name: mail.text in shown[mail.name]["body_text"] for mail in MAILS} == {
        mail.name: True for mail in MAILS
    }
    assert {
        name: tuple(file["filename"] for file in message["attachments"]) for name, message in shown.items()
    } == {mail.name: mail.files for mail in MAILS}
    for mail in MAILS:
        assert mail.problem in " ".join(shown[mail.name]["problems"])
    assert shown["Thirty megabytes"]["attachments"][0]["size_bytes"] == 22 * MEGABYTE
    assert shown["broken base64"]["problems"] != []
