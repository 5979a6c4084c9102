"""Mails that attack a parser. Each case names what it attacks and plants a word that must stay visible.

Cases are composed: every charset in every place and transfer encoding that can carry it, every kind of damage to
every structure, and the singular ones by hand. None is copied from anywhere.
"""

import base64
import quopri
from collections.abc import Iterator
from dataclasses import dataclass

PLANT = "lighthouse"


@dataclass(frozen=True)
class Case:
    """One hostile or damaged mail; `visible` words appear in its text, `subject` is what it reads as, if given."""

    attacks: str
    raw: bytes
    visible: tuple[str, ...] = (PLANT,)
    subject: str | None = None
    attachments: int | None = None
    filename: str | None = None


HEAD = b"From: Ann <ann@example.com>\r\nTo: desk@example.net\r\nSubject: torture\r\nMIME-Version: 1.0\r\n"
TEXT = f"The {PLANT} stands.\r\n".encode()

WORDS = {
    "utf-8": "Grüße aus 東京 и Москвы", "utf-16": "Grüße 東京", "utf-16le": "Grüße 東京", "utf-16be": "Grüße 東京",
    "utf-7": "Grüße 東京", "gb18030": "您好，请确认订单", "gb2312": "您好，请确认订单", "gbk": "您好，請確認",
    "big5": "您好，請確認訂單", "euc-kr": "안녕하세요 주문", "cp949": "안녕하세요 똠방각하", "shift_jis": "注文を確認",
    "euc-jp": "注文を確認", "iso-2022-jp": "注文を確認", "iso-2022-kr": "안녕하세요", "koi8-r": "Здравствуйте",
    "koi8-u": "Доброго дня", "windows-1251": "Здравствуйте", "windows-1252": "Café – “naïve” €", "iso-8859-1": "Café",
    "iso-8859-2": "Zażółć gęślą", "windows-1250": "Příliš žluťoučký", "iso-8859-7": "Καλημέρα", "windows-1253": "Καλημέρα",
    "windows-1254": "Günaydın İş", "iso-8859-9": "Günaydın", "windows-1255": "שלום לכולם", "iso-8859-8": "שלום לכולם",
    "windows-1256": "مرحبا بكم", "iso-8859-6": "مرحبا", "tis-620": "สวัสดี", "iso-8859-15": "Prix 5 €", "hz": "您好",
    "windows-1257": "Labdien žurnāls", "windows-1258": "Đô la", "cp866": "Привет", "macintosh": "Café",
}  # fmt: skip
SPELLINGS = {
    "ks_c_5601-1987": "euc-kr", "x-sjis": "shift_jis", "unicode-1-1-utf-7": "utf-7", "UTF8": "utf-8", '"utf-8"': "utf-8",
    "gb_2312-80": "gb2312", "x-gbk": "gbk", "x-x-big5": "big5", "cp-1252": "windows-1252", "x-euc-jp": "euc-jp",
    "utf-8;": "utf-8", "'utf-8'": "utf-8", "UTF_8": "utf-8", "hz-gb-2312": "hz", "x-cp1251": "windows-1251",
}  # fmt: skip


def all_cases() -> list[Case]:
    """Every case, in a fixed order."""
    makers = (
        charsets,
        mislabelled,
        headers,
        transfer,
        structure,
        damaged_structures,
        names,
        odd_types,
        floods,
    )
    return [case for maker in makers for case in maker()]


def plain(charset: str, body: bytes, encoding: str = "8bit") -> bytes:
    """A mail of one text part."""
    typed = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return HEAD + typed.encode() + body


