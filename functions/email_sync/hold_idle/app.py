"""Queue of mailboxes with IDLE: hold IDLE on one mailbox for a while, and poll it when there is news.

Early, late and repeated items are harmless: only one worker at a time leases the mailbox.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import IdleDue


@worker(item=IdleDue)
def handler(due: IdleDue, app: App) -> None:
    app.email_sync.sync.hold_idle(organization_id=due.organization_id, account_id=due.account_id)
