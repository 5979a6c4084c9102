"""Every 7 days: enqueue the verification of every active integration."""

from banxway.entrypoints.timer import App, timer


@timer
def handler(app: App) -> int:
    return app.integrations.rounds.enqueue_verification()
