"""Queue of due integrations: test stored credentials, or fetch an account's numbers again.

A failing test leaves the integration unverified and notifies once; repetitions are harmless.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import IntegrationDue


@worker(item=IntegrationDue)
def handler(due: IntegrationDue, app: App) -> None:
    app.integrations.upkeep.maintain(due)
