"""GET /api/v1/settings/notifications: list what needs an admin's attention, newest first."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.status.notifications import Notification, NotificationQuery


@endpoint(permission="status:view", query=NotificationQuery)
def handler(request: Request, app: App) -> Reply[list[Notification]]:
    return page(app.status.notifications.list_page(actor=request.actor, query=request.query))
