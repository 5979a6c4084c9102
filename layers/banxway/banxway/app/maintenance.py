"""The services of the area maintenance."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part

if TYPE_CHECKING:
    from banxway.services.maintenance.rotation import Rotation
    from banxway.services.maintenance.sweep import Maintenance


class MaintenanceServices(Part):
    """Services of functions/maintenance/."""

    @cached_property
    def sweep(self) -> "Maintenance":
        from banxway.services.maintenance.sweep import Maintenance

        return Maintenance(
            self._infrastructure.database,
            epoch=self._app.messages.ledger_epoch,
            anchors=self._app.audit.anchors,
            rotation=self.rotation,
            uploads=self._app.messages.uploads,
            due_messages=self._app.messages.due_messages,
            in_flight=self._app.messages.in_flight,
            enqueue_changes=self._infrastructure.enqueue,
        )

    @cached_property
    def rotation(self) -> "Rotation":
        from banxway.services.maintenance.rotation import Rotation

        return Rotation(
            self._infrastructure.database,
            envelope=lambda: self._infrastructure.envelope,
            blobs=lambda: self._infrastructure.blobs,
            enqueue=self._infrastructure.enqueue,
            clock=self._infrastructure.clock,
        )
