"""GET /api/v1/settings/diagnostics: find what is wrong, with evidence, cause and fix, one entry per root cause.

Asks Exotel, mail servers, queues and this API's own public address; contacts no customer and changes nothing.
With `group`, only what this group is about is asked: to test a repair again.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.status.diagnosis import Diagnosis, DiagnosisQuery


@endpoint(permission="diagnostics:view", query=DiagnosisQuery)
def handler(request: Request, app: App) -> Reply[Diagnosis]:
    return Reply(app.status.diagnosis.run(actor=request.actor, group=request.query.group))
