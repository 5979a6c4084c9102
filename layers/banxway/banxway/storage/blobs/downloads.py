"""How strangers' content leaves the blob store: as a file to be saved, never as a page of ours.

reference/threats-and-faults.md, threat 29: every file is served as an attachment, with a type that no browser runs.
"""

from urllib.parse import quote

_SERVED_AS_THEY_ARE = frozenset(
    {
        "application/gzip", "application/json", "application/msword", "application/pdf", "application/rtf",
        "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip",
        "audio/aac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav", "audio/webm",
        "image/avif", "image/bmp", "image/gif", "image/heic", "image/jpeg", "image/png", "image/tiff",
        "image/webp", "text/calendar", "text/csv", "text/plain", "video/mp4", "video/quicktime", "video/webm",
    }
)  # fmt: skip
SHOWN_INLINE = frozenset({"image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"})
"""Images that a mail may show within its text. SVG is not among them, since it can run scripts."""


def served_type(content_type: str) -> str:
    """Return the media type that a file is served with: its own if it is harmless, else application/octet-stream."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _SERVED_AS_THEY_ARE:
        return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def disposition_of(filename: str) -> str:
    """Return the Content-Disposition that saves a file under its name, in ASCII and in UTF-8 (RFC 6266, 8187)."""
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"\\%' else "_" for sign in filename)
    disposition = f'attachment; filename="{plain}"'
    if plain == filename:
        return disposition
    return f"{disposition}; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