def charsets() -> Iterator[Case]:
    """Each charset raw, in base64, in quoted-printable and in a subject."""
    for charset, words in WORDS.items():
        octets = f"{words} {PLANT}".encode(charset)
        visible = (words.split()[0], PLANT)
        yield Case(f"{charset} in base64", plain(charset, base64.encodebytes(octets), "base64"), visible)
        yield Case(
            f"{charset} quoted-printable",
            plain(charset, quopri.encodestring(octets), "quoted-printable"),
            visible,
        )
        if not charset.startswith("utf-16"):
            yield Case(f"{charset} raw", plain(charset, octets), visible)
        word = base64.b64encode(words.encode(charset))
        subject = b"Subject: =?" + charset.encode() + b"?B?" + word + b"?=\r\n"
        yield Case(
            f"{charset} in a subject",
            HEAD.replace(b"Subject: torture\r\n", subject) + b"\r\n" + TEXT,
            subject=words,
        )
    for spelling, codec in SPELLINGS.items():
        octets = f"{WORDS[codec]} {PLANT}".encode(codec)
        yield Case(f"charset spelt {spelling}", plain(spelling, octets), (WORDS[codec].split()[0], PLANT))


def mislabelled() -> Iterator[Case]:
    """Text that is not what it says, or says nothing."""
    lies = (
        ("iso-8859-1", "windows-1252"), ("iso-8859-1", "utf-8"), ("us-ascii", "utf-8"), ("us-ascii", "windows-1252"),
        ("utf-8", "windows-1252"), ("utf-8", "gb18030"), ("utf-8", "koi8-r"), ("utf-8", "big5"), ("utf-8", "shift_jis"),
        ("utf-8", "euc-kr"), ("utf-8", "iso-2022-jp"), ("us-ascii", "iso-2022-jp"), ("iso-8859-1", "iso-2022-jp"),
        ("utf-16", "utf-8"), ("gb2312", "utf-8"), ("us-ascii", "gb18030"), ("us-ascii", "windows-1251"),
        ("x-unknown", "utf-8"), ("x-unknown", "gb18030"), ("unknown-8bit", "utf-8"), ("unknown-8bit", "shift_jis"),
        ("idna", "utf-8"), ("punycode", "utf-8"), ("base64", "utf-8"), ("rot13", "utf-8"), ("unicode_escape", "utf-8"),
        ("\x00", "utf-8"), ("", "utf-8"), ("a" * 5000, "utf-8"), ("utf-8\x00", "utf-8"), ("*", "koi8-r"), ("../x", "utf-8"),
    )  # fmt: skip
    for said, real in lies:
        words = WORDS[real] * 2
        body = f"{words} {PLANT}".encode(real)
        yield Case(f"{real} said to be {said[:12]!r}", plain(said, body), (words.split()[0], PLANT))
    for real in ("utf-8", "gb18030", "koi8-r", "iso-2022-jp", "shift_jis", "euc-kr", "windows-1252"):
        words = WORDS[real] * 2
        raw = HEAD + b"\r\n" + f"{words} {PLANT}".encode(real)
        yield Case(f"{real} without any charset", raw, (words.split()[0], PLANT))
        raw = HEAD.replace(b"torture", words.encode(real)) + b"\r\n" + TEXT
        yield Case(f"{real} raw in the subject", raw, subject=words)
    nec = b'\x1b$B-!-"\x1b(B'
    yield Case("circled digits in ISO-2022-JP", plain("iso-2022-jp", nec + TEXT), ("①②", PLANT))
    yield Case("half-width kana in ISO-2022-JP", plain("iso-2022-jp", b"\x1b(I1\x1b(B " + TEXT), ("ｱ", PLANT))
    yield Case(
        "one foreign octet in UTF-8",
        plain("utf-8", "Grüße ".encode() + b"caf\xe9 " + TEXT),
        ("Grüße", "café", PLANT),
    )
    yield Case("UTF-8 cut within a character", plain("utf-8", TEXT + "東京".encode()[:-1]), (PLANT, "東"))
    yield Case("lone surrogates in UTF-7", plain("utf-7", b"+2AA- " + TEXT))
    yield Case("a byte order mark", plain("utf-8", b"\xef\xbb\xbf" + TEXT))
    yield Case("NUL octets in the text", plain("utf-8", b"The light\x00house stands."))


