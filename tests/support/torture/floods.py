"""Sizes and counts that show what is not linear."""

from collections.abc import Iterator

from tests.support.gates.chance import in_soak
from tests.support.torture.case import HEAD, PLAIN, PLANT, TEXT, Case, multipart

_NO_CHARSET = [
    b"=?x?Q?%s?=" % b"".join(b"=%02X" % (0xA1 + (word * 37 + at * at * 11) % 0x5E) for at in range(40))
    for word in range(40)
]


def _many(number: int) -> int:
    return in_soak(number, else_=number // 4)


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
    for name, field in (
        ("addresses", b"To: " + b"a@example.com, " * 20_000),
        ("angles", b"To: " + b"<" * 200_000),
        ("quotes", b'To: "' + b'"' * _many(200_000)),
        ("encoded words", b"Subject: " + b"=?utf-8?Q?a?= " * 20_000),
        ("openings", b"Subject: " + b"=?utf-8?Q?" * 20_000),
        ("words in no charset", b"X-A: " + b" a ".join(_NO_CHARSET) * 40),
        ("references", b"References: " + b"<a@b> " * 40_000),
        ("folds", b"X-A: b\r\n" + b" c\r\n" * 60_000),
        ("fields", b"X: y\r\n" * _many(50_000)),
        ("parameters", b"Content-Type: text/plain" + b"; a=b" * 50_000),
        ("sections", b"Content-Type: text/plain" + b"".join(b"; a*%d=b" % i for i in range(20_000))),
        ("semicolons", b"Content-Type: text/plain" + b";" * 200_000),
        ("escaped quotes", b'Content-Type: text/plain; a="' + b'\\"' * _many(100_000)),
    ):
        yield Case(f"a header of {name}", HEAD + field.rstrip(b"\r\n") + b"\r\n\r\n" + TEXT)
    for name, html in (
        ("nested blocks", "<div>" * _many(20_000)),
        ("unclosed formatting", "<b>" * _many(50_000)),
        ("reopened formatting", "<p>" + "".join(f"<b id={i}>" for i in range(500)) + "<p>x" * _many(50_000)),
        ("attributes", "<p " + " ".join(f"a{i}=1" for i in range(30_000)) + ">"),
        ("unclosed scripts' openings", "<p><scrip"),
        ("rows", "<table>" + "<tr><td>x" * _many(20_000)),
        ("ampersands", "&" * 200_000),
        ("entities", "&lt;" * _many(60_000)),
        ("comments", "<!-- x -->" * 20_000),
        ("less-than signs", "< " * _many(100_000)),
    ):
        yield Case(f"HTML of {name}", HEAD + f"Content-Type: text/html\r\n\r\n{PLANT} {html}".encode())
    for name, body in (
        ("line feeds", b"\n" * 300_000),
        ("carriage returns", b"\r" * 300_000),
        ("one line", b"x" * 1_000_000),
        ("begins", b"begin 644 a\n" * 20_000),
        ("octets of all kinds", bytes(range(256)) * 2000),
        ("colons at lines' ends", b"a:\n" * in_soak(330_000, else_=40_000)),
        ("labels", b"From: x\n" * in_soak(125_000, else_=30_000)),
        ("rules", b"--\n" * in_soak(330_000, else_=5_000)),
        ("beginnings of attributions", b"<a@b>\n1\n2\n3:\n" * in_soak(70_000, else_=3_000)),
    ):
        yield Case(f"a body of {name}", HEAD + b"\r\n" + TEXT + body)
