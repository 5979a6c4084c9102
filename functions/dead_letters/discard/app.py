"""POST /api/v1/settings/dead-letters/discard: end dead letters with a reason, without another attempt.

A message that still waits to be sent has failed then, with the reason.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.dead_letters.dead_letters import DeadLetterDiscard, DiscardResult


@endpoint(permission="dead_letters:settle", body=DeadLetterDiscard)
def handler(request: Request, app: App) -> Reply[DiscardResult]:
    return Reply(app.dead_letters.discard.discard(actor=request.actor, order=request.body))
