"""GET /api/v1/settings/encryption/rotation: show the progress of the key rotation."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.maintenance.rotations import RotationProgress


@endpoint(permission="encryption:rotate")
def handler(request: Request, app: App) -> Reply[RotationProgress]:
    return Reply(app.maintenance.rotation.progress(actor=request.actor))
