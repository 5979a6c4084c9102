"""Summarizes a calendar invitation in one line. The invitation itself stays an attachment."""

_WORDS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Reply to an invitation",
    "COUNTER": "New proposal",
}
_LONGEST = 64 * 1024


def summarize(calendar: str) -> str:
    """Return method, summary, start and location of the first event (RFC 5545), or "" without the last three."""
    fields: dict[str, str] = {}
    in_event = False
    for line in _unfolded(calendar[:_LONGEST]):
        name, colon, value = line.partition(":")
        name, _, parameters = name.partition(";")
        name = name.strip().upper()
        if name == "BEGIN":
            in_event = in_event or value.strip().upper() in ("VEVENT", "VTODO")
        elif name == "END" and in_event and value.strip().upper() in ("VEVENT", "VTODO"):
            break
        elif colon and (in_event or name == "METHOD"):
            fields.setdefault(name, _when(value, parameters) if name == "DTSTART" else _plain(value))
    parts = [fields[name] for name in ("SUMMARY", "DTSTART", "LOCATION") if fields.get(name)]
    if not parts:
        return ""
    return f"{_WORDS.get(fields.get('METHOD', '').upper(), 'Calendar entry')}: {' · '.join(parts)}"


def unfold(calendar: bytes) -> bytes:
    """Join folded lines before the text is decoded, since a line may be folded inside a character (RFC 5545, 3.1)."""
    return calendar.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")


def _unfolded(calendar: str) -> list[str]:
    text = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    return text.split("\n")


def _plain(value: str) -> str:
    text = (
        value.replace("\\n", " ")
        .replace("\\N", " ")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\")
    )
    return " ".join(text.split())[:300]


def _when(value: str, parameters: str) -> str:
    digits = value.strip()
    if len(digits) < 8 or not digits[:8].isdigit():
        return _plain(value)
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    if len(digits) < 13 or not digits[9:13].isdigit():
        return day
    zone = "UTC" if digits.endswith("Z") else ""
    for parameter in parameters.split(";"):
        if parameter.upper().startswith("TZID="):
            zone = parameter[5:].strip('"')[:60]
    return f"{day} {digits[9:11]}:{digits[11:13]} {zone}".rstrip()
