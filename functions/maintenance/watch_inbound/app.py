"""Every hour: tell an admin of mailboxes and channels that are silent beyond what is likely."""

from banxway.entrypoints.timer import App, timer
from banxway.models.maintenance.sweeps import Reviewed


@timer
def handler(app: App) -> Reviewed:
    return app.inbound_watch.watch()
