"""Finding the same mails again when a folder has a new UIDVALIDITY, and with it new UIDs for everything.

    summaries      size and Message-ID header of each mail there; where both are unique on both sides, it is the
                   same mail under a new number, and is not fetched again
    stored bytes   what was fetched again after all, and has the very bytes of a mail whose number is gone, is
                   that mail

What is found by neither is new here; filing joins it to its message if that exists. What is never found stays,
and is not visible.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from banxway.models.mail import MailSummary
from banxway.storage import email_folders, mailbox_messages
from banxway.storage.database import Row, Transaction
from banxway.storage.mailbox_messages import Place, TakenMail


def renumber(transaction: Transaction, place: Place, summaries: Sequence[MailSummary]) -> None:
    """Give the mails of a folder, whose numbers hold no more, the numbers of `place`, as far as they are found."""
    mailbox_messages.forget_numbers(transaction, place)
    email_folders.renumber(
        transaction, account_id=place.account_id, folder=place.folder, uid_validity=place.uid_validity
    )
    stored = mailbox_messages.list_unfound(transaction, place)
    pairs = _pairs(stored, summaries)
    if pairs:
        mailbox_messages.give_numbers(transaction, place, pairs)


def without_found(transaction: Transaction, place: Place, taken: Sequence[TakenMail]) -> list[TakenMail]:
    """Return those mails that are not, byte by byte, mails whose number is gone; the latter get theirs here."""
    blobs = [blob for mail in taken if (blob := mail.raw_blob or mail.header_blob)]
    waiting: dict[str, list[int]] = defaultdict(list)
    for row in mailbox_messages.find_unfound(transaction, place, blobs) if blobs else ():
        waiting[row["blob"]].append(row["uid"])
    if not waiting:
        return list(taken)
    pairs, new = [], []
    for mail in taken:
        blob = mail.raw_blob or mail.header_blob
        if blob and waiting[blob]:
            pairs.append((waiting[blob].pop(0), mail.uid))
        else:
            new.append(mail)
    mailbox_messages.give_numbers(transaction, place, pairs)
    return new


def _pairs(stored: Sequence[Row], summaries: Sequence[MailSummary]) -> list[tuple[int, int]]:
    ours = _unique((row["header_message_id"], row["size_bytes"], row["uid"]) for row in stored)
    theirs = _unique((each.message_id, each.size_bytes, each.uid) for each in summaries)
    return [(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()]


def _unique(entries: Iterable[tuple[str | None, int, int]]) -> dict[tuple[str, int], int]:
    """Map what tells a mail again to its number, where it tells only one."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for message_id, size_bytes, uid in entries:
        if message_id:
            found[(message_id, size_bytes)].append(uid)
    return {key: uids[0] for key, uids in found.items() if len(uids) == 1}
