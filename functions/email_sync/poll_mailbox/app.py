"""Queue of due mailboxes: poll one mailbox that has fallen due.

Early, late and repeated items are harmless: the mailbox's row decides.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import MailboxDue


@worker(item=MailboxDue)
def handler(due: MailboxDue, app: App) -> None:
    app.email_sync.poll_due(organization_id=due.organization_id, account_id=due.account_id)
