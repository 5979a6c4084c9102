"""GET /api/v1/settings/encryption/rotation: show how far the rotation of the encryption key is."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.maintenance.rotations import RotationProgress


@endpoint(permission="encryption:rotate")
def handler(request: Request, app: App) -> Reply[RotationProgress]:
    return Reply(app.rotation.progress(actor=request.actor))
