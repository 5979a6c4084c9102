"""Every minute: find what a crash left behind and set it going again."""

from banxway.entrypoints.timer import App, timer
from banxway.models.maintenance.sweeps import Swept


@timer
def handler(app: App) -> Swept:
    return app.maintenance.sweep()
