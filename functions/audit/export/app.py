"""GET /api/v1/settings/audit-logs/export: save audit entries as a CSV file, the newest first.

At most 50,000 entries, and as many as fit into one answer. `X-Truncated` says whether there are more;
`X-Next-Cursor` goes on behind the last.
"""

from banxway.entrypoints.http import App, File, Request, endpoint
from banxway.models.audit.audit import AuditExportQuery


@endpoint(permission="audit:view", query=AuditExportQuery)
def handler(request: Request, app: App) -> File:
    export = app.audit.export(actor=request.actor, query=request.query)
    return File(
        export.pieces,
        content_type="text/csv; charset=utf-8; header=present",
        filename="audit-log.csv",
    )