def headers() -> Iterator[Case]:
    """Encoded words, addresses and header blocks as they should not be."""
    e = base64.b64encode("東京".encode())
    subjects = {
        "a character cut between two encoded words": (b"=?utf-8?B?" + base64.b64encode(b"\xe6\x9d") + b"?= =?utf-8?B?" + base64.b64encode(b"\xb1") + b"?=", "東"),
        "base64 cut between two encoded words": (b"=?utf-8?B?" + e[:3] + b"?= =?utf-8?B?" + e[3:] + b"?=", "東京"),
        "spaces in a Q word": (b"=?utf-8?Q?two words?=", "two words"),
        "an encoded word without padding": (b"=?utf-8?B?" + e.rstrip(b"=") + b"?=", "東京"),
        "an encoded word that never ends": (b"=?utf-8?Q?open", "open"),
        "an encoded word of an unknown charset": (b"=?x-none?Q?plain?=", "plain"),
        "an encoded word with a language": (b"=?utf-8*en?Q?lang?=", "lang"),
        "an encoded word within a word": (b"pre=?utf-8?Q?mid?=post", "premidpost"),
        "a question mark in a Q word": (b"=?utf-8?Q?what=3F?=", "what?"),
        "an empty encoded word": (b"=?utf-8?Q??= x", "x"),
        "two charsets side by side": (b"=?utf-8?Q?a=C3=A9?= =?iso-8859-1?Q?=E9b?=", "aééb"),
        "encoded words without a space between": (b"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        "line ends smuggled into a subject": (b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        "NUL smuggled into a subject": (b"=?utf-8?Q?a=00b?=", "ab"),
        "a subject that only looks encoded": (b"=?not encoded?=", "=?not encoded?="),
        "a folded subject": (b"one\r\n two\r\n\tthree", "one two\tthree"),
        "broken base64 in an encoded word": (b"=?utf-8?B?!!!?= ok", None),
    }  # fmt: skip
    for attacks, (subject, reads) in subjects.items():
        raw = HEAD.replace(b"torture", subject) + b"\r\n" + TEXT
        yield Case(attacks, raw, subject=reads.replace("\t", " ") if reads else None)
    first_lines = {
        "a unix From line": b"From ann@example.com Mon Jan  1 00:00:00 2024\r\n", "an escaped From line": b">From ann\r\n",
        "blank lines first": b"\r\n\r\n", "a byte order mark first": b"\xef\xbb\xbf", "garbage first": b"+OK 1234 octets\r\n",
        "white space first": b"   \r\n", "a continuation first": b" folded nowhere\r\n", "a NUL first": b"\x00",
    }  # fmt: skip
    for attacks, line in first_lines.items():
        yield Case(attacks, line + HEAD + b"\r\n" + TEXT, subject="torture")
    yield Case(
        "an unindented folded line",
        HEAD.replace(b"To:", b"X-A: b\r\nno colon here\r\nTo:") + b"Content-Type: text/plain\r\n\r\n" + TEXT,
        subject="torture",
    )
    yield Case("no blank line before the body", HEAD + TEXT)
    yield Case("no headers at all", TEXT)
    yield Case("only a body after a blank line", b"\r\n" + TEXT)
    yield Case(
        "a space before the colon",
        HEAD.replace(b"Subject:", b"Subject :") + b"\r\n" + TEXT,
        subject="torture",
    )
    yield Case(
        "duplicated headers",
        HEAD + b"Subject: second\r\nFrom: other@example.com\r\n\r\n" + TEXT,
        subject="torture",
    )
    yield Case("bare carriage returns", (HEAD + b"\r\n" + TEXT).replace(b"\r\n", b"\r"), subject="torture")
    yield Case("bare line feeds", (HEAD + b"\r\n" + TEXT).replace(b"\r\n", b"\n"), subject="torture")
    yield Case("mixed line ends", HEAD.replace(b"\r\n", b"\n", 2) + b"\r\n" + TEXT, subject="torture")
    yield Case("an unknown field of 8-bit text", HEAD + b"X-Odd: \xff\xfe\xe9\r\n\r\n" + TEXT)
    for name, value in (("date", b"Date: not a date"), ("date of year 0", b"Date: 1 Jan 0000 00:00:00 +9999"),
                        ("date far away", b"Date: Mon, 99 Foo 99999999999 99:99:99 +999999"), ("group", b"Cc: undisclosed-recipients:;"),
                        ("group with members", b"Cc: team: a@example.com, b@example.com;"), ("address of quotes", b'Cc: """"""'),
                        ("address of angles", b"Cc: <<<>>><"), ("comment nesting", b"Cc: " + b"(" * 500), ("reference garbage", b"References: <<a> b@> @ <c@d"),
                        ("message id of spaces", b"Message-ID: <  a b @ c >"), ("content type of slashes", b"Content-Type: ////"),
                        ("content type empty", b"Content-Type:"), ("content type without subtype", b"Content-Type: text"),
                        ("content type of equals", b"Content-Type: text/plain; ====;;;=\"")):  # fmt: skip
        yield Case(f"a bad {name}", HEAD + value + b"\r\n\r\n" + TEXT)


def transfer() -> Iterator[Case]:
    """Transfer encodings, damaged."""
    coded = base64.encodebytes(TEXT * 10)
    bodies = {
        "base64 cut short": ("base64", coded[:-7]), "base64 without padding": ("base64", base64.b64encode(TEXT + b"ab").rstrip(b"=")),
        "base64 of joined pieces": ("base64", base64.b64encode(b"first=") + b"\r\n" + base64.b64encode(TEXT)),
        "base64 with strange octets": ("base64", b"".join(coded[i : i + 9] + b"!" for i in range(0, len(coded), 90)) + b"\r\n" + coded),
        "base64 on one line": ("base64", base64.b64encode(TEXT * 50)), "base64 with a plain footer": ("base64", coded + b"-- \r\nA plain footer, really.\r\n"),
        "plain text said to be base64": ("base64", TEXT), "base64 with spaces": ("base64", coded.replace(b"\n", b" \t\r\n  ")),
        "url-safe base64": ("base64", base64.urlsafe_b64encode(TEXT)), "base64 spelt BASE64": ("BASE64", coded), "base64 with a comment": ("base64 (x)", coded),
        "impossible quoted escapes": ("quoted-printable", b"=ZZ =E =\r\n= " + TEXT), "quoted-printable ending in =": ("quoted-printable", TEXT + b"="),
        "spaces after a soft break": ("quoted-printable", b"The light=  \r\nhouse stands."), "lower-case escapes": ("quoted-printable", TEXT + b"=c3=a9"),
        "plain text said to be quoted": ("quoted-printable", TEXT + b"1+1=2"), "an unknown encoding": ("x-rot26", TEXT), "an empty encoding": ("", TEXT),
        "binary": ("binary", TEXT), "8bit with 8 bits": ("8bit", TEXT + b"\xe9"), "uuencode that is none": ("x-uuencode", TEXT), "two encodings named": ("7bit, 8bit", TEXT),
        "yEnc left alone": ("8bit", TEXT + b"=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n"),
    }  # fmt: skip
    for attacks, (encoding, body) in bodies.items():
        yield Case(attacks, plain("utf-8", body, encoding))
    uu = b"begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"
    yield Case(
        "a uuencoded file in a text",
        plain("utf-8", TEXT + uu + b"after\r\n"),
        (PLANT, "after"),
        attachments=1,
        filename="a.txt",
    )
    yield Case(
        "the word begin in a text",
        plain("utf-8", b"begin 644 things today\r\n" + TEXT + b"end\r\n"),
        attachments=0,
    )


def multipart(kind: str, *parts: bytes, boundary: str = "b1", close: bool = True) -> bytes:
    """A multipart's headers and body; each part brings its own headers."""
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    typed = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return typed + body + (mark + b"--\r\n" if close else b"")


PLAIN = b"Content-Type: text/plain\r\n\r\n" + TEXT
HTML = f"Content-Type: text/html\r\n\r\n<p>The <b>{PLANT}</b> stands.</p>".encode()
IMAGE = (
    b"Content-Type: image/png\r\nContent-ID: <i1>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo="
)
FILE = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF"
MAIL = b"Content-Type: message/rfc822\r\n\r\n" + HEAD.replace(b"torture", b"inner") + b"\r\n" + TEXT
KINDS = {
    "mixed": (PLAIN, FILE), "alternative": (b"Content-Type: text/plain\r\n\r\n" + TEXT, HTML), "related": (HTML, IMAGE),
    "digest": (HEAD + b"\r\n" + TEXT,), "signed": (PLAIN, b"Content-Type: application/pgp-signature\r\n\r\nx"), "parallel": (PLAIN, IMAGE),
    "report": (PLAIN, b"Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1"), "unheard-of": (PLAIN, FILE), "form-data": (PLAIN,),
}  # fmt: skip


def structure() -> Iterator[Case]:
    """Sound structures, each kind within each, and boundaries that are hard to tell apart."""
    for outer in KINDS:
        yield Case(f"multipart/{outer}", HEAD + multipart(outer, *KINDS[outer]))
        for inner in ("mixed", "alternative", "related", "digest"):
            nested = multipart(inner, *KINDS[inner], boundary="b2")
            yield Case(f"{inner} within {outer}", HEAD + multipart(outer, nested))
    yield Case(
        "one boundary begins like another",
        HEAD + multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="b1b"), FILE),
        attachments=1,
    )
    yield Case(
        "one boundary ends in dashes",
        HEAD + multipart("mixed", multipart("mixed", PLAIN, boundary="b1--"), FILE),
    )
    yield Case(
        "an embedded mail", HEAD + multipart("mixed", PLAIN, MAIL), (PLANT, "Subject: inner"), attachments=1
    )
    encoded = (
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(HEAD + b"\r\n" + TEXT)
    )
    yield Case("an embedded mail in base64", HEAD + multipart("mixed", encoded), (PLANT,), attachments=1)
    empty_plain = b"Content-Type: text/plain\r\n\r\n \r\n"
    yield Case("a blank plain alternative", HEAD + multipart("alternative", empty_plain, HTML))
    yield Case("HTML alone", HEAD + HTML)
    yield Case(
        "text in the preamble only",
        HEAD + multipart("mixed").replace(b"\r\n\r\n--", b"\r\n\r\n" + TEXT + b"--"),
    )
    yield Case(
        "two embedded depths", HEAD + b"Content-Type: message/rfc822\r\n\r\n" + HEAD + MAIL, attachments=1
    )


