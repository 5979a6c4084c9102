"""Parses what the receiving server found out about a mail's sender (RFC 8601).

Only the topmost Authentication-Results counts: each server adds its own above the existing ones, so those below
may be forged by the sender. If the receiving server writes none, the topmost may be forged, too; so a pass only
relaxes a suspicion, and never proves an identity on its own.
"""

import re

from banxway.models.mail import Address, MailAuthentication
from banxway.providers.mail.parse.part import Part

_LONGEST = 8192
_PAIR = re.compile(r"([a-z0-9_.-]{1,60})\s*=\s*\"?([^\s\";]{1,320})")
_SAME_AS_DMARC = ("bestguesspass",)


def read_authentication(part: Part, sender: Address | None) -> MailAuthentication:
    """Return what the topmost Authentication-Results states about the From domain; NONE if it states nothing.

    DMARC decides if it has a verdict. Otherwise a DKIM or SPF pass counts if its domain is the sender's or
    related to it, and a failure counts if nothing passed.
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
    """Return whether two domains are equal, or one is below the other; a top-level domain is related to none."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or ("." in shorter and longer.endswith(f".{shorter}"))


def _results(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """Return each method with its verdict and its properties, in order; the first statement only names the server."""
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
