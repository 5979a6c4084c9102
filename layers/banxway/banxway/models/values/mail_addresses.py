"""What a mail address is: the one rule for addresses that people type and for those that we send to.

A local part of atoms and dots (RFC 5321, 4.1.2) and a domain name of at least two labels (RFC 1035, RFC 5890), both
in letters of any script (RFC 6531). Quoted local parts and numeric domains are refused: nobody uses them, and other
programs fail at them.
"""

import re
import unicodedata

_LONGEST = 254
_LONGEST_LOCAL = 64
_LONGEST_DOMAIN = 253
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\u0080-\U0010ffff-]*[A-Za-z0-9\u0080-\U0010ffff])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_NUMERIC_END = re.compile(r".*\.[0-9]+")
# Letters, marks and digits; no separators, no controls, nothing invisible.
_IN_DOMAINS = ("L", "M", "N")
_IN_LOCAL_PARTS = ("L", "M", "N", "S", "P")


def is_email(address: str) -> bool:
    """Return whether a text is an address that a mail can be sent to."""
    return ascii_domain(address) is not None


def is_plain_email(address: str) -> bool:
    """Return whether every mail server can send to the address: only its domain may have letters beyond ASCII."""
    return is_email(address) and address.rpartition("@")[0].isascii()


def ascii_domain(address: str) -> str | None:
    """Return the address in the form for SMTP, with its domain in ASCII (IDNA); None if it is not a mail address."""
    local, at, domain = address.rpartition("@")
    if not at or len(address) > _LONGEST or len(local.encode("utf-8", "replace")) > _LONGEST_LOCAL:
        return None
    if not _LOCAL.fullmatch(local) or not _has_only(local, _IN_LOCAL_PARTS):
        return None
    if not _DOMAIN.fullmatch(domain) or _NUMERIC_END.fullmatch(domain) or not _has_only(domain, _IN_DOMAINS):
        return None
    encoded = _in_ascii(domain)
    return f"{local}@{encoded}" if encoded else None


def _in_ascii(domain: str) -> str | None:
    try:
        # The codec also refuses a label longer than 63.
        encoded = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return encoded if len(encoded) <= _LONGEST_DOMAIN else None


def _has_only(text: str, kinds: tuple[str, ...]) -> bool:
    """Return whether all characters beyond ASCII are of these kinds, and none is a lookalike (fullwidth letters)."""
    if text.isascii():
        return True
    beyond = [sign for sign in text if not sign.isascii()]
    is_stable = unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFC", text)
    return is_stable and all(unicodedata.category(sign)[0] in kinds for sign in beyond)
