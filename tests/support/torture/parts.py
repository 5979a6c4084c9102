"""Transfer encodings, structures, names and types: sound but odd, and damaged."""

import base64
from collections.abc import Iterator

from tests.support.torture.case import (
    FILE,
    HEAD,
    HTML,
    KINDS,
    MAIL,
    PLAIN,
    PLANT,
    TEXT,
    Case,
    multipart,
    plain,
)


def transfer() -> Iterator[Case]:
    """Transfer encodings, damaged."""
    coded = base64.encodebytes(TEXT * 10)
    bodies = {
        "base64 cut short": ("base64", coded[:-7]),
        "base64 without padding": ("base64", base64.b64encode(TEXT + b"ab").rstrip(b"=")),
        "base64 of joined pieces": ("base64", base64.b64encode(b"first=") + b"\r\n" + base64.b64encode(TEXT)),
        "base64 with strange octets": (
            "base64",
            b"".join(coded[i : i + 9] + b"!" for i in range(0, len(coded), 90)) + b"\r\n" + coded,
        ),
        "base64 on one line": ("base64", base64.b64encode(TEXT * 50)),
        "base64 with a plain footer": ("base64", coded + b"-- \r\nA plain footer, really.\r\n"),
        "plain text said to be base64": ("base64", TEXT),
        "base64 with spaces": ("base64", coded.replace(b"\n", b" \t\r\n  ")),
        "url-safe base64": ("base64", base64.urlsafe_b64encode(TEXT)),
        "base64 spelt BASE64": ("BASE64", coded),
        "base64 with a comment": ("base64 (x)", coded),
        "impossible quoted escapes": ("quoted-printable", b"=ZZ =E =\r\n= " + TEXT),
        "quoted-printable ending in =": ("quoted-printable", TEXT + b"="),
        "spaces after a soft break": ("quoted-printable", b"The light=  \r\nhouse stands."),
        "lower-case escapes": ("quoted-printable", TEXT + b"=c3=a9"),
        "plain text said to be quoted": ("quoted-printable", TEXT + b"1+1=2"),
        "an unknown encoding": ("x-rot26", TEXT),
        "an empty encoding": ("", TEXT),
        "binary": ("binary", TEXT),
        "8bit with 8 bits": ("8bit", TEXT + b"\xe9"),
        "uuencode that is none": ("x-uuencode", TEXT),
        "two encodings named": ("7bit, 8bit", TEXT),
        "yEnc left alone": (
            "8bit",
            TEXT + b"=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n",
        ),
    }
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
        "RFC 2231 in sections": (
            "filename*0*=utf-8''r%C3%A9; filename*1*=sum%C3%A9; filename*2=.pdf",
            "résumé.pdf",
        ),
        "sections out of order": ('filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
        "an encoded word": (
            'filename="=?utf-8?B?' + base64.b64encode("résumé.pdf".encode()).decode() + '?="',
            "résumé.pdf",
        ),
        "an encoded word in Q": ("filename==?iso-8859-1?Q?r=E9sum=E9.pdf?=", "résumé.pdf"),
        "spaces without quotes": ("filename=two words.pdf", "two words.pdf"),
        "raw UTF-8": ('filename="résumé.pdf"', "résumé.pdf"),
        "a path": ('filename="../../etc/passwd"', "passwd"),
        "a Windows path": ('filename="C:\\Users\\a.pdf"', "a.pdf"),
        "a name of dots": ('filename=".."', "attachment.bin"),
        "a dot file": ('filename=".htaccess"', "htaccess"),
        "a zero-width dot file": ("filename*=utf-8''%E2%80%8B.htaccess", "htaccess"),
        "a direction change": ("filename*=utf-8''a%E2%80%AEfdp.exe", "afdp.exe"),
        "line ends": ("filename*=utf-8''a%0D%0Ab.pdf", "ab.pdf"),
        "a NUL": ("filename*=utf-8''a.pdf%00.exe", "a.pdf.exe"),
        "an empty name": ('filename=""', "attachment.bin"),
        "an unclosed quote": ('filename="a.pdf', "a.pdf"),
        "a device": ('filename="CON.txt"', "_CON.txt"),
        "wildcards": ('filename="a*?<b>.pdf"', "a___b_.pdf"),
        "invisible only": ("filename*=utf-8''%E2%80%8B%E2%80%8C", "attachment.bin"),
        "a bad percent": ("filename*=utf-8''100%.pdf", "100%.pdf"),
        "an unknown charset": ("filename*=x-none''a%41.pdf", "aA.pdf"),
        "no charset": ("filename*=a.pdf", "a.pdf"),
        "two names": ('filename="b.pdf"; filename="c.pdf"', "b.pdf"),
    }
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
        "image/svg+xml",
        "text/xml",
        "application/xhtml+xml",
        "application/zip",
        "application/ms-tnef",
        "application/pkcs7-mime",
        "application/x-msdownload",
        "message/partial",
        "message/external-body; access-type=URL",
        "audio/x-wav",
        "text/rtf",
        "application/pgp-encrypted",
        "message/feedback-report",
        "message/http",
        "*/*",
        "text/calendar",
        "text/vcard",
        "x/\x00y",
    )
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
    invitation = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Visit the lighthouse\r\n"
    invitation += b"DTSTART;TZID=Asia/Kolkata:20240102T103000\r\nEND:VEVENT\r\n"
    yield Case(
        "an invitation without a text",
        HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + invitation,
        (PLANT, "2024-01-02 10:30 Asia/Kolkata"),
        attachments=1,
    )
    head = "<html><head><title>x</title><style>p{}</style></head>"
    rich = f"Content-Type: text/html\r\n\r\n{head}<body><script>alert(1)</script><p>The {PLANT}</html>"
    yield Case("HTML with scripts", HEAD + rich.encode())