def damaged_structures() -> Iterator[Case]:
    """Each kind of multipart with each kind of damage to it."""
    for kind in ("mixed", "alternative", "related", "digest", "report"):
        sound = multipart(kind, *KINDS[kind])
        yield Case(f"{kind} never closed", HEAD + multipart(kind, *KINDS[kind], close=False))
        yield Case(f"{kind} whose boundary never comes", HEAD + sound.replace(b"--b1", b"--zz"))
        yield Case(f"{kind} without a boundary parameter", HEAD + sound.replace(b'; boundary="b1"', b""))
        yield Case(f"{kind} cut in its last part", HEAD + sound[: sound.rindex(b"--b1") - 2])
        yield Case(f"{kind} with bare line feeds", (HEAD + sound).replace(b"\r\n", b"\n"))
        yield Case(f"{kind} with spaces after boundaries", HEAD + sound.replace(b"--b1\r\n", b"--b1 \t\r\n"))
        yield Case(f"{kind} within itself by boundary", HEAD + multipart(kind, multipart(kind, *KINDS[kind])))
        yield Case(f"{kind} encoded as a whole", HEAD + b"Content-Transfer-Encoding: base64\r\n" + sound)
        yield Case(f"{kind} with an unquoted boundary", HEAD + sound.replace(b'"b1"', b"b1"))
        yield Case(f"{kind} with a long boundary", (HEAD + sound).replace(b"b1", b"b" * 300))
        yield Case(f"{kind} with regex signs for a boundary", (HEAD + sound).replace(b"b1", b"(.*)+[x]?"))
        yield Case(
            f"{kind} with a boundary in two sections",
            HEAD + sound.replace(b'boundary="b1"', b"boundary*0=b; boundary*1=1"),
        )


