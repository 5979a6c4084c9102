"""By hand, after a restore: let messages go out again from a restored database.

Until then nothing is sent: the restored ledger does not know what was sent after its backup was made.
"""

from typing import Any

from banxway.entrypoints.deployment import App, deployment


@deployment
def handler(app: App) -> dict[str, Any]:
    return app.messages.ledger_epoch.adopt()
