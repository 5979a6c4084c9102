"""The services of the area audit."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.audit.anchors import AuditAnchors
    from banxway.services.audit.archive import AuditArchive
    from banxway.services.audit.trail import AuditTrail
    from banxway.services.audit.verification import AuditVerifier


class AuditServices(Part):
    """Services of functions/audit/."""

    @cached_property
    def trail(self) -> "AuditTrail":
        from banxway.services.audit.trail import AuditTrail

        return AuditTrail(self._infrastructure.database)

    @cached_property
    def anchors(self) -> "AuditAnchors":
        from banxway.services.audit.anchors import AuditAnchors

        return AuditAnchors(
            self._infrastructure.database,
            blobs=lambda: self._infrastructure.blobs,
            notifications=self._app.status.notifications,
        )

    @cached_property
    def verification(self) -> "AuditVerifier":
        from banxway.services.audit.verification import AuditVerifier

        return AuditVerifier(
            self._infrastructure.database,
            blobs=lambda: self._infrastructure.blobs,
            anchors=self.anchors,
            clock=self._infrastructure.clock,
        )

    @cached_property
    def archive(self) -> "AuditArchive":
        from banxway.services.audit.archive import AuditArchive

        return AuditArchive(
            self._infrastructure.database,
            blobs=lambda: self._infrastructure.blobs,
            clock=self._infrastructure.clock,
            new_id=new_id,
        )
