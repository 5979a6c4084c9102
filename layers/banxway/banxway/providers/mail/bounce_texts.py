"""Reads delivery failures that are told in words, as qmail, Exim, sendmail, old Exchange and old Gmail do.

A sentence that says so must be there, or at least a word of failure, and an address; anything less is not read as
a failure. What stands below the line that introduces the returned mail is the sender's own text and proves nothing.
Whoever uses this compares the addresses with those that the returned mail had.
"""

import re
from typing import NamedTuple

from banxway.models.mail import FailedRecipient
from banxway.providers.mail.addresses import read_addresses
from banxway.providers.mail.part import Part

_LONGEST_TEXT = 32_768
_LONGEST_LINE = 1000
_MOST_LINES = 400
_LONGEST_DIAGNOSTIC = 1000
_FAILED = (
    "wasn't able to deliver your message", "could not be delivered", "delivery to the following recipient failed",
    "delivery to the following recipients failed", "the following addresses had permanent fatal errors",
    "did not reach the following recipient", "undeliverable to the following", "delivery has failed to these",
    "the following address(es) failed", "couldn't be delivered", "unable to deliver your message",
    "unable to deliver message", "cannot be delivered", "your message wasn't delivered", "delivery failed",
    "was not delivered to", "failed to deliver", "permanent fatal errors", "permanent delivery failure",
    "konnte nicht zugestellt werden", "n'a pas pu être remis", "no se ha podido entregar",
)  # fmt: skip
_WORDS_OF_FAILURE = (
    "undeliver", "not delivered", "not be delivered", "could not be reached", "did not reach", "fail", "error",
    "unknown", "reject", "returned", "invalid", "quota", "not exist", "unavailable", "refused", "mailbox is full",
    "no mailbox", "unable to deliver", "not able to deliver", "not accept", "无法送达", "не доставлен",
    "не может быть доставлено", "zugestellt", "non remis", "no entregado",
)  # fmt: skip
_WORDS_OF_SUCCESS = (
    "successfully delivered",
    "was delivered to",
    "has been delivered to",
    "successful delivery",
)
_DELAYED = (
    "has been delayed", "has not yet been delivered", "warning message only", "delivery is delayed",
    "have not yet been delivered", "transient non-fatal errors", "will be retried", "still being retried",
    "has not been delivered to one or more", "not yet been delivered",
)  # fmt: skip
_RETURNED = (
    "below this line is a copy of the message", "this is a copy of the message", "original message", "returned mail",
    "message header follows", "copy of your message", "unsent message below", "original message follows",
    "a copy of the original message", "message headers follow", "this is a copy of your message",
)  # fmt: skip
_ABOUT_OTHERS = ("from:", "reply-to:", "contact", "please", "system contact", "reporting-mta", "* from:")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"[^\s<>\"(),;:]{1,64}@[^\s<>\"(),;:@]{1,255}")


class Prose(NamedTuple):
    """The recipients that a text names, and what it returns of the mail itself ("" when nothing)."""

    recipients: tuple[FailedRecipient, ...]
    returned: str


def enhanced_code(text: str) -> str | None:
    """Return the first enhanced status code of a text, such as 5.1.1 (RFC 3463), or None."""
    found = _CODE.search(text[:4000])
    return found[1] if found else None


def read_prose(root: Part, text: str) -> Prose | None:
    """Return the recipients that a report in words names, or None when it is not unambiguous."""
    lines = [line[:_LONGEST_LINE] for line in text[:_LONGEST_TEXT].split("\n")[:_MOST_LINES]]
    at = next((at for at, line in enumerate(lines) if _introduces_copy(line)), len(lines))
    said, returned = lines[:at], "\n".join(lines[at + 1 :])
    whole = " ".join(" ".join(said).lower().replace("\u2019", "'").split())
    named = [
        found.email
        for value in root.headers.get(b"x-failed-recipients", ())
        for found in read_addresses(value[:8000])
    ]
    is_delayed = any(words in whole for words in _DELAYED)
    if named or is_delayed or any(words in whole for words in _FAILED):
        told = _told(said, "delayed" if is_delayed and not named else "failed", named)
        return Prose(told, returned) if told else _anywhere(said, whole, returned)
    return _anywhere(said, whole, returned)


def _anywhere(said: list[str], whole: str, returned: str) -> Prose | None:
    """Take any address of a text that speaks of failure, and of no delay or success; the whole is its reason."""
    if any(words in whole for words in (*_DELAYED, *_WORDS_OF_SUCCESS)):
        return None
    if not any(words in whole for words in _WORDS_OF_FAILURE):
        return None
    places = [line for line in said if not line.strip().lower().startswith(_ABOUT_OTHERS)]
    found = {
        address.email
        for line in places
        for match in _ADDRESS.finditer(line)
        for address in read_addresses(match[0].strip(".,'[]").encode("utf-8"))[:1]
    }
    told = tuple(_failed(address, "failed", places, "\n".join(said)) for address in sorted(found))
    return Prose(told, returned) if told else None


def _introduces_copy(line: str) -> bool:
    short = line.strip().lower()
    return (short[:2] in ("--", "==", "__") or short.endswith(("---", ":"))) and any(
        words in short[:200] for words in _RETURNED
    )


def _told(lines: list[str], action: str, named: list[str]) -> tuple[FailedRecipient, ...]:
    """Each address that begins a line or stands in one of its own, with the lines up to the next as its reason."""
    found: dict[str, list[str]] = {address: [] for address in named}
    current: str | None = None
    for line in lines:
        address = _recipient_on(line)
        if address and (not named or address in found):
            current = address
            rest = line.partition(address)[2].strip(" <>:,") if address in line else ""
            found.setdefault(address, []).extend([rest] if rest else [])
        elif current is not None:
            found[current].append(line.strip())
    whole = "\n".join(lines)
    return tuple(_failed(address, action, reason, whole) for address, reason in found.items())


def _failed(address: str, action: str, reason: list[str], whole: str) -> FailedRecipient:
    diagnostic = " ".join(" ".join(reason).split())[:_LONGEST_DIAGNOSTIC]
    return FailedRecipient(address, action, enhanced_code(diagnostic) or enhanced_code(whole), diagnostic)


def _recipient_on(line: str) -> str:
    """The address that a line is about: alone on it, in angles at its start, or followed by a reason."""
    text = line.strip()
    if "@" not in text[:400] or text.lower().startswith((*_ABOUT_OTHERS, "to:", "for ")):
        return ""
    match = _ADDRESS.match(text.lstrip("<\"'*- ").removeprefix("mailto:")[:400])
    if match is None:
        return ""
    addresses = read_addresses(match[0].strip(".,'").encode("utf-8"))
    return addresses[0].email if addresses else ""
