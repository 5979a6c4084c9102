"""Header blocks, encoded words and fields as they should not be."""

import base64
from collections.abc import Iterator

from tests.support.torture.case import HEAD, TEXT, Case


def headers() -> Iterator[Case]:
    """Encoded words, addresses and header blocks as they should not be."""
    e = base64.b64encode("東京".encode())
    subjects = {
        "a character cut between two encoded words": (
            b"=?utf-8?B?"
            + base64.b64encode(b"\xe6\x9d")
            + b"?= =?utf-8?B?"
            + base64.b64encode(b"\xb1")
            + b"?=",
            "東",
        ),
        "base64 cut between two encoded words": (
            b"=?utf-8?B?" + e[:3] + b"?= =?utf-8?B?" + e[3:] + b"?=",
            "東京",
        ),
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
    }
    for attacks, (subject, reads) in subjects.items():
        raw = HEAD.replace(b"torture", subject) + b"\r\n" + TEXT
        yield Case(attacks, raw, subject=reads.replace("\t", " ") if reads else None)
    first_lines = {
        "a unix From line": b"From ann@example.com Mon Jan  1 00:00:00 2024\r\n",
        "an escaped From line": b">From ann\r\n",
        "blank lines first": b"\r\n\r\n",
        "a byte order mark first": b"\xef\xbb\xbf",
        "garbage first": b"+OK 1234 octets\r\n",
        "white space first": b"   \r\n",
        "a continuation first": b" folded nowhere\r\n",
        "a NUL first": b"\x00",
    }
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
    for name, value in (
        ("date", b"Date: not a date"),
        ("date of year 0", b"Date: 1 Jan 0000 00:00:00 +9999"),
        ("date far away", b"Date: Mon, 99 Foo 99999999999 99:99:99 +999999"),
        ("group", b"Cc: undisclosed-recipients:;"),
        ("group with members", b"Cc: team: a@example.com, b@example.com;"),
        ("address of quotes", b'Cc: """"""'),
        ("address of angles", b"Cc: <<<>>><"),
        ("comment nesting", b"Cc: " + b"(" * 500),
        ("reference garbage", b"References: <<a> b@> @ <c@d"),
        ("message id of spaces", b"Message-ID: <  a b @ c >"),
        ("content type of slashes", b"Content-Type: ////"),
        ("content type empty", b"Content-Type:"),
        ("content type without subtype", b"Content-Type: text"),
        ("content type of equals", b'Content-Type: text/plain; ====;;;="'),
    ):
        yield Case(f"a bad {name}", HEAD + value + b"\r\n\r\n" + TEXT)
