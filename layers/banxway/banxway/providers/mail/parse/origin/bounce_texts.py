"""Reads delivery failures that are told in words, as qmail, Exim, sendmail, old Exchange and old Gmail do.

A sentence that says so must be there, or at least a word of failure, and an address; anything less is not read as
a failure. What stands below the line that introduces the returned mail is the sender's own text and proves nothing.
Whoever uses this compares the addresses with those that the returned mail had.
"""

import re
from typing import NamedTuple

from banxway.models.mail import FailedRecipient
from banxway.providers.mail.parse.addresses import read_addresses
from banxway.providers.mail.parse.origin.returned_mails import (
    beginning_of_returned,
    recipients_of,
    returned_header,
)
from banxway.providers.mail.parse.part import Headers, Part

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
    "unable to deliver your mail", "error delivering your mail", "failed recipients", "error delivering your message",
    "unable to deliver the message", "not able to deliver your message", "message could not be delivered",
    "не может быть доставлено", "не было доставлено", "konnte nicht zugestellt werden", "n'a pas pu être remis",
    "no se ha podido entregar",
)  # fmt: skip
_WORDS_OF_FAILURE = (
    "undeliver", "not delivered", "not been delivered", "no longer valid", "not be delivered", "could not be reached",
    "did not reach", "fail", "error",
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
_ABOUT_OTHERS = ("from:", "reply-to:", "contact", "please", "system contact", "reporting-mta", "* from:")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"[^\s<>\"'\[\](),;:=?]{1,64}@[^\s<>\"'\[\](),;:@?]{1,255}")
_OFFICES = (
    "postmaster",
    "abuse",
    "support",
    "help",
    "helpdesk",
    "admin",
    "mailer-daemon",
    "noreply",
    "no-reply",
)
"""Who is named in reports to be asked, and was not written to."""


class Prose(NamedTuple):
    """The recipients that a text names, and the fields of the mail that it returns, as far as it does."""

    recipients: tuple[FailedRecipient, ...]
    returned: Headers


def enhanced_code(text: str) -> str | None:
    """Return the first enhanced status code of a text, such as 5.1.1 (RFC 3463), or None."""
    found = _CODE.search(text[:4000])
    return found[1] if found else None


def tells_failure(text: str) -> bool:
    """Whether a text says, as servers do, that a mail could not be delivered."""
    whole = _spaced(text[:_LONGEST_TEXT])
    return any(words in whole for words in _FAILED)


def read_prose(root: Part, text: str) -> Prose | None:
    """Return the recipients that a report in words names, or None when it is not unambiguous."""
    lines = _lines(text)
    at = beginning_of_returned(lines)
    said, returned = lines[:at], returned_header(lines[at:])
    whole = _spaced("\n".join(said))
    named = [
        found.email
        for value in root.headers.get(b"x-failed-recipients", ())
        for found in read_addresses(value[:8000])
    ]
    is_delayed = any(words in whole for words in _DELAYED)
    told: tuple[FailedRecipient, ...] = ()
    if named or is_delayed or any(words in whole for words in _FAILED):
        told = _told(said, "delayed" if is_delayed and not named else "failed", named)
    told = told or _anywhere(said, whole)
    written_to = recipients_of(returned)
    # What only stands in the report, as an address to ask, was not written to.
    confirmed = tuple(one for one in told if one.address in written_to)
    others = tuple(one for one in told if one.address not in _of_report(root))
    found = confirmed or others
    return Prose(found, returned) if found else None


def returned_fields(text: str) -> Headers:
    """Return the fields of the mail that a text returns, none where it returns none."""
    lines = _lines(text)
    return returned_header(lines[beginning_of_returned(lines) :])


def _lines(text: str) -> list[str]:
    return [line[:_LONGEST_LINE] for line in text[:_LONGEST_TEXT].split("\n")[:_MOST_LINES]]


def _spaced(text: str) -> str:
    return " ".join(text.lower().replace("\u2019", "'").split())


def _of_report(root: Part) -> frozenset[str]:
    """The addresses that the report itself is from and to."""
    values = [value for name in (b"from", b"to") for value in root.headers.get(name, ())[:5]]
    return frozenset(found.email for value in values for found in read_addresses(value[:2000]))


def _anywhere(said: list[str], whole: str) -> tuple[FailedRecipient, ...]:
    """Take any address of a text that speaks of failure, and of no delay or success; the whole is its reason."""
    if any(words in whole for words in (*_DELAYED, *_WORDS_OF_SUCCESS)):
        return ()
    if not any(words in whole for words in _WORDS_OF_FAILURE):
        return ()
    places = [line for line in said if not line.strip().lower().startswith(_ABOUT_OTHERS)]
    found = {address for line in places for match in _ADDRESS.finditer(line) if (address := _read(match[0]))}
    people = {address for address in found if address.partition("@")[0] not in _OFFICES}
    return tuple(_failed(address, "failed", places, "\n".join(said)) for address in sorted(people or found))


def _read(text: str) -> str:
    """The address in a text, without what a server glued to it: `smtp=`, or dots before its reason."""
    addresses = read_addresses(text.partition("..")[0].strip(".,'[]").encode("utf-8"))
    return addresses[0].email if addresses else ""


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
    return _read(match[0])
