"""GET /api/v1/settings/audit-logs/export: export audit entries as a CSV file, newest first.

Returns at most 50,000 entries, fewer where they do not fit into one answer. `X-Truncated` says whether there are
more; `X-Next-Cursor` continues after the last.
"""

from banxway.entrypoints.http import App, File, Request, endpoint
from banxway.models.audit.audit import AuditExportQuery


@endpoint(permission="audit:view", query=AuditExportQuery)
def handler(request: Request, app: App) -> File:
    export = app.audit.trail.export(actor=request.actor, query=request.query)
    return File(
        export.pieces,
        content_type="text/csv; charset=utf-8; header=present",
        filename="audit-log.csv",
    )
