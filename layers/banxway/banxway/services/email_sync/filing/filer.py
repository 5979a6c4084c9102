"""Files stored mail into threads: parse it, find the customer, find the thread, file once.

    parse      outside any transaction; attachments are stored before any row names them (reader.py)
    file       one transaction per batch: who wrote, which thread, which rows (transaction.py)
    act        rules, forwarding and vacation answers, in the same transaction (automation.py)

A batch that cannot be filed is filed mail by mail. A mail that cannot be filed becomes a visible stub that says so.
No mail blocks those after it.
"""

from collections.abc import Sequence

from banxway.errors import BanxwayError
from banxway.log import get_logger
from banxway.services.email_sync.filing.reader import MailReading, ReadMail, unreadable
from banxway.services.email_sync.filing.transaction import BatchFiled, MailBatches
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.mailbox_messages import UnfiledMail


class MailFiling:
    """Files stored mail."""

    def __init__(self, *, reading: MailReading, batches: MailBatches) -> None:
        self._reading = reading
        self._batches = batches

    def file_batch(self, account: AccountRow, stored: Sequence[UnfiledMail]) -> BatchFiled:
        """Make messages of stored mails, in one transaction; a second copy of a mail makes no second message.

        `stored` are rows of mailbox_messages with their folder's `role`; a row may carry its bytes as `raw`. If the
        batch fails because of a mail, each of its mails is filed alone. Raises Unavailable if the database is
        unavailable; the next call then files the mails that were not filed.
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
    """Return whether an error may be due to a mail's content, rather than to the database.

    SQLSTATE classes: 22 is data that no column accepts, 23 a broken constraint, 54 a value that is too large.
    """
    if not isinstance(error, BanxwayError):
        return True
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return sqlstate[:2] in ("22", "23", "54")
