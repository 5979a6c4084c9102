"""POST /api/v1/settings/email-rules/dry-run: show which recent mails a rule would have fired for, and why.

Changes nothing. Looks at the newest 1,000 mails, for at most 5 seconds.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_rules.traces import DryRun, DryRunResult


@endpoint(permission="email_rules:view", body=DryRun)
def handler(request: Request, app: App) -> Reply[DryRunResult]:
    return Reply(app.email_rules.dry_run.dry_run(actor=request.actor, trial=request.body))
