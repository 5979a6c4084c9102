"""POST /api/v1/settings/email-rules/dry-run: show which mail of the last days a rule would have fired for, and why.

Nothing is changed. The newest 1,000 mails are looked at, for at most 5 seconds.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_rules.traces import DryRun, DryRunResult


@endpoint(permission="email_rules:view", body=DryRun)
def handler(request: Request, app: App) -> Reply[DryRunResult]:
    return Reply(app.rule_trials.dry_run(actor=request.actor, trial=request.body))
