"""Every deployment: bring the database to this release's schema."""

from typing import Any

from banxway.entrypoints.deployment import App, deployment


@deployment
def handler(app: App) -> dict[str, Any]:
    return app.platform.migrate()
