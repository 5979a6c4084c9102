"""Mistakes and unusual forms of real senders: separators, charsets of names, named texts, cut words."""

import base64
from collections.abc import Iterator

from tests.support.torture.case import FILE, HEAD, HTML, PLAIN, PLANT, TEXT, Case, multipart

_PREAMBLES = (
    "This is a MIME-encapsulated message",
    "This message is in MIME format. Since your mail reader does not know\r\nthis format, it may not be legible.",
    "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
    "This is a cryptographically signed message in MIME format.",
    "This is a message with multiple parts in MIME format.",
    "This is a multi-part message in MIME format.",
)


def senders() -> Iterator[Case]:
    """Every one of them."""
    yield from _separators()
    yield from _charsets()
    yield from _last_resorts()
    yield from _named_texts()
    yield from _encoded_words()
    yield from _raw_names()
    yield from _encodings()


def _separators() -> Iterator[Case]:
    sound = multipart("mixed", PLAIN, FILE)
    for way in (b" ", b", ", b" ,", b" (a comment) ", b"\r\n\t"):
        raw = HEAD + sound.replace(b"; boundary", way + b"boundary")
        yield Case(f"a boundary after {way!r} for a semicolon", raw, attachments=1)
    for kind in ("text/plain charset=windows-1250", "text/plain, charset=windows-1250; format=fixed"):
        raw = HEAD + f"Content-Type: {kind}\r\n\r\nŻółty".encode("cp1250")
        yield Case(f"no semicolon in {kind}", raw, ("Żółty",))
    for kind in ("text/html charset=UTF-8", "text/html, charset=UTF-8", "text / html; charset=UTF-8"):
        raw = HEAD + f"Content-Type: {kind}\r\n\r\n<p>Grüße</p>".encode()
        yield Case(f"no usual separator in {kind}", raw, ("Grüße",), html="<p>")
    for written in (
        'attachment filename="b.pdf"',
        'filename="b.pdf"',
        'attachment, filename="b.pdf", size=1',
    ):
        part = f"Content-Type: application/pdf\r\nContent-Disposition: {written}\r\n\r\n%PDF".encode()
        raw = HEAD + multipart("mixed", PLAIN, part)
        yield Case(f"a disposition of {written}", raw, attachments=1, filename="b.pdf")


def _charsets() -> Iterator[Case]:
    meta = b'<meta http-equiv=Content-Type content="text/html; charset=unicode">'
    body = b"<html><head>" + meta + b"</head><body><p>Guten Tag, f\xfcr die Lieferung</p></body></html> "
    raw = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body
    yield Case("HTML that names Unicode in readable letters", raw, ("Guten Tag, für die Lieferung",))


def _last_resorts() -> Iterator[Case]:
    attached = b"Content-Disposition: attachment\r\n\r\n"
    raw = HEAD + b"Content-Type: text/plain; charset=windows-1250\r\n" + attached + "Żółty".encode("cp1250")
    yield Case("only a text attachment in windows-1250", raw, ("Żółty",), attachments=1)
    html = b"Content-Type: text/html; charset=iso-8859-2; name=a.html\r\n" + attached
    raw = HEAD + multipart("mixed", html + "<p>Zażółć gęślą</p>".encode("iso-8859-2"), FILE)
    yield Case("only an HTML attachment in ISO-8859-2", raw, ("Zażółć gęślą",), attachments=2)
    coded = b"Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n" + attached
    raw = HEAD + multipart("mixed", coded + base64.encodebytes("Здравствуйте".encode("koi8-r")))
    yield Case("only a text attachment in KOI8-R and base64", raw, ("Здравствуйте",), attachments=1)
    scan = b"Content-Type: text/plain; name=a.txt\r\n" + attached + b"scan words"
    for preamble in _PREAMBLES:
        for name, part, shown in (("scan", scan, ("scan words",)), ("PDF", FILE, ())):
            sound = multipart("mixed", part)
            raw = HEAD + sound.replace(b"\r\n\r\n--", b"\r\n\r\n" + preamble.encode() + b"\r\n\r\n--", 1)
            hidden = (preamble[:20], preamble[-10:])
            yield Case(f"{preamble[:30]!r} before a {name}", raw, shown, attachments=1, hidden=hidden)
    raw = HEAD + multipart("mixed", FILE).replace(b"\r\n\r\n--", b"\r\n\r\n" + TEXT + b"\r\n--", 1)
    yield Case("words of a person before a PDF", raw, attachments=1)


