"""Walks a mail's tree and collects what a person reads and what they may open."""

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
_ENCRYPTED = "The mail is encrypted; what it says is in its attachment."
_NOT_VERIFIED = "The mail is signed (S/MIME); the signature was not verified."
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")


@dataclass(slots=True)
class Segment:
    """One stretch of the body, in reading order: plain text, HTML, or both as alternatives."""

    plain: str = ""
    html: str = ""
    is_added: bool = False
    """Made by us from an embedded mail, a report or an invitation; shown in the text only."""

    def as_text(self) -> str:
        """The plain form, or the HTML's text where the plain form is missing or blank."""
        if not self.html or self.plain.strip():
            return self.plain
        return to_text(self.html) or leftover_text(self.html[:MAX_HTML_CHARS])


@dataclass(slots=True)
class Body:
    """What one mail shows. `embed` reads an embedded mail and returns its heading and text."""

    budget: Budget
    embed: Callable[[bytes, int], str]
    charset: str | None = None
    """The mail's own, in which raw names are read."""
    is_alternative: bool = False
    """Takes nothing but one alternative, so that its text is a body whatever it is called."""
    segments: list[Segment] = field(default_factory=list)
    attachments: list[MailAttachment] = field(default_factory=list)
    packed: list[Segment] = field(default_factory=list)
    file_charsets: dict[str, str] = field(default_factory=dict)
    """What attachments say of their text, by digest."""

    def text(self) -> str:
        """The full readable text, segments separated by a blank line."""
        texts = [segment.as_text().strip("\n") for segment in self.segments]
        return "\n\n".join(text for text in texts if text.strip())

    def html(self) -> str | None:
        """The HTML as sent; where plain parts stand between HTML parts, they are escaped into it."""
        shown = [segment for segment in self.segments if not segment.is_added]
        if not any(segment.html for segment in shown):
            return None
        if len(shown) == 1:
            return shown[0].html
        return "\n".join(segment.html or preformatted(segment.plain) for segment in shown)

    def add(self, part: Part, *, depth: int, related: bool = False) -> None:
        """Take one part with everything below it."""
        content_type = part.content_type
        if content_type == "multipart/alternative" and part.children:
            self.add_alternatives(part, depth=depth)
        elif content_type == "multipart/related" and part.children:
            self.add_related(part, depth=depth)
        elif part.children:
            if content_type == "multipart/encrypted":
                self.budget.note(_ENCRYPTED)
            for child in part.children:
                self.add(child, depth=depth + 1, related=related)
        else:
            self.add_leaf(part, depth=depth, related=related)

    def add_alternatives(self, part: Part, *, depth: int) -> None:
        """Take the first readable plain form, the last HTML form, and everything that is neither.

        A second form of one kind says the same by rule; where a broken sender's does not, it is shown below.
        """
        usual = [child for child in part.children if child.content_type not in _FOR_FEW]
        chosen = Segment()
        added: list[Segment] = []
        for child in usual or part.children:
            inner = Body(self.budget, self.embed, self.charset, is_alternative=not child.children)
            inner.file_charsets = self.file_charsets
            inner.add(child, depth=depth + 1)
            added += [segment for segment in inner.segments if segment.is_added]
            inner.segments = [segment for segment in inner.segments if not segment.is_added]
            html = inner.html()
            if html:
                added += [*_unsaid(chosen.html, html), *_unsaid_plain(chosen.plain, inner, html)]
                chosen.html = html
            elif not chosen.plain.strip():
                chosen.plain = inner.text()
            else:
                added += [Segment(plain=other) for other in [inner.text()] if other not in chosen.plain]
            self.attachments += inner.attachments
            self.packed += inner.packed
        self.segments += [chosen, *added]

    def add_related(self, part: Part, *, depth: int) -> None:
        """Take the root (`start`, else the first part) as body and the others as what it embeds."""
        start = part.parameters.get("start", "").strip("<> ")
        roots = [child for child in part.children if start and content_id(child) == start]
        root = roots[0] if roots else part.children[0]
        self.add(root, depth=depth + 1)
        for child in part.children:
            if child is not root:
                self.add(child, depth=depth + 1, related=True)

    def add_leaf(self, part: Part, *, depth: int, related: bool) -> None:
        """Take one part without children: as text, as an attachment, or as both."""
        if not self.budget.takes_bytes(part.end - part.start):
            return
        encoding = part.first(b"content-transfer-encoding")
        octets, repair = decode_transfer(part.body, encoding)
        self.budget.note(repair)
        content_type = part.content_type
        disposition = read_disposition(part, self.charset)
        if content_type.startswith("multipart/"):
            # Its boundary never came: whatever it holds is text to us.
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
        """Take the mail within opaque S/MIME in its place; False when it cannot be opened."""
        content = read_signed(octets)
        if content is None or not self.budget.takes_part(depth + 1):
            return False
        self.budget.note(_NOT_VERIFIED)
        self.add(split(content, self.budget, depth=depth + 1).root, depth=depth + 1)
        return True

    def expects_body(self, filename: str) -> bool:
        """Whether the next text is a body although it has a name: an alternative, or the first, if no file's name."""
        if filename and not self.is_alternative:
            return False
        return all(segment.is_added for segment in self.segments)

    def add_text(self, part: Part, octets: bytes, content_type: str) -> None:
        """Take a text part; files uuencoded within it become attachments."""
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
        """Take out the uuencoded files of a text."""
        kept, at = [], 0
        for found in find_uuencoded(octets):
            kept.append(octets[at : found.start])
            at = found.end
            name = decode(found.name, None).text
            self.attachments.append(as_attachment(found.content, name, "application/octet-stream"))
        kept.append(octets[at:])
        return b"".join(kept)

    def decoded(self, octets: bytes, charset: str | None, *, inner: str = "") -> str:
        """Text with line feeds only, cut at the limit; what had to be repaired is noted."""
        limit = self.budget.limits.max_text_chars
        if len(octets) > limit * 4:
            octets = octets[: limit * 4]
        text, repair = decode(_with_line_feeds(octets, charset), charset, inner=inner)
        self.budget.note(repair)
        if len(text) > limit:
            text = text[:limit]
            self.budget.note(f"Only the first {limit:,} characters of the text are shown.")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text

    def attach(self, part: Part, octets: bytes, disposition: Disposition, *, related: bool) -> None:
        """Keep a part's decoded content under a safe name."""
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
        """Add to the text what an attachment has to say: an embedded mail, a report, an invitation."""
        if content_type in _EMBEDDED:
            self.added(self.embed(octets, depth + 1))
        elif content_type in _REPORTS:
            self.added(self.decoded(octets[:65536], part.parameters.get("charset")))
        elif content_type == "text/calendar":
            charset = part.parameters.get("charset") or "utf-8"
            octets = octets[:262144] if is_wide(charset) else unfold(octets[:262144])
            self.added(summarize(self.decoded(octets, charset)))
        elif content_type in _TNEF:
            self.budget.note("A winmail.dat, which Outlook writes, could not be read; it is kept as it came.")
        elif content_type in SIGNED_TYPES:
            said = part.parameters.get("smime-type", "").lower()
            self.budget.note(
                _ENCRYPTED if said != "signed-data" else "The mail's text is inside a signature file."
            )

    def add_winmail(self, octets: bytes, *, depth: int) -> bool:
        """Take what a winmail.dat holds instead of itself; False when it is none or damaged, and must be kept too."""
        found = read_winmail(octets, self.budget, depth=depth)
        if found is None:
            return False
        self.attachments += found.files
        self.packed.append(Segment(plain=found.text.replace("\r\n", "\n"), html=found.html))
        for text in found.embedded:
            self.added(text)
        return found.is_whole

    def settle(self) -> None:
        """Let the body of a winmail.dat be the mail's where it has none, and its HTML where only that is missing."""
        if not self.packed:
            return
        written = [segment for segment in self.segments if segment.as_text().strip() and not segment.is_added]
        for packed in self.packed:
            if not written:
                self.segments.insert(0, packed)
            elif len(written) == 1 and not written[0].html:
                written[0].html = packed.html
        self.packed.clear()

    def added(self, text: str) -> None:
        """Append a segment of our own making, if it says anything."""
        if text.strip():
            self.segments.append(Segment(plain=text, is_added=True))


def _unsaid_plain(before: str, inner: Body, html: str) -> list[Segment]:
    """The plain forms within an alternative that has HTML, too, where neither it nor the plain form says them."""
    plain = [segment.plain for segment in inner.segments if segment.plain.strip()]
    if not plain:
        return []
    said = " ".join(f"{before} {to_text(html)}".split())
    return [Segment(plain=each, is_added=True) for each in plain if " ".join(each.split()) not in said]


def _unsaid(before: str, html: str) -> list[Segment]:
    """An earlier HTML form, where the later one does not contain what it says."""
    if not before or before == html:
        return []
    text = to_text(before)
    return (
        [Segment(plain=text, is_added=True)]
        if " ".join(text.split()) not in " ".join(to_text(html).split())
        else []
    )


def _with_line_feeds(octets: bytes, charset: str | None) -> bytes:
    """Octets with one kind of line end, which is cheaper to make here than in text; not if wide characters."""
    if b"\r" not in octets or b"\x00" in octets or octets[:1] in (b"\xff", b"\xfe") or is_wide(charset):
        return octets
    joined = b"\n".join(octets.splitlines())
    return joined + b"\n" if octets[-1] in b"\r\n" else joined
