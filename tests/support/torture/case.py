"""What a torture case is, and the mails that cases are made of. None is copied from anywhere."""

from dataclasses import dataclass

PLANT = "lighthouse"


@dataclass(frozen=True)
class Case:
    """One hostile or damaged mail.

    `visible` words appear in its text and `hidden` ones do not. `subject`, `sender` (the name) and `html` (a part of
    its HTML) are what the parser must return, if given.
    """

    attacks: str
    raw: bytes
    visible: tuple[str, ...] = (PLANT,)
    subject: str | None = None
    attachments: int | None = None
    filename: str | None = None
    sender: str | None = None
    hidden: tuple[str, ...] = ()
    html: str | None = None


HEAD = b"From: Ann <ann@example.com>\r\nTo: desk@example.net\r\nSubject: torture\r\nMIME-Version: 1.0\r\n"
TEXT = f"The {PLANT} stands.\r\n".encode()


def plain(charset: str, body: bytes, encoding: str = "8bit") -> bytes:
    """A mail of one text part."""
    typed = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return HEAD + typed.encode() + body


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
    "mixed": (PLAIN, FILE),
    "alternative": (b"Content-Type: text/plain\r\n\r\n" + TEXT, HTML),
    "related": (HTML, IMAGE),
    "digest": (HEAD + b"\r\n" + TEXT,),
    "signed": (PLAIN, b"Content-Type: application/pgp-signature\r\n\r\nx"),
    "parallel": (PLAIN, IMAGE),
    "report": (PLAIN, b"Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1"),
    "unheard-of": (PLAIN, FILE),
    "form-data": (PLAIN,),
}