def _named_texts() -> Iterator[Case]:
    named = b'Content-Type: text/plain; charset=utf-8; name="message.txt"\r\n'
    inline = b"Content-Disposition: inline\r\n\r\n"
    footer = b"Content-Type: text/plain\r\n\r\nlist footer"
    html = b'Content-Type: text/html; name="body.html"\r\n\r\n<p>Real body</p>'
    both = ("Real body", "list footer")
    raw = HEAD + multipart("mixed", named + inline + b"Real body", footer)
    yield Case("a body with a name", raw, both, attachments=0)
    yield Case("an HTML body with a name", HEAD + multipart("mixed", html, footer), both, attachments=0)
    log = b'Content-Type: text/plain; name="log.txt"\r\n\r\nlogged'
    raw = HEAD + multipart("mixed", PLAIN, log)
    yield Case("a named text behind a body", raw, attachments=1, filename="log.txt", hidden=("logged",))
    plain = named + b"\r\nReal plain"
    raw = HEAD + multipart("alternative", plain, html)
    yield Case("alternatives with names", raw, ("Real plain",), attachments=0, html="Real body")
    named_html = html.replace(b"\r\n\r\n", b'\r\nContent-Disposition: inline; filename="body.html"\r\n\r\n')
    raw = HEAD + multipart("alternative", plain, named_html)
    yield Case("alternatives with file names", raw, ("Real plain",), attachments=0, html="Real body")
    raw = HEAD + multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="b2"), log)
    yield Case("a named text behind alternatives", raw, attachments=1, filename="log.txt")


def _encoded_words() -> Iterator[Case]:
    japanese = [
        base64.b64encode(words.encode("iso-2022-jp")).rstrip(b"=").decode() for words in ("注文を", "確認")
    ]
    subjects = {
        "two words without padding": (
            "=?utf-8?B?QW5nZWJvdCDDvA?=\r\n =?utf-8?B?YmVyIFdhcmUgeA?=",
            "Angebot über Ware x",
        ),
        "two words of ISO-2022-JP without padding": (
            " ".join(f"=?iso-2022-jp?B?{word}?=" for word in japanese),
            "注文を確認",
        ),
        "equals signs in a Q word": ("=?utf-8?Q?a_==_b?=", "a == b"),
    }
    for attacks, (subject, reads) in subjects.items():
        yield Case(
            attacks, HEAD.replace(b"torture", subject.encode()) + b"\r\n" + TEXT, (PLANT,), subject=reads
        )
    names = ("Müller, Hans", "Müller; Hans", "Müller: Hans", "Müller (Hans)", "Müller, a@b.example, Hans")
    for name in names:
        word = name.encode().replace(b"\xc3\xbc", b"=C3=BC").replace(b" ", b"_")
        raw = HEAD.replace(b"From: Ann", b"From: =?utf-8?Q?" + word + b"?=") + b"\r\n" + TEXT
        yield Case(f"an encoded word that holds {name}", raw, sender=name)


def _raw_names() -> Iterator[Case]:
    for charset, name in (
        ("gb2312", "装箱单.pdf"),
        ("shift_jis", "請求書.pdf"),
        ("shift_jis", "仕様書一覧表.pdf"),
        ("shift_jis", "一覧表"),
        ("big5", "許功蓋.pdf"),
        ("windows-1251", "счёт.pdf"),
        ("gb2312", "résumé.pdf"),
    ):
        body = f"Content-Type: text/plain; charset={charset}\r\n\r\n{PLANT}".encode()
        raw_name = name.encode("utf-8" if "é" in name else charset)
        for field in (
            b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="%s"\r\n\r\nx',
            b'Content-Type: application/pdf; name="%s"; x=1\r\n\r\nx',
        ):
            part = field % raw_name
            raw = HEAD + multipart("mixed", body, part)
            attacks = f"{name} raw in {charset} in {field[26:45]!r}"
            yield Case(attacks, raw, attachments=1, filename=name)
    for charset, name in (
        ("shift_jis", "山田表"),
        ("iso-2022-jp", "山田商事"),
        ("big5", "王許"),
        ("big5", "許功蓋"),
        ("gb2312", "王芳"),
    ):
        typed = f"Content-Type: text/plain; charset={charset}\r\n\r\n{PLANT}".encode()
        for written in (b'"' + name.encode(charset) + b'"', name.encode(charset)):
            raw = HEAD.replace(b"From: Ann", b"From: " + written) + typed
            yield Case(f"{written!r} raw in {charset}", raw, sender=name)


def _encodings() -> Iterator[Case]:
    for body, reads in (
        (b"a == b", "a == b"),
        (b"Title\r\n=====\r\nnext", "Title\n=====\nnext"),
        (b"so ==C3=A9 and =\r\nmore", "so =é and more"),
    ):
        coded = (
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        yield Case(f"equals signs in {body!r}", HEAD + coded + body, (reads,))
    summary = "SUMMARY:Grüße aus Köln".encode()
    at = summary.index(b"\xbc")
    event = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + summary[:at] + b"\r\n " + summary[at:]
    raw = HEAD + b"Content-Type: text/calendar; charset=utf-8\r\n\r\n" + event + b"\r\nEND:VEVENT\r\n"
    yield Case("a calendar line folded within a character", raw, ("Grüße aus Köln",), attachments=1)
