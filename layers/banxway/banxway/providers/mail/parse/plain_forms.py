"""Converts format=flowed and enriched text to plain text, and plain text to HTML."""

import html as entities
import re

_ENRICHED = re.compile(r"<<|<(/?)([a-zA-Z][a-zA-Z0-9-]{0,60})>|(\n+)")
_SIGNS = {"lt": "<", "nl": "\n", "np": "\n"}


def unflow(text: str, *, deletes_space: bool) -> str:
    """Join the lines that a sender broke and marked with a trailing space (RFC 3676, 4.1), for each level of quotes.

    `deletes_space` is the parameter DelSp: the marking space is not part of the text, as in Chinese or Japanese.
    """
    out: list[str] = []
    pending: list[str] = []
    level = 0
    for line in text.split("\n"):
        depth, content = _level_and_content(line)
        is_flowed = content.endswith(" ") and content != "-- "
        if pending and (depth != level or content == "-- "):
            out.append(_joined(level, pending))
            pending = []
        level = depth
        pending.append(content[:-1] if is_flowed and deletes_space else content)
        if not is_flowed:
            out.append(_joined(level, pending))
            pending = []
    if pending:
        out.append(_joined(level, pending))
    return "\n".join(out)


def _level_and_content(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _joined(level: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    return f"{'>' * level} {content}" if level else content


def unenrich(text: str, *, is_richtext: bool) -> str:
    """Return the text of text/enriched (RFC 1896) or its predecessor text/richtext (RFC 1341) without the tags."""
    out: list[str] = []
    at = hidden = 0
    for match in _ENRICHED.finditer(text):
        out.append("" if hidden else text[at : match.start()])
        at = match.end()
        closing, name, breaks = match.groups()
        name = (name or "").lower()
        if name in ("param", "comment"):
            hidden = max(0, hidden + (-1 if closing else 1))
        elif name or breaks:
            sign = _SIGNS.get(name, "") if is_richtext or name == "lt" else ""
            out.append("" if hidden else sign or _broken(breaks, is_richtext=is_richtext))
        elif not hidden:
            out.append("<" if not is_richtext else "<<")
    # A parameter that is never closed hides nothing: everything after its tag is text.
    return "".join(out) + text[at:] if not hidden else _ENRICHED.sub(_without_tags, text)


def _without_tags(match: re.Match[str]) -> str:
    return match[3] or ("<" if match[0] == "<<" else "")


def _broken(breaks: str | None, *, is_richtext: bool) -> str:
    if not breaks:
        return ""
    if is_richtext or len(breaks) == 1:
        return " "
    return breaks[1:]


def preformatted(text: str) -> str:
    """Return HTML that shows the text unchanged, or "" for blank text."""
    return f"<pre>{entities.escape(text, quote=False)}</pre>" if text.strip() else ""


def leftover_text(source: str) -> str:
    """Return a text for HTML without visible text: its title, its pictures' names, text inside unclosed elements."""
    kept = [piece.partition(">")[2] or "" for piece in source.split("<")]
    kept[0] = source.partition("<")[0]
    names = [match[1] or match[2] for match in _ALTERNATIVE.finditer(source)]
    text = "\n".join(line.strip() for line in entities.unescape("\n".join([*kept, *names])).split("\n"))
    return _BLANK_LINES.sub("\n", text).strip()


_ALTERNATIVE = re.compile(r"\balt=(?:\"([^\"<>]{1,500})\"|'([^'<>]{1,500})')")
_BLANK_LINES = re.compile(r"\n{2,}")
