"""Finding the same mails again when a folder has a new UIDVALIDITY, and with it new UIDs for everything.

Every mail is fetched again, and what has the very bytes of a mail whose number is gone is that mail: nothing is
parsed or filed twice. Message-ID and size would save the fetching, and lose a mail wherever two share both and one
of them is gone. What is not found is new here; what is never found again stays, and is not visible.
"""

from collections import defaultdict
from collections.abc import Sequence

from banxway.storage.database import Transaction
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages
from banxway.storage.email_sync.mailbox_messages import FolderKey, TakenMail


def renumber(transaction: Transaction, place: FolderKey) -> None:
    """Forget the numbers of a folder's mails, since they hold no more; the mails wait to be found again."""
    mailbox_messages.forget_numbers(transaction, place)
    email_folders.renumber(
        transaction, account_id=place.account_id, folder=place.folder, uid_validity=place.uid_validity
    )


def without_found(transaction: Transaction, place: FolderKey, taken: Sequence[TakenMail]) -> list[TakenMail]:
    """Return those mails that are not, byte by byte, mails whose number is gone; the latter get theirs here."""
    blobs = [blob for mail in taken if (blob := mail.raw_blob or mail.header_blob)]
    waiting: dict[str, list[int]] = defaultdict(list)
    for row in mailbox_messages.find_unfound(transaction, place, blobs) if blobs else ():
        waiting[row.blob].append(row.uid)
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
