"""Compares what the server has with what is stored, to prove completeness. Changes nothing on either side."""

from banxway.errors import ProviderRejected
from banxway.models.email_accounts.comparison import FolderComparison, MailboxComparison
from banxway.models.mail import FolderRole, FolderState
from banxway.providers.base import FolderReader, Mailbox
from banxway.services.email_sync.troubles import in_words, open_unlisted, synced_folders
from banxway.storage.database import Database
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages
from banxway.storage.email_sync.folders import FolderRow, Trouble
from banxway.storage.email_sync.mailbox_messages import FolderKey

_NAMED = 100


def compare(database: Database, account: AccountRow, mailbox: Mailbox) -> MailboxComparison:
    """Compare every folder that is synced, over `mailbox`, whose connection is closed at the end."""
    with database.organization(account.organization_id) as transaction:
        rows = {row.name: row for row in email_folders.list_of(transaction, account.id)}
    try:
        listed = mailbox.folders()
        found, troubles = open_unlisted(mailbox, account, rows, listed)
        folders = [
            _folder(database, account, mailbox, each) for each in synced_folders(account, [*listed, *found])
        ]
    finally:
        mailbox.close()
    folders += [_unread(each, _role_of(rows.get(each.folder))) for each in troubles]
    return MailboxComparison(is_complete=all(each.is_complete for each in folders), folders=folders)


def _folder(
    database: Database, account: AccountRow, mailbox: FolderReader, listed: FolderState
) -> FolderComparison:
    try:
        state = mailbox.open(listed.name)
    except ProviderRejected as error:
        return _unread(Trouble(listed.name, "refused", error.message, error.reason), listed.role)
    # The server is asked first: a mail that arrives in between is then stored but not listed, and never missing.
    on_server = set(mailbox.uids())
    folder_key = FolderKey(account.organization_id, account.id, listed.name, state.uid_validity)
    with database.organization(account.organization_id) as transaction:
        rows = {row.uid: row for row in mailbox_messages.list_states(transaction, folder_key)}
        unfound = mailbox_messages.count_unfound(transaction, folder_key)
    missing = sorted(on_server - rows.keys())
    gone = [uid for uid in rows if uid not in on_server]
    return FolderComparison(
        name=listed.name,
        role=listed.role,
        on_server=len(on_server),
        stored=len(on_server) - len(missing),
        missing=len(missing),
        missing_uids=missing[:_NAMED],
        not_visible=len(gone) + unfound,
        unfiled=sum(not row.is_filed for row in rows.values()),
        short=sum(row.is_short for uid, row in rows.items() if uid in on_server),
    )


def _unread(trouble: Trouble, role: FolderRole) -> FolderComparison:
    return FolderComparison(
        name=trouble.folder,
        role=role,
        on_server=0,
        stored=0,
        missing=0,
        missing_uids=[],
        not_visible=0,
        unfiled=0,
        short=0,
        problem=in_words(trouble),
        renamed_to=trouble.renamed_to,
    )


def _role_of(row: FolderRow | None) -> FolderRole:
    return FolderRole(row.role) if row else FolderRole.OTHER
