"""Every day: review credentials, failed operations and mailboxes, and notify admins of what nobody has noticed."""

from banxway.entrypoints.timer import App, timer
from banxway.models.maintenance.sweeps import Reviewed


@timer
def handler(app: App) -> Reviewed:
    return app.status.reviews.review()
