"""Parses any bytes into a readable mail.

    bytes -> mime.split ----------------------> tree -> bodies.Body -> ParsedMail
                 └ an anomaly -> tolerant (standard library) ┘

The raw mail is stored before this runs, so nothing here can lose one. What could not be read is a sentence in
`problems`, and a later version can parse the mail again.
"""

import re
from collections.abc import Callable
from datetime import datetime

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.models.mail import Address, MailAttachment, MailOrigin, ParsedMail
from banxway.providers.mail.html.text import MAX_HTML_CHARS, to_text
from banxway.providers.mail.parse.addresses import read_addresses, read_nameless
from banxway.providers.mail.parse.bodies import Body
from banxway.providers.mail.parse.charsets.charsets import decode, named_in_html
from banxway.providers.mail.parse.charsets.encoded_words import decode_header
from banxway.providers.mail.parse.dates import read_date, read_received_date
from banxway.providers.mail.parse.files import inline_where_shown
from banxway.providers.mail.parse.headers import read_headers, skip_blank_lines
from banxway.providers.mail.parse.limits import DEFAULT, Budget, ParseLimits
from banxway.providers.mail.parse.message_ids import (
    read_message_id,
    read_raw_message_id,
    read_references,
    read_reply_id,
)
from banxway.providers.mail.parse.mime import split, split_header
from banxway.providers.mail.parse.origin.authentication import read_authentication
from banxway.providers.mail.parse.origin.bounces import read_bounce
from banxway.providers.mail.parse.origin.conversation import (
    all_headers,
    read_list_id,
    read_loop_marks,
    read_return_path,
    read_thread_index,
    read_thread_topic,
)
from banxway.providers.mail.parse.origin.forwarded import read_forwarded_author
from banxway.providers.mail.parse.origin.origin import classify
from banxway.providers.mail.parse.part import Part
from banxway.providers.mail.parse.replies.html_quotes import split_html_reply
from banxway.providers.mail.parse.replies.quotes import ReplyParts, is_forward, split_reply
from banxway.providers.mail.parse.tolerant import is_affordable, split_tolerantly

_LONGEST_SUBJECT = 2000
_ABOUT_MIME = re.compile(
    r"\bmime\b|openpgp|multi-?part|multiple parts|cryptographically signed|digitally signed", re.IGNORECASE
)


def parse(raw: bytes, *, limits: ParseLimits = DEFAULT, clock: Clock = SYSTEM_CLOCK) -> ParsedMail:
    """Return what can be read of a mail. Never raises: a bug of ours gives a stub that names the exception."""
    try:
        return read(raw, limits=limits, clock=clock)
    except Exception as fault:  # noqa: BLE001  # one unreadable mail must never block the mails behind it
        return _stub(raw, fault)


def parse_header(raw: bytes, *, limits: ParseLimits = DEFAULT, clock: Clock = SYSTEM_CLOCK) -> ParsedMail:
    """Return what can be read of a mail whose header alone is given; text and attachments are empty. Never raises."""
    try:
        budget = Budget(limits, clock)
        root = split_header(skip_blank_lines(raw), budget)
        charset = _named_charset(root)
        return _mail(root, Body(budget, _embedder(budget), charset), "", None, charset)
    except Exception as fault:  # noqa: BLE001  # as in `parse`
        return _stub(raw, fault)


def read(raw: bytes, *, limits: ParseLimits = DEFAULT, clock: Clock = SYSTEM_CLOCK) -> ParsedMail:
    """Return what `parse` does, but let exceptions through; no known mail raises one."""
    budget = Budget(limits, clock)
    root = _tree(raw, budget, depth=0)
    charset = _named_charset(root)
    body = Body(budget, _embedder(budget), charset)
    body.add(root, depth=0)
    body.use_winmail_bodies()
    text = body.text() or _last_resort(root, body)
    html = body.html()
    if html and len(html) > MAX_HTML_CHARS:
        budget.add_problem("The HTML is longer than what is read of it; its end is missing from the text.")
    return _mail(root, body, text, html, charset)


def _mail(root: Part, body: Body, text: str, html: str | None, charset: str | None) -> ParsedMail:
    budget = body.budget
    authors = _all(root, b"from", charset)
    sender = authors[0] if authors else _sender(root, charset)
    origin = classify(root, authors[0].email if authors else _unread_author(root, sender), text)
    headers = all_headers(root, charset)
    subject = _subject(root, headers, budget)
    written = _whole(text) if origin is MailOrigin.BOUNCE else _written(subject, text, html)
    return ParsedMail(
        message_id=read_message_id(root.first(b"message-id")),
        in_reply_to=read_reply_id(root.first(b"in-reply-to")),
        references=_references(root),
        subject=subject,
        sender=sender,
        reply_to=tuple(_all(root, b"reply-to", charset)),
        to=tuple(_all(root, b"to", charset)),
        cc=tuple(_all(root, b"cc", charset)),
        sent_at=_sent_at(root, budget),
        text=text,
        html=html,
        attachments=inline_where_shown(body.attachments, html),
        origin=origin,
        problems=tuple(budget.problems),
        reply_text=written.reply,
        signature_text=written.signature,
        headers=headers,
        return_path=read_return_path(root),
        authentication=read_authentication(root, sender),
        thread_index=read_thread_index(root),
        thread_topic=read_thread_topic(root, charset),
        list_id=read_list_id(root),
        loop_marks=read_loop_marks(root),
        bounce=read_bounce(root, text) if origin is MailOrigin.BOUNCE else None,
        raw_message_id=read_raw_message_id(root.first(b"message-id")),
        forwarded_from=read_forwarded_author(subject, text),
    )


