"""Every 30 days: archive audit entries older than 90 days outside the database.

They stay in the table. An interrupted run is continued by the next one; nothing is archived twice.
"""

from banxway.entrypoints.timer import App, timer
from banxway.models.audit.archives import Archived


@timer
def handler(app: App) -> Archived:
    return app.audit.archive.archive_old()
