"""Stored mail on its way into threads: read, find the customer, find the thread, file once.

    read       outside any transaction; attachments are stored before any row names them
    place      one transaction per batch: who wrote, which thread, which rows (mail_batches.py)
    act        rules, forwarding and vacation answers, in the same transaction

A batch that cannot be filed is filed mail by mail; a mail that cannot be is filed as a visible stub that says so.
Nothing here blocks the mail behind it.
"""

from collections.abc import Callable, Sequence

from banxway.errors import BanxwayError
from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.mail import ParsedMail
from banxway.services.email_sync.filing.automation import MailAutomation
from banxway.services.email_sync.filing.reader import MailReading, ReadMail, unreadable
from banxway.services.email_sync.filing.transaction import BatchFiled, MailBatches
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.mailbox_messages import UnfiledMail

__all__ = ["BatchFiled", "MailFiling"]


class MailFiling:
    """Files stored mail."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        parse: Callable[[bytes], ParsedMail],
        parse_header: Callable[[bytes], ParsedMail],
        automation: MailAutomation,
        new_id: NewId,
    ) -> None:
        self._reading = MailReading(blobs=blobs, parse=parse, parse_header=parse_header)
        self._batches = MailBatches(database, automation=automation, new_id=new_id)

    def file_batch(self, account: AccountRow, stored: Sequence[UnfiledMail]) -> BatchFiled:
        """Make messages of stored mails, in one transaction; the same mail again joins the first.

        `stored` are rows of mailbox_messages with their folder's `role`; one may carry its bytes as `raw`.
        A mail that stands in the way of its batch is filed alone. Raises Unavailable if the database is; then
        the mails that are not filed are filed by the next call.
        """
        mails = self._reading.read(account, stored)
        if not mails:
            return BatchFiled()
        try:
            return self._batches.file(account, mails)
        except Exception as error:
            if not _is_about_the_mail(error):
                raise
            get_logger().warning("a batch of mail is filed one by one", error=type(error).__name__)
        filed = BatchFiled()
        for mail in mails:
            filed += self._file_alone(account, mail)
        return filed

    def _file_alone(self, account: AccountRow, mail: ReadMail) -> BatchFiled:
        for attempt, automatic in ((mail, True), (mail, False), (unreadable(account, mail.stored), False)):
            try:
                return self._batches.file(account, [attempt], is_acted_upon=automatic)
            except Exception as error:
                if not _is_about_the_mail(error):
                    raise
                get_logger().error(
                    "a mail could not be filed", blob=mail.stored.raw_blob, error=type(error).__name__
                )
        return BatchFiled()


def _is_about_the_mail(error: Exception) -> bool:
    """Say whether an error may be due to what a mail says, rather than to the database.

    Of SQL's classes: 22 is data that no column takes, 23 what breaks a rule, 54 what is too large.
    """
    if not isinstance(error, BanxwayError):
        return True
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return sqlstate[:2] in ("22", "23", "54")
