"""Parses delivery failures in plain words, as qmail, Exim, sendmail, old Exchange and old Gmail write them.

A failure needs a known sentence, or at least a word of failure, and an address. The text below the line that
introduces the returned mail is the sender's own and proves nothing. If the returned mail's recipients are known,
only these count.
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
"""The local parts of addresses that reports name as contacts, not as recipients."""


class Prose(NamedTuple):
    """The recipients that a report in words names, and the fields of the returned mail, empty if it has none."""

    recipients: tuple[FailedRecipient, ...]
    returned: Headers


def enhanced_code(text: str) -> str | None:
    """Return the first enhanced status code of a text, such as 5.1.1 (RFC 3463), or None."""
    found = _CODE.search(text[:4000])
    return found[1] if found else None


def reports_failure(text: str) -> bool:
    """Return whether a text has a server's sentence for a mail that could not be delivered."""
    whole = _spaced(text[:_LONGEST_TEXT])
    return any(words in whole for words in _FAILED)


def read_prose(root: Part, text: str) -> Prose | None:
    """Return the recipients that a report in words names, or None if it names none or is ambiguous."""
    lines = _lines(text)
    at = beginning_of_returned(lines)
    report, returned = lines[:at], returned_header(lines[at:])
    whole = _spaced("\n".join(report))
    named = [
        found.email
        for value in root.headers.get(b"x-failed-recipients", ())
        for found in read_addresses(value[:8000])
    ]
    is_delayed = any(words in whole for words in _DELAYED)
    failed: tuple[FailedRecipient, ...] = ()
    if named or is_delayed or any(words in whole for words in _FAILED):
        failed = _on_lines(report, "delayed" if is_delayed and not named else "failed", named)
    failed = failed or _anywhere(report, whole)
    recipients = recipients_of(returned)
    # An address that only the report has, such as a contact's, was not a recipient.
    confirmed = tuple(one for one in failed if one.address in recipients)
    others = tuple(one for one in failed if one.address not in _of_report(root))
    found = confirmed or others
    return Prose(found, returned) if found else None


def returned_fields(text: str) -> Headers:
    """Return the fields of the mail that a text returns; empty if it returns none."""
    lines = _lines(text)
    return returned_header(lines[beginning_of_returned(lines) :])


def _lines(text: str) -> list[str]:
    return [line[:_LONGEST_LINE] for line in text[:_LONGEST_TEXT].split("\n")[:_MOST_LINES]]


def _spaced(text: str) -> str:
    return " ".join(text.lower().replace("\u2019", "'").split())


def _of_report(root: Part) -> frozenset[str]:
    """Return the addresses in the report's own From and To."""
    values = [value for name in (b"from", b"to") for value in root.headers.get(name, ())[:5]]
    return frozenset(found.email for value in values for found in read_addresses(value[:2000]))


def _anywhere(report: list[str], whole: str) -> tuple[FailedRecipient, ...]:
    """Return every address of a report that has a word of failure and none of delay or success."""
    if any(words in whole for words in (*_DELAYED, *_WORDS_OF_SUCCESS)):
        return ()
    if not any(words in whole for words in _WORDS_OF_FAILURE):
        return ()
    lines = [line for line in report if not line.strip().lower().startswith(_ABOUT_OTHERS)]
    found = {address for line in lines for match in _ADDRESS.finditer(line) if (address := _read(match[0]))}
    people = {address for address in found if address.partition("@")[0] not in _OFFICES}
    return tuple(_failed(address, "failed", lines, "\n".join(report)) for address in sorted(people or found))


def _read(text: str) -> str:
    """Return the address in a text, without what a server adds directly after it: dots before its reason."""
    addresses = read_addresses(text.partition("..")[0].strip(".,'[]").encode("utf-8"))
    return addresses[0].email if addresses else ""


def _on_lines(lines: list[str], action: str, named: list[str]) -> tuple[FailedRecipient, ...]:
    """Return each address that begins a line, with the text up to the next one as its reason."""
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
    """Return the address at the start of a line: alone on it, in angle brackets, or followed by a reason; else ""."""
    text = line.strip()
    if "@" not in text[:400] or text.lower().startswith((*_ABOUT_OTHERS, "to:", "for ")):
        return ""
    match = _ADDRESS.match(text.lstrip("<\"'*- ").removeprefix("mailto:")[:400])
    if match is None:
        return ""
    return _read(match[0])
