"""POST /api/v1/webhooks/exotel/whatsapp-status: take WhatsApp delivery reports and messages and enqueue them.

Exotel sends both to one URL, in one array (reference/exotel.md, 6.4).
"""

from banxway.entrypoints.webhook import App, CallbackKind, ReceivedCallback, webhook


@webhook(kind=CallbackKind.WHATSAPP)
def handler(callback: ReceivedCallback, app: App) -> None:
    app.webhooks.intake.take(**callback._asdict())
