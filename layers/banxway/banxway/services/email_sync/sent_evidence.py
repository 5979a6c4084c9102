"""Settles mails whose outcome is unknown: a Message-ID in the Sent folder proves that the mail left.

Providers such as Zoho file their own copy of what is submitted by SMTP (reference/mail.md, 9). So a mail whose
answer was lost is searched for by its Message-ID, over the connection that a poll has open anyway, at growing
intervals: 10 s, 20 s, 40 s … for about a day. If it is found, it was sent. If not, nothing is proved, since a server
may file late or never: the mail stays unknown, is shown with advice, and is never sent again without a person.
"""

from uuid import UUID

from banxway.models.mail import FolderRole
from banxway.providers.base import FolderReader
from banxway.storage.database import Database
from banxway.storage.email_accounts import AccountRow
from banxway.storage.messages import ledger
from banxway.storage.messages import unknown as unknown_mails
from banxway.storage.messages.unknown import UnknownMail
from banxway.storage.realtime import changes

_AT_ONCE = 20
_ADVICE = (
    "It is not in the mailbox's Sent folder, so it was probably not accepted. Ask the recipient or look in the "
    "mail provider's own log; if it did not arrive, send it again"
)
_NO_SENT_FOLDER = "The mailbox has no Sent folder to look in. Ask the recipient before sending it again"


class SentEvidence:
    """Settles the unknown mails of a mailbox by its Sent folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settle(self, *, account: AccountRow, mailbox: FolderReader) -> int:
        """Search for this mailbox's unknown mails that are due; return how many proved to be sent.

        Costs one query and nothing on the server while none is due. Opens the Sent folder, so another folder must be
        opened again afterwards. Each mail is settled in a transaction of its own, which records its change; the
        caller notifies the browsers. Raises ProviderError as the mailbox does.
        """
        with self._database.organization(account.organization_id) as transaction:
            due = unknown_mails.due_for_a_look(transaction, account_id=account.id, limit=_AT_ONCE)
        if not due:
            return 0
        folders = [folder.name for folder in mailbox.folders() if folder.role == FolderRole.SENT]
        found = 0
        for mail in due:
            is_sent = any(mailbox.find(name, message_id=mail.mail_message_id) for name in folders)
            found += self._record(mail, is_sent=is_sent, advice=_ADVICE if folders else _NO_SENT_FOLDER)
        return found

    def _record(self, mail: UnknownMail, *, is_sent: bool, advice: str) -> bool:
        """Record what one search showed; return whether it settled the mail."""
        organization_id: UUID = mail.organization_id
        with self._database.organization(organization_id) as transaction:
            if is_sent:
                has_changed = ledger.settle_sent(transaction, mail.id)
            else:
                has_changed = unknown_mails.record_look(transaction, mail.id, advice=advice)
            if has_changed:
                changes.record(
                    transaction,
                    organization_id=organization_id,
                    kind="message.status",
                    thread_id=mail.thread_id,
                    message_id=mail.id,
                )
        return is_sent and has_changed
