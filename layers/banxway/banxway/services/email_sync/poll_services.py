"""The services and queues that every step of a poll may use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from banxway.providers.base import FolderReader
from banxway.services.email_sync.canaries import Canaries
from banxway.services.email_sync.failures import Failures
from banxway.services.email_sync.filing.filer import MailFiling
from banxway.services.integrations.credentials import Credentials
from banxway.services.messages.due_messages import DueMessages
from banxway.services.realtime.notices import ChangeNotices
from banxway.storage.blobs.store import BlobStore
from banxway.storage.email_accounts import AccountRow


class SentMailEvidence(Protocol):
    """Settles our mails whose outcome is unknown, by the mailbox's Sent folder."""

    def settle(self, *, account: AccountRow, mailbox: FolderReader) -> int:
        """Settle this mailbox's unknown mails that are due; return how many proved to be sent."""
        ...


@dataclass(frozen=True)
class PollServices:
    """What polls need of the app, handed down unchanged from the runner to the intake."""

    credentials: Credentials
    blobs: Callable[[], BlobStore]
    filing: MailFiling
    evidence: SentMailEvidence
    failures: Failures
    canaries: Canaries
    notices: ChangeNotices
    due_messages: DueMessages
