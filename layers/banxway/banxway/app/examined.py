"""What the diagnosis is told of this deployment, and the ways to ask about it."""

from dataclasses import fields
from typing import TYPE_CHECKING

from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.app import App
    from banxway.services.status.diagnosis.deployment import Deployment

_QUEUE = "_queue_url"


def deployment_of(app: "App") -> "Deployment":
    """Return the deployment as its settings describe it; nothing is asked or opened yet."""
    from banxway.providers.web import fetch
    from banxway.services.status.diagnosis.deployment import Deployment

    settings = app.settings
    return Deployment(
        webhook_base_url=settings.webhook_base_url,
        has_webhook_secret=bool(settings.webhook_secret),
        demands_signature=bool(settings.exotel_signature_secret),
        allows_private=settings.allow_private_hosts,
        queue_urls=_queue_urls(settings),
        fetch=fetch,
        measure=app.queues.measure,
        check_epoch=lambda: app.ledger_epoch.require_current(),
        environment=app.environment_integrations,
    )


def _queue_urls(settings: Settings) -> dict[str, str | None]:
    names = [each.name for each in fields(settings) if each.name.endswith(_QUEUE)]
    return {name.removesuffix(_QUEUE): getattr(settings, name) for name in names}
