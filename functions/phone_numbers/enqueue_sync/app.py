"""Every day: enqueue the sync of every active integration's phone numbers."""

from banxway.entrypoints.timer import App, timer


@timer
def handler(app: App) -> int:
    return app.integrations.rounds.enqueue_number_sync()
