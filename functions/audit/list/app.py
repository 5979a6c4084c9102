"""GET /api/v1/settings/audit-logs: list audit entries, newest first."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.audit.audit import AuditEntry, AuditQuery


@endpoint(permission="audit:view", query=AuditQuery)
def handler(request: Request, app: App) -> Reply[list[AuditEntry]]:
    return page(app.audit.trail.list_page(actor=request.actor, query=request.query))