def _written(subject: str, text: str, html: str | None) -> ReplyParts:
    """Return the new part of a mail, without quotes; all of it if it forwards another mail."""
    if is_forward(subject):
        return _whole(text)
    return (split_html_reply(html, text) if html else None) or split_reply(text)


def _whole(text: str) -> ReplyParts:
    return ReplyParts(text.strip(), "", "")


def _tree(raw: bytes, budget: Budget, *, depth: int) -> Part:
    parts = budget.parts
    raw = skip_blank_lines(raw)
    root, anomaly = split(raw, budget, depth=depth)
    if not anomaly:
        return root
    budget.add_problem(f"The mail is damaged: {anomaly}.")
    if not is_affordable(raw, budget):
        return root
    budget.parts = parts
    return split_tolerantly(raw, budget, depth=depth)


def _embedder(budget: Budget) -> Callable[[bytes, int], str]:
    def embed(raw: bytes, depth: int) -> str:
        if not budget.admit_embedded_mail(depth):
            return ""
        root = _tree(raw, budget, depth=depth)
        body = Body(budget, embed, _named_charset(root))
        body.add(root, depth=depth)
        body.use_winmail_bodies()
        return _heading(root) + (body.text() or _last_resort(root, body))

    return embed


def _heading(root: Part) -> str:
    charset = _named_charset(root)
    lines = ["---------- Forwarded message ----------"]
    for name, label in ((b"from", "From"), (b"date", "Date"), (b"subject", "Subject"), (b"to", "To")):
        value = decode_header(root.first(name)[: 4 * _LONGEST_SUBJECT], charset)
        lines += [f"{label}: {value[:_LONGEST_SUBJECT]}"] if value else []
    return "\n".join(lines) + "\n\n"


def _named_charset(part: Part) -> str | None:
    """Return the charset of the first leaf, in which raw 8-bit headers are most likely written."""
    while part.children:
        part = part.children[0]
    return part.parameters.get("charset")


def _subject(root: Part, headers: tuple[tuple[str, str], ...], budget: Budget) -> str:
    subject = next((value for name, value in headers if name == "subject"), None)
    if subject is None:
        subject = decode_header(root.first(b"subject")[: 4 * _LONGEST_SUBJECT])
    if len(subject) >= _LONGEST_SUBJECT:
        budget.add_problem(f"Only the first {_LONGEST_SUBJECT} characters of the subject are shown.")
    return subject[:_LONGEST_SUBJECT]


def _all(root: Part, name: bytes, charset: str | None) -> list[Address]:
    return [found for value in root.headers.get(name, ()) for found in read_addresses(value, charset)]


def _sender(root: Part, charset: str | None) -> Address | None:
    for name in (b"from", b"sender", b"return-path"):
        for value in root.headers.get(name, ()):
            found = read_addresses(value, charset)
            if found:
                return found[0]
            nameless = read_nameless(value, charset) if name == b"from" else None
            if nameless:
                return nameless
    return None


def _unread_author(root: Part, sender: Address | None) -> str:
    """Return the text of a From field without an address; without the field, the sender's address."""
    author = root.first(b"from")
    return sender.email if sender and not author else decode_header(author)


def _references(root: Part) -> tuple[str, ...]:
    values = root.headers.get(b"references")
    return read_references(b" ".join(values)) if values else ()


def _sent_at(root: Part, budget: Budget) -> datetime | None:
    instant = read_date(root.first(b"date"))
    if instant is None:
        received = root.headers.get(b"received", ())
        instant = next((found for value in received if (found := read_received_date(value))), None)
        budget.add_problem("The mail's date is missing or unreadable." if instant is None else "")
    return instant


def _last_resort(root: Part, body: Body) -> str:
    """Return a text for a mail without one: that of an attached text file, or the text around its parts."""
    charsets = body.file_charsets
    for attachment in body.attachments:
        charset = charsets.get(attachment.sha256)
        text = _text_of(attachment, charset) if attachment.content_type in ("text/plain", "text/html") else ""
        if text:
            return text
    return _stray_text(root)


def _text_of(attachment: MailAttachment, charset: str | None) -> str:
    if attachment.content_type == "text/html":
        octets = attachment.content[:MAX_HTML_CHARS]
        return to_text(decode(octets, charset, inner=named_in_html(octets)).text).strip()
    return decode(attachment.content[:65536], charset).text.replace("\r\n", "\n").strip()


def _stray_text(root: Part) -> str:
    """Return the text around the parts, without the paragraphs that explain MIME to old programs' users."""
    stray = decode(_all_stray(root), None).text.replace("\r\n", "\n").strip()
    if not root.children or not stray:
        return stray
    kept = [paragraph for paragraph in stray.split("\n\n") if not _ABOUT_MIME.search(paragraph[:600])]
    return "\n\n".join(kept).strip()


def _all_stray(part: Part) -> bytes:
    strays = [part.stray, *(_all_stray(child) for child in part.children)]
    return b"\r\n\r\n".join(stray for stray in strays if stray)


def _stub(raw: bytes, fault: Exception) -> ParsedMail:
    fields = read_headers(raw, 0, min(len(raw), 65536), max_bytes=65536).fields
    subject = fields.get(b"subject", [b""])[0].decode("ascii", "replace")
    problem = f"The mail could not be read ({type(fault).__name__}); the original is kept."
    return ParsedMail(
        message_id=None, in_reply_to=None, references=(), subject=subject[:_LONGEST_SUBJECT], sender=None,
        reply_to=(), to=(), cc=(), sent_at=None, text="", html=None, attachments=(),
        origin=MailOrigin.GENERATED, problems=(problem,),
    )  # fmt: skip
