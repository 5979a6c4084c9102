"""Finds the same mails again when a folder has a new UIDVALIDITY, and so new UIDs for all its mails.

Every mail is fetched again. A mail with exactly the bytes of one that lost its UID is that mail, so nothing is parsed
or filed twice. Comparing Message-ID and size would save the fetching, but lose a mail if two share both and one of
them is gone. A mail that matches none is new; a mail that is never found again stays stored and invisible.
"""

from collections import defaultdict
from collections.abc import Sequence

from banxway.storage.database import Transaction
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages
from banxway.storage.email_sync.mailbox_messages import FolderKey, TakenMail


def renumber(transaction: Transaction, folder_key: FolderKey) -> None:
    """Detach a folder's mails from their UIDs, which are invalid now; the mails wait to be found again."""
    mailbox_messages.forget_numbers(transaction, folder_key)
    email_folders.renumber(
        transaction,
        account_id=folder_key.account_id,
        folder=folder_key.folder,
        uid_validity=folder_key.uid_validity,
    )


def without_found(
    transaction: Transaction, folder_key: FolderKey, taken: Sequence[TakenMail]
) -> list[TakenMail]:
    """Give mails that lost their UID the new one of the mail with equal bytes; return the mails that match none."""
    blobs = [blob for mail in taken if (blob := mail.raw_blob or mail.header_blob)]
    waiting: dict[str, list[int]] = defaultdict(list)
    for row in mailbox_messages.find_unfound(transaction, folder_key, blobs) if blobs else ():
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
    mailbox_messages.give_numbers(transaction, folder_key, pairs)
    return new