def names() -> Iterator[Case]:
    """Attachment names, decoded from what senders write and stripped of what attackers write."""
    written = {
        "RFC 2231": ("filename*=utf-8''r%C3%A9sum%C3%A9.pdf", "résumé.pdf"),
        "RFC 2231 in sections": ("filename*0*=utf-8''r%C3%A9; filename*1*=sum%C3%A9; filename*2=.pdf", "résumé.pdf"),
        "sections out of order": ('filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
        "an encoded word": ('filename="=?utf-8?B?' + base64.b64encode("résumé.pdf".encode()).decode() + '?="', "résumé.pdf"),
        "an encoded word in Q": ("filename==?iso-8859-1?Q?r=E9sum=E9.pdf?=", "résumé.pdf"), "spaces without quotes": ("filename=two words.pdf", "two words.pdf"),
        "raw UTF-8": ('filename="résumé.pdf"', "résumé.pdf"), "a path": ('filename="../../etc/passwd"', "passwd"),
        "a Windows path": ('filename="C:\\Users\\a.pdf"', "a.pdf"), "a name of dots": ('filename=".."', "attachment.bin"), "a dot file": ('filename=".htaccess"', "htaccess"),
        "a zero-width dot file": ("filename*=utf-8''%E2%80%8B.htaccess", "htaccess"), "a direction change": ("filename*=utf-8''a%E2%80%AEfdp.exe", "afdp.exe"),
        "line ends": ("filename*=utf-8''a%0D%0Ab.pdf", "ab.pdf"), "a NUL": ("filename*=utf-8''a.pdf%00.exe", "a.pdf.exe"), "an empty name": ('filename=""', "attachment.bin"),
        "an unclosed quote": ('filename="a.pdf', "a.pdf"), "a device": ('filename="CON.txt"', "_CON.txt"), "wildcards": ('filename="a*?<b>.pdf"', "a___b_.pdf"),
        "invisible only": ("filename*=utf-8''%E2%80%8B%E2%80%8C", "attachment.bin"), "a bad percent": ("filename*=utf-8''100%.pdf", "100%.pdf"),
        "an unknown charset": ("filename*=x-none''a%41.pdf", "aA.pdf"), "no charset": ("filename*=a.pdf", "a.pdf"), "two names": ('filename="b.pdf"; filename="c.pdf"', "b.pdf"),
    }  # fmt: skip
    for attacks, (parameter, reads) in written.items():
        part = (
            f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {parameter}\r\n\r\nx"
        )
        yield Case(
            f"a file name with {attacks}",
            HEAD + multipart("mixed", PLAIN, part.encode()),
            attachments=1,
            filename=reads,
        )
    long = HEAD + multipart("mixed", PLAIN, f'Content-Type: a/b; name="{"x" * 9000}.pdf"\r\n\r\nx'.encode())
    yield Case("a file name of 9,000 letters", long, attachments=1, filename="x" * 116 + ".pdf")


def odd_types() -> Iterator[Case]:
    """Content types that others render, run, or unpack."""
    types = (
        "image/svg+xml", "text/xml", "application/xhtml+xml", "application/zip", "application/ms-tnef", "application/pkcs7-mime",
        "application/x-msdownload", "message/partial", "message/external-body; access-type=URL", "audio/x-wav", "text/rtf",
        "application/pgp-encrypted", "message/feedback-report", "message/http", "*/*", "text/calendar", "text/vcard", "x/\x00y",
    )  # fmt: skip
    for kind in types:
        part = f"Content-Type: {kind}\r\nContent-Disposition: attachment\r\n\r\n<svg onload=x>PK\x03\x04".encode()
        yield Case(f"an attachment of type {kind!r}", HEAD + multipart("mixed", PLAIN, part), attachments=1)
    for kind in (
        "text/enriched",
        "text/x-patch",
        "text/csv",
        "text/markdown",
        "TEXT/PLAIN",
        "text/plain; format=flowed; delsp=yes",
    ):
        yield Case(f"a body of type {kind}", HEAD + f"Content-Type: {kind}\r\n\r\n".encode() + TEXT)
    invitation = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Visit the lighthouse\r\nDTSTART;TZID=Asia/Kolkata:20240102T103000\r\nEND:VEVENT\r\n"
    yield Case(
        "an invitation without a text",
        HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + invitation,
        (PLANT, "2024-01-02 10:30 Asia/Kolkata"),
        attachments=1,
    )
    rich = f"Content-Type: text/html\r\n\r\n<html><head><title>x</title><style>p{{}}</style></head><body><script>alert(1)</script><p>The {PLANT}</html>"
    yield Case("HTML with scripts", HEAD + rich.encode())


def floods() -> Iterator[Case]:
    """Sizes and counts; small enough for every test run, large enough to show what is not linear."""
    nest = b"".join(
        f"Content-Type: multipart/mixed; boundary=n{i}\r\n\r\n--n{i}\r\n".encode() for i in range(200)
    )
    yield Case("200 multiparts deep", HEAD + nest + b"\r\n" + TEXT, ())
    yield Case(
        "20 multiparts deep",
        HEAD + nest[: nest.index(b"Content-Type: multipart/mixed; boundary=n20\r\n")] + b"\r\n" + TEXT,
    )
    yield Case("10,000 mails deep", HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + TEXT, ())
    yield Case("5,000 parts", HEAD + multipart("mixed", *[PLAIN] * 5000))
    yield Case("5,000 embedded mails", HEAD + multipart("digest", *[HEAD + b"\r\n" + TEXT] * 5000))
    yield Case("50,000 boundaries", HEAD + multipart("mixed", PLAIN, *[b""] * 50_000))
    for name, field in (("addresses", b"To: " + b"a@example.com, " * 20_000), ("angles", b"To: " + b"<" * 200_000), ("quotes", b'To: "' + b'"' * 200_000),
                        ("encoded words", b"Subject: " + b"=?utf-8?Q?a?= " * 20_000), ("openings", b"Subject: " + b"=?utf-8?Q?" * 20_000),
                        ("references", b"References: " + b"<a@b> " * 40_000), ("folds", b"X-A: b\r\n" + b" c\r\n" * 60_000), ("fields", b"X: y\r\n" * 50_000),
                        ("parameters", b"Content-Type: text/plain" + b"; a=b" * 50_000), ("sections", b"Content-Type: text/plain" + b"".join(b"; a*%d=b" % i for i in range(20_000))),
                        ("semicolons", b"Content-Type: text/plain" + b";" * 200_000), ("escaped quotes", b'Content-Type: text/plain; a="' + b'\\"' * 100_000)):  # fmt: skip
        yield Case(f"a header of {name}", HEAD + field.rstrip(b"\r\n") + b"\r\n\r\n" + TEXT)
    for name, html in (("nested blocks", "<div>" * 20_000), ("unclosed formatting", "<b>" * 50_000), ("reopened formatting", "<p>" + "".join(f"<b id={i}>" for i in range(500)) + "<p>x" * 50_000),
                       ("attributes", "<p " + " ".join(f"a{i}=1" for i in range(30_000)) + ">"), ("unclosed scripts' openings", "<p><scrip"), ("rows", "<table>" + "<tr><td>x" * 20_000),
                       ("ampersands", "&" * 200_000), ("entities", "&lt;" * 60_000), ("comments", "<!-- x -->" * 20_000), ("less-than signs", "< " * 100_000)):  # fmt: skip
        yield Case(f"HTML of {name}", HEAD + f"Content-Type: text/html\r\n\r\n{PLANT} {html}".encode())
    for name, body in (
        ("line feeds", b"\n" * 300_000),
        ("carriage returns", b"\r" * 300_000),
        ("one line", b"x" * 1_000_000),
        ("begins", b"begin 644 a\n" * 20_000),
        ("octets of all kinds", bytes(range(256)) * 2000),
    ):
        yield Case(f"a body of {name}", HEAD + b"\r\n" + TEXT + body)
