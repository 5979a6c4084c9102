"""Every minute: find work that a crash left behind, and start it again."""

from banxway.entrypoints.timer import App, timer
from banxway.models.maintenance.sweeps import Swept


@timer
def handler(app: App) -> Swept:
    return app.maintenance.sweep.sweep()
