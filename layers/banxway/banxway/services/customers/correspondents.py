"""Finds the customer of a mail: the person that it is from or to.

A From address names one person, unless the sender is a relay that writes for others: a web form or a portal names
another Reply-To each time, and a list or a group puts our own address into From. A person who writes through a relay
claims an address and does not prove it. So such a customer is known by relay and address together, and is never the
customer who owns the claimed address.
"""

from collections.abc import Sequence

from banxway.models.mail import Address, Correspondent, MailAuthentication, ParsedMail
from banxway.models.values.mail_addresses import is_email
from banxway.services.auto_replies.unattended import is_unattended

NOBODY = Address(email="unknown@invalid", name="Unknown sender")
_ORIGINAL = ("x-original-from", "x-original-sender")


def written_for(mail: ParsedMail, own: frozenset[str]) -> Address | None:
    """Return the first Reply-To address that is neither the sender's nor one of ours, or None."""
    sender = mail.sender.email if mail.sender else ""
    others = (one for one in mail.reply_to if one.email not in own and one.email != sender)
    return next((one for one in others if is_email(one.email)), None)


def author_of(mail: ParsedMail, *, own: frozenset[str], relays: frozenset[str]) -> Correspondent:
    """Return the author of an inbound mail; `relays` are the senders that are known to write for others."""
    sender = mail.sender or NOBODY
    claimed = written_for(mail, own)
    if sender.email in own:
        claimed = claimed or proven_original(mail, own)
        if claimed is None:
            return Correspondent("", sender.name or sender.email, via=sender.email)
    is_relay = sender.email in own or sender.email in relays or is_unattended(sender.email)
    if claimed and is_relay:
        return Correspondent(claimed.email, claimed.name or claimed.email, via=sender.email)
    return Correspondent(sender.email, sender.name or sender.email)


def proven_original(mail: ParsedMail, own: frozenset[str]) -> Address | None:
    """Return the author of a mail whose From a list or group of ours rewrote to our own address, or None.

    The mail must be proven to come from our own domain, since a stranger can write any header. The header must name
    one author.
    """
    if mail.sender is None or mail.sender.email not in own:
        return None
    if mail.authentication != MailAuthentication.PASSED:
        return None
    named = {_bare(value) for name, value in mail.headers if name.lower() in _ORIGINAL}
    addresses = {one for one in named if is_email(one) and one not in own}
    return Address(email=addresses.pop()) if len(named) == 1 and addresses else None


def addressee_of(mail: ParsedMail, own: frozenset[str]) -> Correspondent:
    """Return the main recipient of a mail that we sent: the first external address, else the first of all."""
    outsiders: Sequence[Address] = [one for one in (*mail.to, *mail.cc) if one.email not in own]
    if not outsiders:
        first = next(iter((*mail.to, *mail.cc)), NOBODY)
        is_ours = first.email in own
        return Correspondent(
            "" if is_ours else first.email, first.name or first.email, first.email if is_ours else ""
        )
    return Correspondent(outsiders[0].email, outsiders[0].name or outsiders[0].email)


def _bare(value: str) -> str:
    inside = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inside.strip().lower()
