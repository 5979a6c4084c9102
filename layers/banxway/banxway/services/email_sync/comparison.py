"""What the server has, against what is stored: the audit of completeness. Changes nothing on either side."""

from banxway.models.mail import FolderState
from banxway.models.mail_comparison import FolderComparison, MailboxComparison
from banxway.providers.base import Mailbox
from banxway.services.email_sync.poll import chosen
from banxway.storage import mailbox_messages
from banxway.storage.database import Database, Row
from banxway.storage.mailbox_messages import Place

_NAMED = 100


def compare(database: Database, account: Row, mailbox: Mailbox) -> MailboxComparison:
    """Compare every synced folder, over a connection of its own that is closed at the end."""
    try:
        folders = [_folder(database, account, mailbox, each) for each in chosen(account, mailbox.folders())]
    finally:
        mailbox.close()
    return MailboxComparison(is_complete=all(each.is_complete for each in folders), folders=folders)


def _folder(database: Database, account: Row, mailbox: Mailbox, listed: FolderState) -> FolderComparison:
    state = mailbox.open(listed.name)
    # The server first: what arrives and is stored in between is then stored beyond its set, never missing.
    on_server = set(mailbox.uids())
    place = Place(account["organization_id"], account["id"], listed.name, state.uid_validity)
    with database.organization(account["organization_id"]) as transaction:
        rows = {row["uid"]: row for row in mailbox_messages.list_states(transaction, place)}
        unfound = mailbox_messages.count_unfound(transaction, place)
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
        unfiled=sum(not row["is_filed"] for row in rows.values()),
    )
