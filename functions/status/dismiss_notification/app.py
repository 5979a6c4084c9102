"""POST /api/v1/settings/notifications/{notification_id}/dismiss: close a notification that somebody has read."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.status.notifications import Notification


@endpoint(permission="integrations:configure", notifies=True)
def handler(request: Request, app: App) -> Reply[Notification]:
    notification_id = request.path.uuid("notification_id")
    return Reply(app.status.notifications.dismiss(actor=request.actor, notification_id=notification_id))
