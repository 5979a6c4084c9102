"""What the diagnosis knows of this deployment, and the ways to ask about it."""

from typing import TYPE_CHECKING

from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.app import App
    from banxway.services.status.diagnosis.deployment import Deployment


def deployment_of(app: "App") -> "Deployment":
    """Return the deployment as its settings describe it; nothing is asked or opened yet."""
    from banxway.providers.web import fetch
    from banxway.services.status.diagnosis.deployment import Deployment

    settings = app.infrastructure.settings
    return Deployment(
        webhook_base_url=settings.webhook_base_url,
        has_webhook_secret=bool(settings.webhook_secret),
        demands_signature=bool(settings.exotel_signature_secret),
        allows_private=settings.allow_private_hosts,
        queue_urls=_queue_urls(settings),
        fetch=fetch,
        measure=app.infrastructure.queues.measure,
        check_epoch=lambda: app.messages.ledger_epoch.require_current(),
        environment=app.integrations.environment,
    )


def _queue_urls(settings: Settings) -> dict[str, str | None]:
    from banxway.models.queue_items import queues

    return {name: settings.queue_urls.get(name) for name in queues()}
