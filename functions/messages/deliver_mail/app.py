"""Queue of due mails: deliver one mail that waits in the ledger.

Repeated items are harmless: only one worker claims the row.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.messages.delivering import LONGEST_HAND_OVER_S
from banxway.models.queue_items import MailDue


@worker(item=MailDue, needs_s=LONGEST_HAND_OVER_S)
def handler(due: MailDue, app: App) -> None:
    app.messages.deliver.deliver(organization_id=due.organization_id, message_id=due.message_id)
