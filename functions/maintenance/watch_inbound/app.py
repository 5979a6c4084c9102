"""Every hour: warn admins of mailboxes and channels that are silent for improbably long."""

from banxway.entrypoints.timer import App, timer
from banxway.models.maintenance.sweeps import Reviewed


@timer
def handler(app: App) -> Reviewed:
    return app.status.inbound_watch.watch()
