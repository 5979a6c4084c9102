"""POST /api/v1/webhooks/exotel/call-status: take a call's status from Exotel and enqueue it."""

from banxway.entrypoints.webhook import App, CallbackKind, ReceivedCallback, webhook


@webhook(kind=CallbackKind.CALL_STATUS)
def handler(callback: ReceivedCallback, app: App) -> None:
    app.webhooks.intake.take(**callback._asdict())
