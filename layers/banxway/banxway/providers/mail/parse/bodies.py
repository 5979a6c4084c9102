"""Walks a mail's tree and collects the text and HTML that a person reads, and the attachments."""

from collections.abc import Callable
from dataclasses import dataclass, field

from banxway.models.mail import MailAttachment
from banxway.providers.mail.html.text import MAX_HTML_CHARS, to_text
from banxway.providers.mail.parse.calendar import summarize, unfold
from banxway.providers.mail.parse.charsets.charsets import decode, is_wide, named_in_html
from banxway.providers.mail.parse.files import (
    Disposition,
    as_attachment,
    content_id,
    is_shown,
    read_disposition,
)
from banxway.providers.mail.parse.limits import Budget
from banxway.providers.mail.parse.mime import split
from banxway.providers.mail.parse.outlook.tnef import SIGNATURE
from banxway.providers.mail.parse.outlook.winmail import read_winmail
from banxway.providers.mail.parse.part import Part
from banxway.providers.mail.parse.plain_forms import leftover_text, preformatted, unenrich, unflow
from banxway.providers.mail.parse.signed import SIGNED_TYPES, is_signed, read_signed
from banxway.providers.mail.parse.transfer import decode_transfer, find_uuencoded

_HTML = ("text/html", "text/x-amp-html", "text/watch-html", "application/xhtml+xml")
_FOR_FEW = ("text/x-amp-html", "text/watch-html")
_REPORTS = (
    "message/delivery-status", "message/disposition-notification", "message/feedback-report",
    "text/rfc822-headers", "message/partial", "message/external-body",
)  # fmt: skip
_EMBEDDED = ("message/rfc822", "message/global", "message/news")
_ENCRYPTED = "The mail is encrypted; its content is in its attachment."
_NOT_VERIFIED = "The mail is signed (S/MIME); the signature was not verified."
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")


@dataclass(slots=True)
class Segment:
    """One stretch of the body, in reading order: plain text, HTML, or both as alternatives."""

    plain: str = ""
    html: str = ""
    is_generated: bool = False
    """True if we made it from an embedded mail, a report or an invitation; it is only in the text."""

    def as_text(self) -> str:
        """Return the plain text, or the HTML's text if the plain text is missing or blank."""
        if not self.html or self.plain.strip():
            return self.plain
        return to_text(self.html) or leftover_text(self.html[:MAX_HTML_CHARS])


