"""Queue of due mailboxes: poll the mailboxes that are due.

Early, late and repeated items are harmless: each mailbox's row decides whether it is polled.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import MailboxesDue


@worker(item=MailboxesDue)
def handler(due: MailboxesDue, app: App) -> None:
    app.email_sync.sync.poll_due(due)
