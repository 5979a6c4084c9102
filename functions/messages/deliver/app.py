"""Queue of due messages: deliver one message that waits in the ledger, but no mail.

Repeated items are harmless: only one worker claims the row.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.messages.delivering import LONGEST_HAND_OVER_S
from banxway.models.queue_items import MessageDue


@worker(item=MessageDue, needs_s=LONGEST_HAND_OVER_S)
def handler(due: MessageDue, app: App) -> None:
    app.messages.deliver.deliver(organization_id=due.organization_id, message_id=due.message_id)