@dataclass(slots=True)
class Body:
    """The text, HTML and attachments of one mail. `embed` returns the heading and text of an embedded mail."""

    budget: Budget
    embed: Callable[[bytes, int], str]
    charset: str | None = None
    """The mail's own charset, in which raw 8-bit names are decoded."""
    is_alternative: bool = False
    """True if this collects one alternative only: its text is a body even if it has a file name."""
    segments: list[Segment] = field(default_factory=list)
    attachments: list[MailAttachment] = field(default_factory=list)
    winmail_bodies: list[Segment] = field(default_factory=list)
    file_charsets: dict[str, str] = field(default_factory=dict)
    """The charsets that text attachments declare, by the attachment's SHA-256."""

    def text(self) -> str:
        """Return the full readable text, with a blank line between segments."""
        texts = [segment.as_text().strip("\n") for segment in self.segments]
        return "\n\n".join(text for text in texts if text.strip())

    def html(self) -> str | None:
        """Return the HTML as sent, or None without HTML; plain parts between HTML parts are escaped into it."""
        shown = [segment for segment in self.segments if not segment.is_generated]
        if not any(segment.html for segment in shown):
            return None
        if len(shown) == 1:
            return shown[0].html
        return "\n".join(segment.html or preformatted(segment.plain) for segment in shown)

    def add(self, part: Part, *, depth: int, related: bool = False) -> None:
        """Add one part with everything below it; `related` if it is a non-root part of a multipart/related."""
        content_type = part.content_type
        if content_type == "multipart/alternative" and part.children:
            self.add_alternatives(part, depth=depth)
        elif content_type == "multipart/related" and part.children:
            self.add_related(part, depth=depth)
        elif part.children:
            if content_type == "multipart/encrypted":
                self.budget.add_problem(_ENCRYPTED)
            for child in part.children:
                self.add(child, depth=depth + 1, related=related)
        else:
            self.add_leaf(part, depth=depth, related=related)

    def add_alternatives(self, part: Part, *, depth: int) -> None:
        """Add the first readable plain text, the last HTML, and everything that is neither.

        A second alternative of the same kind should have the same content; if a broken sender's has not, it is
        added below.
        """
        usual = [child for child in part.children if child.content_type not in _FOR_FEW]
        chosen = Segment()
        added: list[Segment] = []
        for child in usual or part.children:
            inner = Body(self.budget, self.embed, self.charset, is_alternative=not child.children)
            inner.file_charsets = self.file_charsets
            inner.add(child, depth=depth + 1)
            added += [segment for segment in inner.segments if segment.is_generated]
            inner.segments = [segment for segment in inner.segments if not segment.is_generated]
            html = inner.html()
            if html:
                added += [*_missing_html(chosen.html, html), *_missing_plain(chosen.plain, inner, html)]
                chosen.html = html
            elif not chosen.plain.strip():
                chosen.plain = inner.text()
            else:
                added += [Segment(plain=other) for other in [inner.text()] if other not in chosen.plain]
            self.attachments += inner.attachments
            self.winmail_bodies += inner.winmail_bodies
        self.segments += [chosen, *added]

    def add_related(self, part: Part, *, depth: int) -> None:
        """Add the root (`start`, else the first part) as the body, and the other parts as files that it embeds."""
        start = part.parameters.get("start", "").strip("<> ")
        roots = [child for child in part.children if start and content_id(child) == start]
        root = roots[0] if roots else part.children[0]
        self.add(root, depth=depth + 1)
        for child in part.children:
            if child is not root:
                self.add(child, depth=depth + 1, related=True)

    def add_leaf(self, part: Part, *, depth: int, related: bool) -> None:
        """Add one part without children: as text, as an attachment, or as both."""
        if not self.budget.admit_bytes(part.end - part.start):
            return
        encoding = part.first(b"content-transfer-encoding")
        octets, repair = decode_transfer(part.body, encoding)
        self.budget.add_problem(repair)
        content_type = part.content_type
        disposition = read_disposition(part, self.charset)
        if content_type.startswith("multipart/"):
            # Its boundary was never found, so its content counts as text.
            content_type = "text/plain"
        is_embedded = related and content_id(part) is not None
        is_body = bool(disposition.name) and self.expects_body(disposition.filename)
        if is_shown(content_type, disposition, is_embedded=is_embedded, is_body=is_body):
            self.add_text(part, octets, content_type)
            return
        if octets.startswith(SIGNATURE) and self.add_winmail(octets, depth=depth):
            return
        if is_signed(content_type, part.parameters, disposition.name) and self.add_signed(
            octets, depth=depth
        ):
            return
        self.attach(part, octets, disposition, related=related)
        self.add_reading(part, octets, content_type, depth=depth)

    def add_signed(self, octets: bytes, *, depth: int) -> bool:
        """Add the mail inside opaque S/MIME instead of the file; return False if it cannot be opened."""
        content = read_signed(octets)
        if content is None or not self.budget.admit_part(depth + 1):
            return False
        self.budget.add_problem(_NOT_VERIFIED)
        self.add(split(content, self.budget, depth=depth + 1).root, depth=depth + 1)
        return True

    def expects_body(self, filename: str) -> bool:
        """Return whether the next text is a body even if its part has a name.

        It is if no text came before it, unless the name is a file name; in an alternative a file name does not count.
        """
        if filename and not self.is_alternative:
            return False
        return all(segment.is_generated for segment in self.segments)

    def add_text(self, part: Part, octets: bytes, content_type: str) -> None:
        """Add a text part; uuencoded files inside it become attachments."""
        if content_type not in _HTML and (b"\nbegin " in octets or octets.startswith(b"begin ")):
            octets = self.without_uuencoded(octets)
        is_html = content_type in _HTML
        charset = part.parameters.get("charset")
        inner = named_in_html(octets) if is_html and not octets.isascii() else ""
        text = self.decoded(octets, charset, inner=inner)
        if is_html:
            self.segments.append(Segment(html=text))
            return
        if content_type in ("text/enriched", "text/richtext"):
            text = unenrich(text, is_richtext=content_type == "text/richtext")
        elif part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, deletes_space=part.parameters.get("delsp", "").lower() == "yes")
        self.segments.append(Segment(plain=text))

    def without_uuencoded(self, octets: bytes) -> bytes:
        """Return a text without its uuencoded files, which become attachments."""
        kept, at = [], 0
        for found in find_uuencoded(octets):
            kept.append(octets[at : found.start])
            at = found.end
            name = decode(found.name, None).text
            self.attachments.append(as_attachment(found.content, name, "application/octet-stream"))
        kept.append(octets[at:])
        return b"".join(kept)

    def decoded(self, octets: bytes, charset: str | None, *, inner: str = "") -> str:
        """Return decoded text with line feeds only, cut at the limit; repairs are added to the mail's problems."""
        limit = self.budget.limits.max_text_chars
        if len(octets) > limit * 4:
            octets = octets[: limit * 4]
        text, repair = decode(_with_line_feeds(octets, charset), charset, inner=inner)
        self.budget.add_problem(repair)
        if len(text) > limit:
            text = text[:limit]
            self.budget.add_problem(f"Only the first {limit:,} characters of the text are shown.")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text

    def attach(self, part: Part, octets: bytes, disposition: Disposition, *, related: bool) -> None:
        """Add a part's decoded content as an attachment with a safe name."""
        identifier = content_id(part)
        is_inline = (
            identifier is not None
            and disposition.kind != "attachment"
            and (related or disposition.kind == "inline" or part.content_type.startswith("image/"))
        )
        file = as_attachment(octets, disposition.name, part.content_type, identifier, is_inline=is_inline)
        self.attachments.append(file)
        if "charset" in part.parameters:
            self.file_charsets[file.sha256] = part.parameters["charset"]

    def add_reading(self, part: Part, octets: bytes, content_type: str, *, depth: int) -> None:
        """Add to the text what an attached mail, report or invitation says."""
        if content_type in _EMBEDDED:
            self.add_generated(self.embed(octets, depth + 1))
        elif content_type in _REPORTS:
            self.add_generated(self.decoded(octets[:65536], part.parameters.get("charset")))
        elif content_type == "text/calendar":
            charset = part.parameters.get("charset") or "utf-8"
            octets = octets[:262144] if is_wide(charset) else unfold(octets[:262144])
            self.add_generated(summarize(self.decoded(octets, charset)))
        elif content_type in _TNEF:
            self.budget.add_problem(
                "A winmail.dat, which Outlook writes, could not be read; it is kept unchanged."
            )
        elif content_type in SIGNED_TYPES:
            smime_type = part.parameters.get("smime-type", "").lower()
            self.budget.add_problem(
                _ENCRYPTED if smime_type != "signed-data" else "The mail's text is inside a signature file."
            )

    def add_winmail(self, octets: bytes, *, depth: int) -> bool:
        """Add the contents of a winmail.dat; return whether they replace it, which they do not if it is damaged."""
        found = read_winmail(octets, self.budget, depth=depth)
        if found is None:
            return False
        self.attachments += found.files
        self.winmail_bodies.append(Segment(plain=found.text.replace("\r\n", "\n"), html=found.html))
        for text in found.embedded:
            self.add_generated(text)
        return found.is_whole

    def use_winmail_bodies(self) -> None:
        """Use the body of a winmail.dat if the mail has none, or only its HTML if the mail has only plain text."""
        if not self.winmail_bodies:
            return
        written = [
            segment for segment in self.segments if segment.as_text().strip() and not segment.is_generated
        ]
        for packed in self.winmail_bodies:
            if not written:
                self.segments.insert(0, packed)
            elif len(written) == 1 and not written[0].html:
                written[0].html = packed.html
        self.winmail_bodies.clear()

    def add_generated(self, text: str) -> None:
        """Append a segment that we made, unless its text is blank."""
        if text.strip():
            self.segments.append(Segment(plain=text, is_generated=True))


def _missing_plain(before: str, inner: Body, html: str) -> list[Segment]:
    """Return an alternative's plain texts that neither its HTML nor the chosen plain text contains."""
    plain = [segment.plain for segment in inner.segments if segment.plain.strip()]
    if not plain:
        return []
    shown = " ".join(f"{before} {to_text(html)}".split())
    return [Segment(plain=each, is_generated=True) for each in plain if " ".join(each.split()) not in shown]


def _missing_html(before: str, html: str) -> list[Segment]:
    """Return the text of an earlier HTML alternative if the later one does not contain it."""
    if not before or before == html:
        return []
    text = to_text(before)
    return (
        [Segment(plain=text, is_generated=True)]
        if " ".join(text.split()) not in " ".join(to_text(html).split())
        else []
    )


def _with_line_feeds(octets: bytes, charset: str | None) -> bytes:
    """Return octets with one kind of line end, which is cheaper than in text; UTF-16 and UTF-32 stay unchanged."""
    if b"\r" not in octets or b"\x00" in octets or octets[:1] in (b"\xff", b"\xfe") or is_wide(charset):
        return octets
    joined = b"\n".join(octets.splitlines())
    return joined + b"\n" if octets[-1] in b"\r\n" else joined
