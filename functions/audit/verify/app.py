"""GET /api/v1/settings/audit-logs/verify: verify that nobody has changed the audit trail.

Every hash is computed again and compared with its neighbours, the archives and the anchor outside the database.
`first_bad_sequence` is the first entry that is missing, altered or out of order; `reason` says which. A long trail is
verified in pieces: `next_cursor` continues after the last entry that was checked.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.audit.audit import AuditVerification, AuditVerificationQuery


@endpoint(permission="audit:view", query=AuditVerificationQuery)
def handler(request: Request, app: App) -> Reply[AuditVerification]:
    return Reply(app.audit.verification.verify(actor=request.actor, cursor=request.query.cursor))
