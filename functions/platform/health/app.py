"""GET /health: check the database and show which migrations it has.

Answers 503 while the database does not work; also served at /api/v1/health.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.status.configuration import Health


@endpoint(public=True)
def handler(_request: Request, app: App) -> Reply[Health]:
    health = app.platform.check_health()
    return Reply(health, is_success=health.works, status=200 if health.works else 503)
