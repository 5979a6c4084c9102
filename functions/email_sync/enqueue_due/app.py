"""Every minute: enqueue every mailbox that is due within the next minute."""

from banxway.entrypoints.timer import App, timer


@timer
def handler(app: App) -> int:
    return app.email_sync.sync.enqueue_due()
