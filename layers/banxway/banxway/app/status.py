"""The services of the area status."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.status.configuration import Status
    from banxway.services.status.diagnosis.runner import Diagnosis
    from banxway.services.status.inbound_watch import InboundWatch
    from banxway.services.status.notifications import Notifications
    from banxway.services.status.overview import StatusOverview
    from banxway.services.status.reviews import Reviews


class StatusServices(Part):
    """Services of functions/status/."""

    @cached_property
    def reviews(self) -> "Reviews":
        from banxway.services.status.reviews import Reviews

        return Reviews(self._infrastructure.database, notifications=self.notifications)

    @cached_property
    def inbound_watch(self) -> "InboundWatch":
        from banxway.services.status.inbound_watch import InboundWatch

        return InboundWatch(self._infrastructure.database, notifications=self.notifications)

    @cached_property
    def notifications(self) -> "Notifications":
        from banxway.services.status.notifications import Notifications

        return Notifications(self._infrastructure.database, new_id=new_id)

    @cached_property
    def configuration(self) -> "Status":
        from banxway.services.status.configuration import Status

        return Status(self._infrastructure.database, environment=self._app.integrations.environment)

    @cached_property
    def overview(self) -> "StatusOverview":
        from banxway.services.status.overview import StatusOverview

        return StatusOverview(self._infrastructure.database, environment=self._app.integrations.environment)

    @cached_property
    def diagnosis(self) -> "Diagnosis":
        from banxway.app.diagnosis_target import deployment_of
        from banxway.services.status.diagnosis.runner import Diagnosis

        return Diagnosis(
            self._infrastructure.database,
            providers=self._infrastructure.providers,
            credentials=lambda: self._app.integrations.credentials,
            deployment=deployment_of(self._app),
            clock=self._infrastructure.clock,
        )
