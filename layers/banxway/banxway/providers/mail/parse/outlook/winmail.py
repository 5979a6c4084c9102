"""Turns a winmail.dat into text, HTML, attachments and the texts of the mails inside it."""

from dataclasses import dataclass, field

from banxway.models.mail import MailAttachment
from banxway.providers.mail.parse.files import as_attachment, usable_id
from banxway.providers.mail.parse.limits import Budget
from banxway.providers.mail.parse.outlook.tnef import PackedFile, Unpacked, unpack

_DAMAGED = "A winmail.dat, which Outlook writes, is damaged; what could be read of it is shown."


@dataclass(slots=True)
class Winmail:
    """The readable contents; `embedded` has the texts of the mails inside, each below a heading."""

    text: str
    html: str
    files: list[MailAttachment] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    is_whole: bool = True


def read_winmail(octets: bytes, budget: Budget, *, depth: int) -> Winmail | None:
    """Return the readable contents of a winmail.dat, within its mail's budget; None if the octets are not one."""
    unpacked = unpack(octets)
    if unpacked is None:
        return None
    found = Winmail(unpacked.text, unpacked.html, is_whole=unpacked.is_whole)
    for file in unpacked.files:
        if budget.admit_part(depth + 1) and budget.admit_bytes(len(file.content)):
            _take(found, file, budget, depth=depth)
    if not found.is_whole:
        budget.add_problem(_DAMAGED)
    return found


def _take(found: Winmail, file: PackedFile, budget: Budget, *, depth: int) -> None:
    inner = unpack(file.content) if file.is_mail else None
    if inner is not None:
        nested = read_winmail(file.content, budget, depth=depth + 1)
        if nested is not None:
            found.embedded += [_heading(inner) + _plain(nested), *nested.embedded]
            found.files += nested.files
            found.is_whole = found.is_whole and nested.is_whole
        return
    identifier = usable_id(file.content_id)
    is_inline = identifier is not None and bool(found.html) and f"cid:{identifier}" in found.html
    found.files.append(
        as_attachment(file.content, file.name, file.content_type, identifier, is_inline=is_inline)
    )


def _heading(mail: Unpacked) -> str:
    subject = " ".join(mail.subject.split())[:2000]
    lines = ["---------- Forwarded message ----------", *([f"Subject: {subject}"] if subject else [])]
    return "\n".join(lines) + "\n\n"


def _plain(mail: Winmail) -> str:
    from banxway.providers.mail.html.text import to_text

    return mail.text.replace("\r\n", "\n").strip() or to_text(mail.html)
