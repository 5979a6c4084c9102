"""POST /api/v1/webhooks/exotel/call-status: take Exotel's word on a call and queue it."""

from banxway.entrypoints.webhook import App, CallbackKind, ReceivedCallback, webhook


@webhook(kind=CallbackKind.CALL_STATUS)
def handler(callback: ReceivedCallback, app: App) -> None:
    app.callback_intake.take(**callback._asdict())
