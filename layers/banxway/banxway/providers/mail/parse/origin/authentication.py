"""Reads what the receiving server found out about a mail's sender (RFC 8601).

Only the topmost Authentication-Results counts: each server puts its own above what came in, so whatever stands
below may be the sender's forgery. Where the receiving server writes none, the topmost may be forged too; that is
why a pass only ever relaxes a suspicion and proves nobody's identity by itself.
"""

import re

from banxway.models.mail import Address, MailAuthentication
from banxway.providers.mail.parse.part import Part

_LONGEST = 8192
_PAIR = re.compile(r"([a-z0-9_.-]{1,60})\s*=\s*\"?([^\s\";]{1,320})")
_SAME_AS_DMARC = ("bestguesspass",)


def read_authentication(part: Part, sender: Address | None) -> MailAuthentication:
    """Say what the topmost Authentication-Results says of the From domain; NONE when it says nothing of it.

    DMARC decides where it has a verdict. Otherwise a DKIM or SPF pass counts when its domain is the sender's
    or related to it, and a failure counts when nothing passed.
    """
    values = part.headers.get(b"authentication-results")
    domain = sender.email.rpartition("@")[2] if sender else ""
    if not values or not domain:
        return MailAuthentication.NONE
    results = _results(values[0][:_LONGEST].decode("latin-1").lower())
    for method, verdict, properties in results:
        if method == "dmarc" and properties.get("header.from", domain).rpartition("@")[2] == domain:
            if verdict in ("pass", *_SAME_AS_DMARC):
                return MailAuthentication.PASSED
            if verdict == "fail":
                return MailAuthentication.FAILED
    return _without_dmarc(results, domain)


def _without_dmarc(results: list[tuple[str, str, dict[str, str]]], domain: str) -> MailAuthentication:
    for method, verdict, properties in results:
        if verdict == "pass" and _is_aligned(method, properties, domain):
            return MailAuthentication.PASSED
    if any(method in ("spf", "dkim") and verdict == "fail" for method, verdict, _ in results):
        return MailAuthentication.FAILED
    return MailAuthentication.NONE


def _is_aligned(method: str, properties: dict[str, str], domain: str) -> bool:
    names = {"dkim": ("header.d", "header.i", "header.from"), "spf": ("smtp.mailfrom", "envelope-from")}
    for name in names.get(method, ()):
        signed = properties.get(name, "").rpartition("@")[2].strip("<>.")
        if signed:
            return _are_related(signed, domain)
    return False


def _are_related(one: str, other: str) -> bool:
    """Equal, or one beneath the other; never by a bare top-level domain."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or ("." in shorter and longer.endswith(f".{shorter}"))


def _results(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """Each method with its verdict and its properties, in order; the first statement names the server."""
    found = []
    for statement in _without_comments(text).split(";")[1:]:
        pairs = _PAIR.findall(statement)
        if pairs:
            (method, verdict), *properties = pairs
            found.append((method, verdict, dict(properties)))
    return found


def _without_comments(text: str) -> str:
    if "(" not in text:
        return text
    kept, depth = [], 0
    for piece in re.split(r"([()])", text):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            kept.append(piece)
    return "".join(kept)
