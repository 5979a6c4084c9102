"""By hand, after the key has changed: start the rotation of every organization.

Repeating it is harmless: a rotation under way continues.
"""

from typing import Any

from banxway.entrypoints.deployment import App, deployment


@deployment
def handler(app: App) -> dict[str, Any]:
    return app.maintenance.rotation.start_everywhere()
