"""POST /api/v1/settings/dead-letters/redrive: put dead letters into their queue again, or show what that would do.

`dry_run` is true unless you say otherwise. A message is never sent twice, however often it is redriven.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.dead_letters.dead_letters import DeadLetterRedrive, RedriveResult


@endpoint(permission="dead_letters:settle", body=DeadLetterRedrive)
def handler(request: Request, app: App) -> Reply[RedriveResult]:
    return Reply(app.dead_letters.redrive.redrive(actor=request.actor, order=request.body))
