"""GET /api/v1/settings/email-accounts/presets: list the hosts, ports and usual limits of known mail providers."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.email_accounts.presets import MailboxPreset


@endpoint(permission="email_accounts:view")
def handler(_request: Request, app: App) -> Reply[list[MailboxPreset]]:
    return listing(app.email_accounts.accounts.list_presets())
