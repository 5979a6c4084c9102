"""POST /api/v1/settings/encryption/rotate: bring everything encrypted under the current key.

A rotation under way continues. Nothing is paused: stored content stays readable throughout.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.maintenance.rotations import RotationProgress


@endpoint(permission="encryption:rotate")
def handler(request: Request, app: App) -> Reply[RotationProgress]:
    return Reply(app.maintenance.rotation.start(actor=request.actor), message="Rotation started", status=202)
